package io.narwhal.transfer;

import java.util.List;

/** What a manager says to an agent. Wire form: src/main/protobuf, transfer.proto. */
public sealed interface FromManager {
    /**
     * Answer to hello.
     *
     * @param manager name of its node
     * @param instance identity of its store
     * @param saved of each store of a stream that it remembers; the current one of a stream first
     * @param lastTxn the greatest transmission number that it has saved
     */
    record Open(
            String manager,
            int version,
            String instance,
            Journal journal,
            List<Saved> saved,
            long lastTxn)
            implements FromManager {
        public Open {
            saved = List.copyOf(saved);
        }
    }

    /** When it wants to be asked to pull. */
    record SetThresholds(long policyVersion, Thresholds thresholds) implements FromManager {}

    /** Pulls: credit for so much. */
    record ProvideAccountingData(long pull, long maxRecords, long maxBytes)
            implements FromManager {}

    /** Everything up to this transmission number is received and saved. */
    record Acknowledge(long txn, long digest) implements FromManager {}

    /** A possible duplicate was dropped, or counted. */
    record Resolved(StreamId stream, long epoch, long from, long through) implements FromManager {}

    /** It is there. */
    record Status() implements FromManager {}

    /** Something is wrong. */
    record Trouble(Code code, String detail, long retryAfterMs) implements FromManager {}

    /** The last word. */
    record Close(String reason) implements FromManager {}
}
