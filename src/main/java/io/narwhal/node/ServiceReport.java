package io.narwhal.node;

import io.narwhal.base.ServiceManager;
import io.narwhal.component.Phase;

import java.util.ArrayList;
import java.util.List;

/**
 * What the service manager is told: that the node is ready, how it fares, that its manager is alive
 * and that it stops. It speaks when the supervision loop calls it and at no other time, so that a
 * loop that hangs falls silent and is restarted.
 */
final class ServiceReport {
    /**
     * A node whose components do not all run yet is called ready after this time all the same: it
     * holds its sockets, and whoever waits for the service would wait for a table that is missing.
     */
    static final long READY_MS_MAX = 60_000;

    private static final int WATCHDOG_SHARE = 4; // it is told so often in the time that it grants
    private static final int STATUS_CHARS_MAX = 200;

    private final ServiceManager services;
    private final long beganMs;
    private long aliveMs;
    private boolean saidReady;
    private String said = "";

    ServiceReport(ServiceManager services, long nowMs) {
        this.services = services;
        this.beganMs = nowMs;
        this.aliveMs = nowMs;
    }

    /**
     * Tells what is new, and in any case often enough that we are alive.
     *
     * @param ready whether every component runs
     * @param status for people: one line is made of it
     */
    void look(long nowMs, boolean ready, String status) {
        if (!services.isPresent()) {
            return;
        }
        boolean readyNow = !saidReady && (ready || nowMs - beganMs >= READY_MS_MAX);
        String line = oneLine(status);
        List<String> lines = new ArrayList<>();
        if (readyNow) {
            lines.add("READY=1");
        }
        if (!line.equals(said)) {
            lines.add("STATUS=" + line);
        }
        boolean alive = isWatchdogDue(nowMs);
        if (alive) {
            lines.add("WATCHDOG=1");
        }
        if (!lines.isEmpty() && services.notify(String.join("\n", lines))) {
            saidReady |= readyNow;
            said = line;
            aliveMs = alive ? nowMs : aliveMs;
        }
    }

    private boolean isWatchdogDue(long nowMs) {
        return services.watchdogMs() > 0
                && nowMs - aliveMs >= services.watchdogMs() / WATCHDOG_SHARE;
    }

    /** Says that the node stops in order, before it does. */
    void stopping() {
        services.notify("STOPPING=1\nSTATUS=stopping");
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() <= STATUS_CHARS_MAX ? line : line.substring(0, STATUS_CHARS_MAX) + "…";
    }

    /** What the components do, in a line. */
    static String describe(List<Member> members, boolean draining) {
        long running = members.stream().filter(ServiceReport::runs).count();
        var text = new StringBuilder(draining ? "draining; " : "");
        text.append(running < members.size() ? running + " of " : "")
                .append(members.size())
                .append(members.size() == 1 ? " component runs" : " components run");
        for (Member member : members) {
            if (!runs(member)) {
                String message = member.page().message();
                text.append("; ").append(member.name()).append(": ").append(member.phase().label());
                text.append(message.isEmpty() ? "" : ": " + message);
            }
        }
        return text.toString();
    }

    private static boolean runs(Member member) {
        return member.phase() == Phase.RUNNING;
    }
}
