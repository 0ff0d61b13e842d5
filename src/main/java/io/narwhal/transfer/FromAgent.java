package io.narwhal.transfer;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/** What an agent says to a manager. Wire form: src/main/protobuf, transfer.proto. */
public sealed interface FromAgent {
    /** First on every link. */
    record Hello(
            String agent,
            int version,
            long capacityBytes,
            List<Stream> streams,
            long lastTxn,
            String configId)
            implements FromAgent {
        public Hello {
            streams = List.copyOf(streams);
        }
    }

    /** Answer to open. */
    record Opened(List<Resumption> streams) implements FromAgent {
        public Opened {
            streams = List.copyOf(streams);
        }
    }

    /** Answer to the thresholds. */
    record ThresholdsResult(long policyVersion, boolean accepted, String why)
            implements FromAgent {}

    /** Asks to be pulled. */
    record PullRequest(Set<Reason> reasons, Occupancy held, String detail) implements FromAgent {
        public PullRequest {
            reasons = Set.copyOf(reasons);
        }
    }

    /**
     * Data, or what cannot be had.
     *
     * @param txn transmission number, one above the one before
     * @param incarnation writer of the first frame
     * @param resent whether it was sent before
     * @param possibleDuplicateOf the manager of the group that may have it (with a gap: that has
     *     it); empty: none
     * @param frames as in {@link Slice.Frames}; empty for a gap
     * @param digest of all frames on this link, these included
     * @param gap why the stretch has no frames; empty when it has
     */
    record AccountingData(
            long txn,
            StreamId stream,
            long epoch,
            long incarnation,
            long from,
            long through,
            long firstSequence,
            long lastSequence,
            long items,
            long records,
            boolean resent,
            String possibleDuplicateOf,
            ByteBuffer frames,
            long digest,
            String gap)
            implements FromAgent {
        /** The same with its digest. */
        AccountingData signed(long sum) {
            return new AccountingData(
                    txn,
                    stream,
                    epoch,
                    incarnation,
                    from,
                    through,
                    firstSequence,
                    lastSequence,
                    items,
                    records,
                    resent,
                    possibleDuplicateOf,
                    frames,
                    sum,
                    gap);
        }

        /** Whether nothing is missing although there are no frames: another manager has them. */
        public boolean elsewhere() {
            return !gap.isEmpty() && !possibleDuplicateOf.isEmpty();
        }
    }

    /** The pull is answered. */
    record EndOfData(long pull, long lastTxn, Occupancy remaining, boolean standby)
            implements FromAgent {}

    /** What became of a possible duplicate. */
    record Resolve(StreamId stream, long epoch, long from, long through, boolean duplicate)
            implements FromAgent {}

    /** How it stands; also says that it is there. */
    record Status(Occupancy held) implements FromAgent {}

    /** Something is wrong. */
    record Trouble(Code code, String detail, long retryAfterMs) implements FromAgent {}

    /** The last word. */
    record Close(String reason) implements FromAgent {}
}
