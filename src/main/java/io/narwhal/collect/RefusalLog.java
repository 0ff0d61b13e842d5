package io.narwhal.collect;

import io.narwhal.base.Clock;
import io.narwhal.radius.Client;
import io.narwhal.record.Addresses;
import io.narwhal.record.Reason;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells the operator which packets are refused, and what to do: the first at once, then a summary
 * every {@link #EVERY_NANOS}, so that a flood fills no log. One thread at a time.
 */
final class RefusalLog {
    /** Time between two summaries. */
    static final long EVERY_NANOS = 10_000_000_000L;

    /** Lines of a summary at the most, but for the one that says how much is left out. */
    static final int LINES_MAX = 10;

    /** Sources and reasons told apart in one summary. */
    static final int KEYS_MAX = 1_000;

    private final Consumer<String> lines;
    private final Clock clock;
    // What was refused since the last summary.
    private final Map<Key, Long> packets = new LinkedHashMap<>();
    private long packetsOfOthers;
    private boolean hasTold;
    private long toldNanos;

    private record Key(long high, long low, Reason reason, String client) {}

    RefusalLog(Consumer<String> lines, Clock clock) {
        this.lines = lines;
        this.clock = clock;
    }

    /** Notes what a batch refused. */
    void add(RequestBatch batch) {
        for (int i = 0; i < batch.notes(); i++) {
            RequestBatch.Note note = batch.note(i);
            Client client = note.client();
            var key =
                    new Key(
                            note.high(),
                            note.low(),
                            note.reason(),
                            client == null ? "" : client.name());
            if (packets.size() < KEYS_MAX || packets.containsKey(key)) {
                packets.merge(key, note.packets(), Long::sum);
            } else {
                packetsOfOthers += note.packets();
            }
        }
    }

    /** Tells what there is to tell, if it is time. */
    void tell() {
        if (packets.isEmpty() || hasTold && clock.monotonicNanos() - toldNanos < EVERY_NANOS) {
            return;
        }
        hasTold = true;
        toldNanos = clock.monotonicNanos();
        List<Map.Entry<Key, Long>> most = new ArrayList<>(packets.entrySet());
        most.sort(Map.Entry.<Key, Long>comparingByValue(Comparator.reverseOrder()));
        most.stream().limit(LINES_MAX).forEach(one -> lines.accept(line(one)));
        long left = packetsOfOthers;
        left += most.stream().skip(LINES_MAX).mapToLong(Map.Entry::getValue).sum();
        if (left > 0) {
            lines.accept("other addresses: " + left + " packets refused; narwhal audit has them");
        }
        packets.clear();
        packetsOfOthers = 0;
    }

    private static String line(Map.Entry<Key, Long> refused) {
        Key key = refused.getKey();
        long count = refused.getValue();
        return Addresses.text(key.high, key.low)
                + ": "
                + count
                + (count == 1 ? " packet " : " packets ")
                + what(key)
                + " ("
                + key.reason.label()
                + ")";
    }

    private static String what(Key key) {
        return switch (key.reason) {
            case UNKNOWN_CLIENT ->
                    "refused, as this address is no client; add it to the collector's clients, or"
                            + " find out who sends there";
            case BAD_AUTHENTICATOR ->
                    "not signed with the secret of client "
                            + key.client
                            + "; check the secret on both sides";
            case NOT_ACCOUNTING ->
                    "of client "
                            + key.client
                            + " refused, as they are no accounting requests; let it send those"
                            + " alone to this port";
            default ->
                    "of client "
                            + key.client
                            + " refused: "
                            + key.reason.description()
                            + "; look for a defect of the device";
        };
    }
}
