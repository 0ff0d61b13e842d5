package io.narwhal.journal;

import java.nio.file.Path;

/**
 * A stretch of the journal that was promised and cannot be read.
 *
 * @param from first position that is unreadable
 * @param to where reading goes on
 * @param file the segment file concerned
 * @param fileByte the byte in that file at which {@code from} lies
 * @param what in a few words
 */
public record Damage(long from, long to, Path file, long fileByte, String what) {
    /** One line for a log: {@code FILE:BYTE: what}. */
    public String line() {
        return file + ":" + fileByte + ": " + what + " (positions " + from + " to " + to + ")";
    }
}
