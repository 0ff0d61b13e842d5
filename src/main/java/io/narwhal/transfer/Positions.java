package io.narwhal.transfer;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a manager has of the agent of one link: of each stream the epoch, the position and who wrote
 * it. A fold over what was appended, so that a scan of the journal's origins gives the same as the
 * appending did. Owned by one thread.
 */
public final class Positions {
    /** Writers that are remembered of one stream: the newest. */
    public static final int LINEAGE_MAX = 64;

    /** Streams of one agent. */
    public static final int STREAMS_MAX = 1_024;

    private static final int VERSION = 1;
    private static final int STREAM_BYTES_MIN = 1 + 4 + 8 + 8 + 4;
    private static final int INCARNATION_BYTES = 16;

    private final SortedMap<StreamId, Saved> streams = new TreeMap<>();
    private long lastTxn;

    /** Nothing. */
    public Positions() {}

    /**
     * A stretch was appended. Another epoch begins anew; a position before the end of what is there
     * cuts it (histories have parted).
     */
    public void appended(
            StreamId stream, long epoch, long incarnation, long from, long through, long txn) {
        Saved known = of(stream);
        List<Incarnation> lineage =
                known == null || known.epoch() != epoch ? List.of() : known.lineage();
        lineage = Histories.extended(lineage, incarnation, from);
        streams.put(stream, new Saved(stream, epoch, through, lineage));
        lastTxn = Math.max(lastTxn, txn);
    }

    /**
     * The agent goes on at a position, and everything before it is saved, or known to be lost.
     *
     * @param lineage the agent's
     */
    public void resumed(Resumption resumption, List<Incarnation> lineage) {
        StreamId stream = resumption.id();
        List<Incarnation> writers = Histories.before(lineage, resumption.from());
        streams.put(stream, new Saved(stream, resumption.epoch(), resumption.from(), writers));
    }

    /** What is saved of a stream; null: nothing. */
    public @Nullable Saved of(StreamId stream) {
        return streams.get(stream);
    }

    /** Everything that is saved, in order of the ids. */
    public List<Saved> saved() {
        return List.copyOf(streams.values());
    }

    /** The greatest transmission number. */
    public long lastTxn() {
        return lastTxn;
    }

    /** Writes it. */
    public void write(StateWriter to) {
        to.putByte(VERSION).putLong(lastTxn).putInt(streams.size());
        for (Saved saved : streams.values()) {
            writeId(to, saved.id());
            to.putLong(saved.epoch()).putLong(saved.through());
            writeLineage(to, saved.lineage());
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws StateReader.Malformed when it is not that
     */
    public static Positions read(StateReader from) {
        expect(from.getByte() == VERSION, "version 1 of the positions of a link");
        Positions positions = new Positions();
        positions.lastTxn = natural(from.getLong());
        for (int n = from.getCount(STREAM_BYTES_MIN); n > 0; n--) {
            StreamId id = readId(from);
            long epoch = from.getLong();
            long through = natural(from.getLong());
            Saved saved = new Saved(id, epoch, through, readLineage(from));
            expect(positions.streams.put(id, saved) == null, "each stream once");
        }
        return positions;
    }

    static void writeId(StateWriter to, StreamId id) {
        to.putByte(id.journal().ordinal()).putString(id.name());
    }

    static StreamId readId(StateReader from) {
        int journal = from.getByte();
        expect(journal < Journal.values().length, "a kind of journal");
        return new StreamId(Journal.values()[journal], from.getString());
    }

    static void writeLineage(StateWriter to, List<Incarnation> lineage) {
        to.putInt(lineage.size());
        lineage.forEach(writer -> to.putLong(writer.id()).putLong(writer.first()));
    }

    static List<Incarnation> readLineage(StateReader from) {
        List<Incarnation> lineage = new ArrayList<>();
        for (int n = from.getCount(INCARNATION_BYTES); n > 0; n--) {
            lineage.add(new Incarnation(from.getLong(), natural(from.getLong())));
        }
        expect(lineage.size() <= LINEAGE_MAX && Histories.ordered(lineage), "writers in order");
        return lineage;
    }

    static long natural(long value) {
        expect(value >= 0, "a number that is not negative");
        return value;
    }

    static void expect(boolean holds, String what) {
        if (!holds) {
            throw new StateReader.Malformed("state of the transfer: expected " + what);
        }
    }
}
