package io.narwhal.config;

import io.narwhal.record.LineMapping;
import io.narwhal.record.LineTarget;

import java.nio.file.Path;
import java.util.List;

/**
 * What a collector of usage files has.
 *
 * @param directory absolute; files are put there
 * @param files what the names of the files look like: {@code *} is any characters, {@code ?} one
 * @param mapping how lines become records
 * @param constants values that the mapping has of its own, and where they stand in the file
 * @param settleMs how long size and time of change of a file must not have moved
 * @param move whether files that were taken are moved into the directory {@code done}
 * @param largestBytes larger files are not taken
 * @param rememberMs how long files that are gone are known
 */
public record FilesConfig(
        Path directory,
        String files,
        LineMapping mapping,
        List<Constant> constants,
        long settleMs,
        boolean move,
        long largestBytes,
        long rememberMs) {
    /** Name of the directory, within the other, that files are moved to. */
    public static final String DONE = "done";

    private static final List<String> UNFINISHED =
            List.of(".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~");

    /** A value, and where it stands. */
    public record Constant(LineTarget target, int line, int column) {}

    /** Copies the list. */
    public FilesConfig {
        constants = List.copyOf(constants);
    }

    /**
     * Whether a file of this name is taken: one that looks like {@link #files} and not like a file
     * that is still being written under another name.
     */
    public boolean wants(String name) {
        return !name.startsWith(".")
                && UNFINISHED.stream().noneMatch(name::endsWith)
                && isLike(name, 0, 0);
    }

    private boolean isLike(String name, int at, int of) {
        int i = at;
        int p = of;
        int star = -1;
        int after = 0;
        while (i < name.length()) {
            if (p < files.length() && files.charAt(p) == '*') {
                star = p++;
                after = i;
            } else if (p < files.length()
                    && (files.charAt(p) == '?' || files.charAt(p) == name.charAt(i))) {
                p++;
                i++;
            } else if (star >= 0) {
                p = star + 1;
                i = ++after;
            } else {
                return false;
            }
        }
        while (p < files.length() && files.charAt(p) == '*') {
            p++;
        }
        return p == files.length();
    }
}
