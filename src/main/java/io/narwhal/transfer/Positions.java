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

    /** Stores and histories of one stream that are remembered: the newest. */
    public static final int EPOCHS_MAX = 8;

    private static final int VERSION = 1;
    private static final int STREAM_BYTES_MIN = 1 + 4 + 8 + 8 + 4;
    private static final int INCARNATION_BYTES = 16;

    /** Of each stream what is saved of each store and history, the current first. */
    private final SortedMap<StreamId, List<Saved>> streams = new TreeMap<>();

    private long lastTxn;

    /** Nothing. */
    public Positions() {}

    /**
     * A stretch was appended. Another epoch begins anew; a position before the end of what is there
     * cuts it (histories have parted).
     */
    public void appended(
            StreamId stream, long epoch, long incarnation, long from, long through, long txn) {
        Saved known = of(stream, epoch);
        List<Incarnation> lineage = known == null ? List.of() : known.lineage();
        put(
                from,
                new Saved(stream, epoch, through, Histories.extended(lineage, incarnation, from)));
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
        put(resumption.from(), new Saved(stream, resumption.epoch(), resumption.from(), writers));
    }

    /** The same stream of the same agent was pulled by a link of another name, up to there. */
    void goesOn(Saved saved) {
        put(saved.through(), saved);
    }

    /**
     * The same, as a scan of the journal finds it: of the writers only the last is known.
     *
     * @param incarnation who wrote the frame before that position; 0: not known
     */
    public void resumed(StreamId stream, long epoch, long incarnation, long from) {
        Saved known = of(stream, epoch);
        List<Incarnation> writers = new ArrayList<>();
        if (known != null) {
            writers.addAll(known.lineage());
            writers.removeIf(writer -> writer.first() >= from);
        }
        boolean last = !writers.isEmpty() && writers.getLast().id() == incarnation;
        if (from > 0 && incarnation != 0 && !last) {
            writers.add(new Incarnation(incarnation, from - 1));
        }
        put(from, new Saved(stream, epoch, from, writers));
    }

    /** A history that is left behind is remembered; one that goes on is replaced. */
    private void put(long from, Saved saved) {
        List<Saved> stores = streams.computeIfAbsent(saved.id(), _ -> new ArrayList<>());
        Saved known = of(saved.id(), saved.epoch());
        if (known != null && from >= known.through()) {
            stores.remove(known);
        }
        stores.addFirst(saved);
        if (stores.size() > EPOCHS_MAX) {
            stores.removeLast();
        }
    }

    /** What is saved of a stream's current store; null: nothing. */
    public @Nullable Saved of(StreamId stream) {
        List<Saved> stores = streams.get(stream);
        return stores == null ? null : stores.getFirst();
    }

    /** What is saved of one store of a stream; null: nothing. */
    public @Nullable Saved of(StreamId stream, long epoch) {
        for (Saved store : streams.getOrDefault(stream, List.of())) {
            if (store.epoch() == epoch) {
                return store;
            }
        }
        return null;
    }

    /** What is saved of the current stores, in order of the ids. */
    public List<Saved> saved() {
        return streams.values().stream().map(List::getFirst).toList();
    }

    /** What is saved of every store that is remembered; of a stream the current first. */
    public List<Saved> stores() {
        return streams.values().stream().flatMap(List::stream).toList();
    }

    /** The greatest transmission number. */
    public long lastTxn() {
        return lastTxn;
    }

    /** Writes it. */
    public void write(StateWriter to) {
        List<Saved> stores = stores();
        to.putByte(VERSION).putLong(lastTxn).putInt(stores.size());
        for (Saved saved : stores) {
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
            List<Saved> stores = positions.streams.computeIfAbsent(id, _ -> new ArrayList<>());
            stores.addLast(new Saved(id, epoch, through, readLineage(from)));
            expect(stores.size() <= EPOCHS_MAX, "few stores of one stream");
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
