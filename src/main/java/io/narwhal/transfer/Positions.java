package io.narwhal.transfer;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.List;

/**
 * What a manager has of the agent of one link: of each stream the epoch, the position and who wrote
 * it. A fold over what was appended, so that a scan of the journal's origins gives the same as the
 * appending did.
 */
public final class Positions {
    /** Writers that are remembered of one stream: the newest. */
    public static final int LINEAGE_MAX = 64;

    /** Streams of one agent. */
    public static final int STREAMS_MAX = 1_024;

    /** Nothing. */
    public Positions() {}

    /**
     * A stretch was appended. Another epoch begins anew; a position before the end of what is there
     * cuts it (histories have parted).
     */
    public void appended(
            StreamId stream, long epoch, long incarnation, long from, long through, long txn) {
        throw new UnsupportedOperationException();
    }

    /** Everything that is saved, in order of the ids. */
    public List<Saved> saved() {
        throw new UnsupportedOperationException();
    }

    /** The greatest transmission number. */
    public long lastTxn() {
        throw new UnsupportedOperationException();
    }

    /** Writes it. */
    public void write(StateWriter to) {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws StateReader.Malformed when it is not that
     */
    public static Positions read(StateReader from) {
        throw new UnsupportedOperationException();
    }
}
