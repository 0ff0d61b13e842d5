package io.narwhal.output;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Names of the ledger's files: {@code <part>/<usage name>/<frame, 20 digits>.parquet}, a part for
 * each collector.
 */
final class LedgerFiles {
    static final String SUFFIX = ".parquet";

    /** Of what is being written. */
    static final String TEMPORARY_SUFFIX = ".parquet.tmp";

    private static final Pattern USAGE_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");
    private static final Pattern FILE_NAME = Pattern.compile("([0-9]{20})\\.parquet");

    /** A file of the ledger and the frame that it holds. */
    record LedgerFile(Path path, long frameSequence) {}

    private LedgerFiles() {}

    static Path directory(Path ledger, String usage) {
        Check.that(USAGE_NAME.matcher(usage).matches(), "usage name %s is a file name", usage);
        return ledger.resolve(usage);
    }

    static String name(long frameSequence) {
        Check.that(frameSequence >= 0, "a sequence is not negative: %d", frameSequence);
        return String.format("%020d", frameSequence);
    }

    /**
     * The name of a file while it is written. *.parquet does not match it, and readers of whole
     * directories (Spark, Arrow) pass over names that begin with a dot, so nobody takes half a
     * file.
     */
    static String temporaryName(long frameSequence) {
        return "." + name(frameSequence) + TEMPORARY_SUFFIX;
    }

    /**
     * The files of a usage up to a frame, in the order of frames.
     *
     * @throws LedgerFailure when a Parquet file lies there that the ledger did not name
     */
    static List<LedgerFile> upTo(Disk disk, Path ledger, String usage, long frameMax) {
        Path directory = directory(ledger, usage);
        List<LedgerFile> files = new ArrayList<>();
        for (String name : disk.list(directory)) {
            if (!name.endsWith(SUFFIX)) {
                continue;
            }
            Path path = directory.resolve(name);
            long frame = frameOf(path, name);
            if (frame <= frameMax) {
                files.add(new LedgerFile(path, frame));
            }
        }
        return files;
    }

    private static long frameOf(Path path, String name) {
        var match = FILE_NAME.matcher(name);
        try {
            if (match.matches()) {
                return Long.parseLong(match.group(1));
            }
        } catch (NumberFormatException e) {
            throw foreign(path, e);
        }
        throw foreign(path, null);
    }

    private static LedgerFailure foreign(Path path, @Nullable Throwable cause) {
        return new LedgerFailure(
                path
                        + ": not a file of the ledger (they are named by their frame, 20 digits);"
                        + " move it out of the ledger directory and ask again",
                cause);
    }
}
