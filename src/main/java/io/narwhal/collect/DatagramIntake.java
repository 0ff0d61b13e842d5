package io.narwhal.collect;

/** The way of one socket's datagrams into the journal. One thread at a time. */
public sealed interface DatagramIntake permits Intake, RequestIntake {
    /**
     * Receives and appends.
     *
     * @param timeoutMs how long to wait for the first datagram
     * @return entries that were appended; 0 when none came in time
     * @throws io.narwhal.base.DiskFull when there is no room: the batch stays in the area, and the
     *     next step tries again before it receives more
     * @throws io.narwhal.journal.JournalFull likewise
     */
    int step(int timeoutMs);

    /** Whether the area holds a batch that found no room in the journal yet. */
    boolean isHolding();

    /** Journals that time has passed. */
    void tick();

    /** Journals that nothing more will come. */
    void close();
}
