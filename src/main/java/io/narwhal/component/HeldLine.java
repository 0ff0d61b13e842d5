package io.narwhal.component;

import io.narwhal.record.HeldItem;

import java.util.Arrays;
import java.util.Objects;

/**
 * A line of a file that cannot be read, and waits for a mapping by which it can.
 *
 * @param file number of the file among those of its collector
 * @param name of the file, as it was called when it was taken
 * @param line number of the line in the file, from 1
 * @param sinceMicros when it came, µs since 1970
 * @param reason what is wrong with it
 * @param bytes the line, without its end
 */
record HeldLine(long file, String name, long line, long sinceMicros, String reason, byte[] bytes) {
    private static final String ID = "-line-";

    /** As it is shown, and by which it is recycled. */
    HeldItem asItem(String lane) {
        return new HeldItem(
                lane + id(),
                lane,
                "line of " + name,
                name + ":" + line,
                sinceMicros,
                reason,
                bytes);
    }

    /** Whether this is its id in its lane. */
    boolean isCalled(String id) {
        return id.endsWith(id());
    }

    private String id() {
        return ID + file + "-" + line;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeldLine one
                && file == one.file
                && name.equals(one.name)
                && line == one.line
                && sinceMicros == one.sinceMicros
                && reason.equals(one.reason)
                && Arrays.equals(bytes, one.bytes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(file, line);
    }
}
