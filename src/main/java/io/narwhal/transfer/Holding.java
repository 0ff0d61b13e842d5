package io.narwhal.transfer;

import java.util.List;
import java.util.Map;

/**
 * The agent's store, as the transfer sees it. Called on the one thread that owns the {@link Agent};
 * nothing here may wait, but {@link #save}.
 */
public interface Holding {
    /**
     * The journals of one kind as they stand, in order of their ids. Called often (every tick and
     * before each message of data), so it must be cheap. Of one journal the lineage is read after
     * the end, so that it names the writer of every frame before the end.
     */
    List<Stream> streams(Journal journal);

    /**
     * Reads whole published frames from a position. At most {@code recordsMax} records and {@code
     * bytesMax} octets of {@link Slice.Frames#frames()}; but one frame may be larger, then it comes
     * alone.
     *
     * @param from {@link Stream#first()} or the {@code through} of a slice before
     * @param before no frame at or behind this position, even if published
     */
    Slice read(StreamId stream, long from, long before, long recordsMax, int bytesMax);

    /**
     * What is held behind the acknowledged positions; a journal that is not in the map is held from
     * its first frame on. Fill is in percent of the journals' capacity, at least 100 when something
     * was or would be refused for want of room.
     */
    Occupancy occupancy(Journal journal, Map<StreamId, Long> acknowledged);

    /**
     * Keeps the state of a reader. Durable when it returns; old or new after a crash, nothing
     * between.
     *
     * @param name as {@link Agent#stateName} gives it
     */
    void save(String name, byte[] state);

    /**
     * A reader needs nothing before this position any more: called only after {@link #save} has
     * made that durable. The position is within the journal.
     *
     * @param reader as in {@link AgentSettings#readerOf}: without the {@code to.}
     */
    void free(String reader, StreamId stream, long through);

    /**
     * The wall clock by which {@link Occupancy#oldestMicros} is meant, µs since 1970; the times
     * that the machines are told are of another clock.
     */
    long wallMicros();

    /** Something to be logged and shown. */
    void note(String reader, TransferEvent event);
}
