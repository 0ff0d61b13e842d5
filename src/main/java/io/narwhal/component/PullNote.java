package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.jspecify.annotations.Nullable;

/**
 * What stands behind the origin of a frame that has no data: why, and how the agent's journal goes
 * on. Lanes and outputs need the origin alone.
 *
 * @param what in a word
 * @param detail in a sentence
 * @param atMicros when it was found
 * @param elsewhere whether nothing is lost, as another manager of the group has it
 * @param parted how it goes on; null: behind the stretch
 */
record PullNote(
        String what,
        String detail,
        long atMicros,
        boolean elsewhere,
        PullNote.@Nullable Parted parted) {
    private static final int VERSION = 1;

    /**
     * It goes on in another store, or from another place.
     *
     * @param epoch of which store
     * @param from which place
     * @param positions of the whole link, as they are from now on
     */
    record Parted(long epoch, long from, byte[] positions) {}

    static PullNote read(StateReader in) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new StateReader.Malformed("a gap of version " + version);
        }
        return new PullNote(
                in.getString(),
                in.getString(),
                in.getLong(),
                in.getBoolean(),
                in.getBoolean() ? new Parted(in.getLong(), in.getLong(), in.getBytes()) : null);
    }

    void write(StateWriter out) {
        out.putByte(VERSION).putString(what).putString(detail).putLong(atMicros);
        out.putBoolean(elsewhere).putBoolean(parted != null);
        if (parted != null) {
            out.putLong(parted.epoch()).putLong(parted.from()).putBytes(parted.positions());
        }
    }
}
