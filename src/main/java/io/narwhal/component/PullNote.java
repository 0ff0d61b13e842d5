package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.transfer.Incarnation;

import java.util.ArrayList;
import java.util.List;

/**
 * What stands behind the origin of a frame that tells of a gap: why, and how the agent's journal
 * goes on. Lanes and outputs need the origin alone.
 *
 * @param parts whether agent and manager go on from another place, or store, than before
 * @param what in a word
 * @param detail in a sentence
 * @param atMicros when it was found
 * @param lineage writers of the agent's journal, where it parts
 */
record PullNote(
        boolean parts, String what, String detail, long atMicros, List<Incarnation> lineage) {
    private static final int VERSION = 1;

    PullNote {
        lineage = List.copyOf(lineage);
    }

    static PullNote read(StateReader in) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new StateReader.Malformed("a gap of version " + version);
        }
        boolean parts = in.getBoolean();
        String what = in.getString();
        String detail = in.getString();
        long atMicros = in.getLong();
        List<Incarnation> lineage = new ArrayList<>();
        for (int left = in.getCount(2 * Long.BYTES); left > 0; left--) {
            lineage.add(new Incarnation(in.getLong(), in.getLong()));
        }
        return new PullNote(parts, what, detail, atMicros, lineage);
    }

    void write(StateWriter out) {
        out.putByte(VERSION).putBoolean(parts).putString(what).putString(detail);
        out.putLong(atMicros);
        PulledStream.writeLineage(out, lineage);
    }
}
