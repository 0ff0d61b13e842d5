package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.record.Origin;
import io.narwhal.transfer.Journal;

import org.jspecify.annotations.Nullable;

/**
 * A frame as it stands in a journal of the pull component, without its payload.
 *
 * @param journal what it is of
 * @param items as the agent's journal has them
 * @param octets of the payload as it came
 * @param note why there is no payload; null when there is one
 */
record PullFrame(Journal journal, Origin origin, int items, int octets, @Nullable PullNote note) {
    /** Reads one that begins there. */
    static PullFrame read(Journal journal, byte[] bytes, int offset, int length, int items) {
        Origin origin = Origin.read(bytes, offset, length);
        int at = origin.payloadOffset();
        PullNote note =
                origin.isGap()
                        ? PullNote.read(new StateReader(bytes, offset + at, length - at))
                        : null;
        return new PullFrame(journal, origin, items, note == null ? length - at : 0, note);
    }
}
