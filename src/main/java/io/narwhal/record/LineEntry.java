package io.narwhal.record;

import io.narwhal.base.StateReader;

import java.nio.ByteBuffer;

/**
 * What an entry of a block of lines is. Layout: docs/formats/received.md. Lines are counted in the
 * totals of the journal; what tells of a file is not, and may stand there again, as whoever goes on
 * with a file says again what it is.
 */
public enum LineEntry {
    /** A line, without its end. */
    LINE(0),
    /** A file begins, or is gone on with: its name. */
    FILE(1),
    /** The header line of the file, without its end. */
    HEADER(2),
    /** The beginning of a line that is too long to be taken. */
    LONG_LINE(3),
    /** Nothing more will come of the file. */
    END(4);

    /** The longest line that is taken. */
    public static final int BYTES_MAX = 65_535;

    private static final LineEntry[] BY_CODE = values();

    private final int code;

    LineEntry(int code) {
        this.code = code;
    }

    /** Whether it is a line of the file that counts. */
    public boolean isLine() {
        return this == LINE || this == LONG_LINE;
    }

    /**
     * Writes what stands before its bytes.
     *
     * @param file number of the file among those of the collector
     * @param line number of the line in the file, from 1
     */
    public void writeHeader(ByteBuffer out, int length, long file, long line) {
        ReceivedBlock.writeDatagramHeader(out, length, code, file, line);
    }

    static LineEntry of(int code) {
        if (code >= BY_CODE.length) {
            throw new StateReader.Malformed("no entry of a file: " + code);
        }
        return BY_CODE[code];
    }
}
