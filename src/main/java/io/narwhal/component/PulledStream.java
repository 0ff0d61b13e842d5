package io.narwhal.component;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Origin;
import io.narwhal.transfer.Incarnation;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Saved;
import io.narwhal.transfer.StreamId;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a manager has of one journal of one agent: up to where, by whom it was written, and the
 * books. What changes it stands in the journals of the pull component, so that reading those again
 * gives the same.
 */
public final class PulledStream {
    /** Writers that are remembered. */
    static final int LINEAGE_MAX = 64;

    /**
     * What was counted in the life of the stream.
     *
     * @param frames received and saved, once each
     * @param items of those: datagrams, requests, lines, or rows
     * @param octets of those
     * @param duplicateFrames received once more, and dropped
     * @param duplicateItems of those
     * @param droppedFrames saved aside, and dropped as another manager of the group counts them
     * @param droppedItems of those
     * @param gaps stretches of the agent's journal that cannot be had
     * @param gapOctets of those
     * @param uncounted octets of the agent's journal that neither came nor were said to be lost
     */
    public record Counts(
            long frames,
            long items,
            long octets,
            long duplicateFrames,
            long duplicateItems,
            long droppedFrames,
            long droppedItems,
            long gaps,
            long gapOctets,
            long uncounted) {}

    /** Between two frames there may be the header of a file of the agent's journal. */
    private static final int HEADER_OCTETS_MAX = 256;

    private static final int COUNTS = 10;
    private static final int FRAMES = 0;
    private static final int ITEMS = 1;
    private static final int OCTETS = 2;
    private static final int DUPLICATE_FRAMES = 3;
    private static final int DUPLICATE_ITEMS = 4;
    private static final int DROPPED_FRAMES = 5;
    private static final int DROPPED_ITEMS = 6;
    private static final int GAPS = 7;
    private static final int GAP_OCTETS = 8;
    private static final int UNCOUNTED = 9;

    private final String link;
    private final StreamId id;
    private final long[] counts = new long[COUNTS];
    private final List<Incarnation> lineage = new ArrayList<>();
    private long epoch;
    private long through;
    private long txn;

    /** One of which there is nothing yet. */
    PulledStream(String link, StreamId id) {
        this.link = link;
        this.id = id;
    }

    /** Reads what {@link #write} wrote. */
    static PulledStream read(StateReader in) {
        String link = in.getString();
        Journal journal = journal(in.getByte());
        var stream = new PulledStream(link, new StreamId(journal, in.getString()));
        stream.epoch = in.getLong();
        stream.through = in.getLong();
        stream.txn = in.getLong();
        for (int left = in.getCount(2 * Long.BYTES); left > 0; left--) {
            stream.lineage.add(new Incarnation(in.getLong(), in.getLong()));
        }
        in.getLongs(stream.counts, 0, COUNTS);
        return stream;
    }

    static Journal journal(int code) {
        Journal[] all = Journal.values();
        if (code < 0 || code >= all.length) {
            throw new StateReader.Malformed("no kind of journal: " + code);
        }
        return all[code];
    }

    void write(StateWriter out) {
        out.putString(link).putByte(id.journal().ordinal()).putString(id.name());
        out.putLong(epoch).putLong(through).putLong(txn);
        writeLineage(out, lineage);
        out.putLongs(counts, 0, COUNTS);
    }

    static void writeLineage(StateWriter out, List<Incarnation> lineage) {
        out.putInt(lineage.size());
        lineage.forEach(one -> out.putLong(one.id()).putLong(one.first()));
    }

    /** The link that it comes by. */
    public String link() {
        return link;
    }

    /** Which journal of the agent. */
    public StreamId id() {
        return id;
    }

    /** Identity of the agent's journal; 0 when nothing is known of it. */
    public long epoch() {
        return epoch;
    }

    /** Everything before is saved, or known to be lost. */
    public long through() {
        return through;
    }

    /** Number of the transmission that came last. */
    public long txn() {
        return txn;
    }

    /** Who wrote what is saved. */
    List<Incarnation> lineage() {
        return List.copyOf(lineage);
    }

    /** As the agent is told. */
    Saved saved() {
        return new Saved(id, epoch, through, lineage);
    }

    /** The books. */
    public Counts counts() {
        return new Counts(
                counts[FRAMES],
                counts[ITEMS],
                counts[OCTETS],
                counts[DUPLICATE_FRAMES],
                counts[DUPLICATE_ITEMS],
                counts[DROPPED_FRAMES],
                counts[DROPPED_ITEMS],
                counts[GAPS],
                counts[GAP_OCTETS],
                counts[UNCOUNTED]);
    }

    /** Whether a frame that begins there is saved already. */
    boolean has(long ofEpoch, long position) {
        return ofEpoch == epoch && position < through;
    }

    /** Begins with a store of which nothing was known. */
    void begin(long ofEpoch, long from) {
        Check.that(epoch == 0, "%s %s has not begun yet", link, id);
        epoch = ofEpoch;
        through = from;
    }

    /** A frame was saved that was not saved before; nothing newer is. */
    void saved(Origin origin, int items, int octets) {
        count(items, octets);
        advance(origin);
        wrote(origin);
    }

    /**
     * A frame that was saved aside is found when everything else was read: what is newer may be
     * known already.
     */
    void foundAside(Origin origin, int items, int octets) {
        count(items, octets);
        if (origin.txn() >= txn) {
            advance(origin);
        }
        if (origin.epoch() == epoch) {
            wrote(origin);
        }
    }

    private void count(int items, int octets) {
        counts[FRAMES]++;
        counts[ITEMS] += items;
        counts[OCTETS] += octets;
    }

    private void wrote(Origin origin) {
        if (!lineage.isEmpty() && lineage.getLast().id() == origin.incarnation()) {
            return;
        }
        if (lineage.stream().noneMatch(one -> one.id() == origin.incarnation())) {
            lineage.add(new Incarnation(origin.incarnation(), origin.position()));
            lineage.sort(Comparator.comparingLong(Incarnation::first));
            if (lineage.size() > LINEAGE_MAX) {
                lineage.removeFirst();
            }
        }
    }

    private void advance(Origin origin) {
        boolean goesOn = epoch == origin.epoch() && through > 0;
        if (goesOn && origin.position() - through > HEADER_OCTETS_MAX) {
            counts[UNCOUNTED] += origin.position() - through;
        }
        epoch = origin.epoch();
        through = origin.through();
        txn = origin.txn();
    }

    /** A stretch cannot be had. */
    void lost(Origin origin) {
        counts[GAPS]++;
        counts[GAP_OCTETS] += origin.through() - origin.position();
        advance(origin);
    }

    /** The agent's store is another than what is saved is of, or an older one, from here on. */
    void parted(Origin origin, List<Incarnation> writers) {
        if (origin.through() > origin.position()) {
            counts[GAPS]++;
            counts[GAP_OCTETS] += origin.through() - origin.position();
        }
        epoch = origin.epoch();
        through = origin.through();
        txn = Math.max(txn, origin.txn());
        lineage.clear();
        writers.stream()
                .filter(one -> one.first() < through)
                .skip(Math.max(0, writers.size() - LINEAGE_MAX))
                .forEach(lineage::add);
    }

    /** A frame came that is saved already. */
    void duplicate(int items) {
        counts[DUPLICATE_FRAMES]++;
        counts[DUPLICATE_ITEMS] += items;
    }

    /** A frame that was saved aside is another manager's. */
    void dropped(int items) {
        counts[DROPPED_FRAMES]++;
        counts[DROPPED_ITEMS] += items;
    }
}
