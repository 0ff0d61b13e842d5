package io.narwhal.config;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.SmallFile;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * What a file of a shared secret holds: its content without one line end behind it. The secret
 * itself stands in no message.
 */
public sealed interface Secret {
    /** Octets of a secret at the most. */
    int BYTES_MAX = 4096;

    /** Octets below which a secret is easily guessed (RFC 2865 §3). */
    int BYTES_ENOUGH = 16;

    /** It can be used; at least one octet. */
    record Good(byte[] bytes) implements Secret {
        /** Whether it is shorter than RFC 2865 §3 wants it. */
        public boolean isShort() {
            return bytes.length < BYTES_ENOUGH;
        }

        /** Says nothing of the secret. */
        @Override
        public String toString() {
            return "a secret";
        }
    }

    /** It cannot; {@code reason} says why and what to do, for a message that names the place. */
    record Bad(String reason) implements Secret {}

    /** Reads the file. */
    static Secret read(Disk disk, Path file) {
        try {
            if (size(disk, file) > BYTES_MAX + 2) {
                return new Bad(
                        file
                                + " is no secret: it is longer than "
                                + BYTES_MAX
                                + " octets; mend the path");
            }
            byte[] content = SmallFile.read(disk, file);
            int length = content.length;
            length -= length > 0 && content[length - 1] == '\n' ? 1 : 0;
            length -= length < content.length && length > 0 && content[length - 1] == '\r' ? 1 : 0;
            return length == 0
                    ? new Bad(
                            file
                                    + " is empty; put the secret into it that the clients have,"
                                    + " in one line")
                    : new Good(Arrays.copyOf(content, length));
        } catch (DiskFailure e) {
            return new Bad(e.getMessage() + "; mend the path or make the file readable");
        }
    }

    private static long size(Disk disk, Path file) {
        try (var open = disk.open(file, Disk.Mode.READ)) {
            return open.size();
        }
    }
}
