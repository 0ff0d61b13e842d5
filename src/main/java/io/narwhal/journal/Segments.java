package io.narwhal.journal;

import io.narwhal.base.Disk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The names of segment files: the base position in 20 decimal digits, then {@code .seg}, or {@code
 * .segz} when it is compressed. While both are there they are one segment.
 */
final class Segments {
    static final String SUFFIX = ".seg";
    static final String COMPRESSED_SUFFIX = ".segz";

    /** Of a whole compressed copy that the writer has not yet taken into the journal. */
    static final String OFFERED_SUFFIX = ".segz.new";

    /** Of a copy that is being made. */
    static final String TEMPORARY_SUFFIX = ".segz.tmp";

    private static final int DIGITS = 20;

    private Segments() {}

    static Path file(Path directory, long base) {
        return directory.resolve(name(base));
    }

    static Path compressed(Path directory, long base) {
        return directory.resolve(digits(base) + COMPRESSED_SUFFIX);
    }

    static Path offered(Path directory, long base) {
        return directory.resolve(digits(base) + OFFERED_SUFFIX);
    }

    static Path temporary(Path directory, long base) {
        return directory.resolve(digits(base) + TEMPORARY_SUFFIX);
    }

    static String name(long base) {
        return digits(base) + SUFFIX;
    }

    private static String digits(long base) {
        String digits = Long.toString(base);
        return "0".repeat(DIGITS - digits.length()) + digits;
    }

    /** The base positions of all segments, ascending; other files are passed over. */
    static List<Long> bases(Disk disk, Path directory) {
        List<Long> bases = new ArrayList<>();
        for (String name : disk.list(directory)) {
            long base = base(name);
            if (base >= 0 && (bases.isEmpty() || bases.getLast() != base)) {
                bases.add(base);
            }
        }
        return bases;
    }

    /** The base position that a file name says, or -1 when it is no segment's name. */
    static long base(String name) {
        long plain = base(name, SUFFIX);
        return plain >= 0 ? plain : base(name, COMPRESSED_SUFFIX);
    }

    /** The base position of the segment of which this names an offered copy, or -1. */
    static long offeredBase(String name) {
        return base(name, OFFERED_SUFFIX);
    }

    private static long base(String name, String suffix) {
        if (name.length() != DIGITS + suffix.length() || !name.endsWith(suffix)) {
            return -1;
        }
        long base = 0;
        for (int i = 0; i < DIGITS; i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9 || base > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            base = base * 10 + digit;
        }
        return base;
    }

    /** The greatest base that is not behind the position, or -1. */
    static long containing(List<Long> bases, long position) {
        long found = -1;
        for (long base : bases) {
            if (base <= position) {
                found = base;
            }
        }
        return found;
    }

    /** The smallest base behind the position, or {@link Long#MAX_VALUE}. */
    static long after(List<Long> bases, long position) {
        for (long base : bases) {
            if (base > position) {
                return base;
            }
        }
        return Long.MAX_VALUE;
    }
}
