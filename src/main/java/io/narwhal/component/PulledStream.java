package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Origin;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.StreamId;

/**
 * The books of one journal of one agent at the manager. What changes them stands in the journals of
 * the pull component, so that reading those again gives the same; duplicates alone do not.
 */
public final class PulledStream {
    /**
     * What was counted in the life of the stream.
     *
     * @param frames received and saved, once each
     * @param items of those: datagrams, requests, lines, or rows
     * @param octets of those
     * @param duplicateItems received once more, and dropped, as far as a crash has not made that
     *     forgotten
     * @param droppedFrames saved aside, and dropped as another manager of the group counts them
     * @param droppedItems of those
     * @param gaps stretches of the agent's journal that cannot be had
     * @param gapOctets of those
     * @param elsewhereOctets of the agent's journal that another manager of the group has
     * @param uncounted octets of the agent's journal that neither came nor were said to be lost
     */
    public record Counts(
            long frames,
            long items,
            long octets,
            long duplicateItems,
            long droppedFrames,
            long droppedItems,
            long gaps,
            long gapOctets,
            long elsewhereOctets,
            long uncounted) {
        private static final int NUMBERS = 10;

        static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

        private static Counts read(StateReader in) {
            long[] all = new long[NUMBERS];
            in.getLongs(all, 0, NUMBERS);
            return new Counts(
                    all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7], all[8], all[9]);
        }

        private void write(StateWriter out) {
            out.putLong(frames).putLong(items).putLong(octets).putLong(duplicateItems);
            out.putLong(droppedFrames).putLong(droppedItems).putLong(gaps).putLong(gapOctets);
            out.putLong(elsewhereOctets).putLong(uncounted);
        }

        private Counts plus(Counts more) {
            return new Counts(
                    frames + more.frames,
                    items + more.items,
                    octets + more.octets,
                    duplicateItems + more.duplicateItems,
                    droppedFrames + more.droppedFrames,
                    droppedItems + more.droppedItems,
                    gaps + more.gaps,
                    gapOctets + more.gapOctets,
                    elsewhereOctets + more.elsewhereOctets,
                    uncounted + more.uncounted);
        }
    }

    /** Between two frames there may be the header of a file of the agent's journal. */
    private static final int HEADER_OCTETS_MAX = 256;

    private final String link;
    private final StreamId id;
    private Counts counts = Counts.NONE;
    private long epoch;
    private long through;

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
        stream.counts = Counts.read(in);
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
        out.putLong(epoch).putLong(through);
        counts.write(out);
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

    /** The books. */
    public Counts counts() {
        return counts;
    }

    private void add(
            long frames, long items, long octets, long gaps, long gapOctets, long elsewhere) {
        counts =
                counts.plus(
                        new Counts(frames, items, octets, 0, 0, 0, gaps, gapOctets, elsewhere, 0));
    }

    /** A frame was saved that was not saved before. */
    void saved(Origin origin, int items, int octets) {
        add(1, items, octets, 0, 0, 0);
        advance(origin);
    }

    /** A stretch cannot be had, or (elsewhere) another manager has it. */
    void lost(Origin origin, boolean elsewhere) {
        long octets = origin.through() - origin.position();
        add(0, 0, 0, elsewhere ? 0 : 1, elsewhere ? 0 : octets, elsewhere ? octets : 0);
        advance(origin);
    }

    private void advance(Origin origin) {
        boolean goesOn = epoch == origin.epoch() && through > 0;
        if (goesOn && origin.position() - through > HEADER_OCTETS_MAX) {
            long missing = origin.position() - through;
            counts = counts.plus(new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, missing));
        }
        epoch = origin.epoch();
        through = origin.through();
    }

    /** It goes on in another store, or at another place, than behind what is saved. */
    void parted(long lostOctets, long ofEpoch, long from) {
        if (lostOctets > 0) {
            add(0, 0, 0, 1, lostOctets, 0);
        }
        epoch = ofEpoch;
        through = from;
    }

    /** Items came that are saved already. */
    void duplicate(long items) {
        counts = counts.plus(new Counts(0, 0, 0, items, 0, 0, 0, 0, 0, 0));
    }

    /** A frame that was saved aside is another manager's. */
    void dropped(int items) {
        counts = counts.plus(new Counts(0, 0, 0, 0, 1, items, 0, 0, 0, 0));
    }
}
