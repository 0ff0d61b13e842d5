package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.checkpoint.Loaded;
import io.narwhal.journal.JournalPosition;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an output's checkpoint holds: where it stands in each usage journal.
 *
 * @param marks one a collector
 */
public record OutputHead(List<Mark> marks) {
    private static final int VERSION = 2;
    private static final int MARK_BYTES_MIN = 36;

    /** Copies the marks. */
    public OutputHead {
        marks = List.copyOf(marks);
    }

    /**
     * Where the lane of one collector stands.
     *
     * @param position behind the last frame delivered
     * @param rows delivered in the life of the lane
     * @param damagedBytes of the usage journal that could not be read: their rows are in no ledger
     */
    public record Mark(String collector, JournalPosition position, long rows, long damagedBytes) {
        private static Mark read(StateReader in) {
            return new Mark(
                    in.getString(),
                    new JournalPosition(in.getLong(), in.getLong()),
                    in.getLong(),
                    in.getLong());
        }

        private void write(StateWriter out) {
            out.putString(collector);
            out.putLong(position.journalId()).putLong(position.position());
            out.putLong(rows).putLong(damagedBytes);
        }
    }

    /** What a loaded checkpoint says; no marks when there is none. */
    public static OutputHead of(Loaded loaded) {
        return LaneHead.bytes(loaded)
                .map(bytes -> read(new StateReader(bytes)))
                .orElse(new OutputHead(List.of()));
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws StateReader.Malformed when another release wrote it
     */
    static OutputHead read(StateReader in) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new StateReader.Malformed(
                    "a checkpoint of version " + version + "; this release reads " + VERSION);
        }
        List<Mark> marks = new ArrayList<>();
        for (int left = in.getCount(MARK_BYTES_MIN); left > 0; left--) {
            marks.add(Mark.read(in));
        }
        return new OutputHead(marks);
    }

    void write(StateWriter out) {
        out.putByte(VERSION).putInt(marks.size());
        marks.forEach(mark -> mark.write(out));
    }

    /** Where the lane of that collector stands, if it was begun. */
    public Optional<Mark> of(String collector) {
        return marks.stream().filter(mark -> mark.collector().equals(collector)).findFirst();
    }
}
