package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.checkpoint.Loaded;
import io.narwhal.journal.JournalPosition;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What stands before the context in a lane's checkpoint: where the lane stands in both its
 * journals.
 *
 * @param input behind the last frame applied
 * @param output behind the last frame written
 * @param lastFrame sequence of that frame; 0 when none was
 * @param sessions by collector, for a lane that knows who held which address: behind the last frame
 *     read of the journals of sessions. What it knows follows behind the context
 */
public record LaneHead(
        JournalPosition input,
        JournalPosition output,
        long lastFrame,
        SortedMap<String, JournalPosition> sessions) {
    private static final int VERSION = 1;
    private static final int VERSION_WITH_SESSIONS = 2;

    /** Of a lane that reads no sessions. */
    public LaneHead(JournalPosition input, JournalPosition output, long lastFrame) {
        this(input, output, lastFrame, new TreeMap<>());
    }

    /** Reads what {@link #write} wrote. */
    public static LaneHead read(StateReader in) {
        int version = in.getByte();
        if (version != VERSION && version != VERSION_WITH_SESSIONS) {
            throw new StateReader.Malformed(
                    "a checkpoint of version "
                            + version
                            + "; this release reads "
                            + VERSION
                            + " and "
                            + VERSION_WITH_SESSIONS);
        }
        var input = new JournalPosition(in.getLong(), in.getLong());
        var output = new JournalPosition(in.getLong(), in.getLong());
        long lastFrame = in.getLong();
        SortedMap<String, JournalPosition> sessions = new TreeMap<>();
        if (version == VERSION_WITH_SESSIONS) {
            for (int left = in.getCount(20); left > 0; left--) {
                sessions.put(in.getString(), new JournalPosition(in.getLong(), in.getLong()));
            }
        }
        return new LaneHead(input, output, lastFrame, sessions);
    }

    /** Writes all of it. */
    public void write(StateWriter out) {
        out.putByte(sessions.isEmpty() ? VERSION : VERSION_WITH_SESSIONS);
        out.putLong(input.journalId()).putLong(input.position());
        out.putLong(output.journalId()).putLong(output.position());
        out.putLong(lastFrame);
        if (!sessions.isEmpty()) {
            out.putInt(sessions.size());
            sessions.forEach(
                    (name, at) -> {
                        out.putString(name);
                        out.putLong(at.journalId()).putLong(at.position());
                    });
        }
    }

    /** What a loaded checkpoint holds, if anything. */
    public static Optional<byte[]> bytes(Loaded loaded) {
        return switch (loaded) {
            case Loaded.None _, Loaded.Unreadable _ -> Optional.empty();
            case Loaded.Found(long _, byte[] bytes) -> Optional.of(bytes);
            case Loaded.FellBack(long _, byte[] bytes, String _) -> Optional.of(bytes);
        };
    }
}
