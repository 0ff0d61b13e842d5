package io.narwhal.cli;

import io.narwhal.inspect.WaitingFlows;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Flows that wait for sessions, as the audit tells of them. */
final class WaitingText {
    private WaitingText() {}

    /** For people. */
    static String line(WaitingFlows waiting) {
        return "Waiting: "
                + waiting.datagrams()
                + " of these of "
                + waiting.lane()
                + ", since "
                + AuditCommand.time(waiting.oldestMicros())
                + ", for sessions up to "
                + AuditCommand.time(waiting.untilMicros())
                + "; radius collector "
                + waiting.collector()
                + (waiting.atMicros() == 0
                        ? " has told of nothing yet."
                        : " is at " + AuditCommand.time(waiting.atMicros()) + ".");
    }

    /** All of them together, and by lane. */
    static Map<String, @Nullable Object> json(List<WaitingFlows> waiting) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("datagrams", waiting.stream().mapToLong(WaitingFlows::datagrams).sum());
        json.put(
                "oldest",
                AuditCommand.time(
                        waiting.stream().mapToLong(WaitingFlows::oldestMicros).min().orElse(0)));
        json.put("lanes", waiting.stream().map(WaitingText::json).toList());
        return json;
    }

    private static Map<String, @Nullable Object> json(WaitingFlows waiting) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("lane", waiting.lane());
        json.put("datagrams", waiting.datagrams());
        json.put("oldest", AuditCommand.time(waiting.oldestMicros()));
        json.put("until", AuditCommand.time(waiting.untilMicros()));
        json.put("collector", waiting.collector());
        json.put("collector_at", AuditCommand.time(waiting.atMicros()));
        return json;
    }
}
