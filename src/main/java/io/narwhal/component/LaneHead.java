package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.checkpoint.Loaded;
import io.narwhal.journal.JournalPosition;

import java.util.Optional;

/**
 * What stands before the context in a lane's checkpoint: where the lane stands in both its
 * journals.
 *
 * @param input behind the last frame applied
 * @param output behind the last frame written
 * @param lastFrame sequence of that frame; 0 when none was
 */
public record LaneHead(JournalPosition input, JournalPosition output, long lastFrame) {
    private static final int VERSION = 1;

    /** Reads what {@link #write} wrote. */
    public static LaneHead read(StateReader in) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new StateReader.Malformed(
                    "a checkpoint of version " + version + "; this release reads " + VERSION);
        }
        return new LaneHead(
                new JournalPosition(in.getLong(), in.getLong()),
                new JournalPosition(in.getLong(), in.getLong()),
                in.getLong());
    }

    /** Writes the three. */
    public void write(StateWriter out) {
        out.putByte(VERSION);
        out.putLong(input.journalId()).putLong(input.position());
        out.putLong(output.journalId()).putLong(output.position());
        out.putLong(lastFrame);
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
