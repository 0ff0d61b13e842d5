package io.narwhal.lines;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One line of CSV (RFC 4180) taken apart. A value never goes over the end of a line: a quote that
 * was forgotten must not swallow the rest of a file.
 */
final class CsvLine implements Row {
    private static final int COLUMNS_MAX = 4_096;

    private final byte separator;
    private final int quote;
    private byte[] bytes = new byte[0];
    private int[] from = new int[64];
    private int[] to = new int[64];
    private boolean[] doubled = new boolean[64];
    private int columns;

    /**
     * Reads lines of this dialect.
     *
     * @param quote 0: there is none
     */
    CsvLine(char separator, char quote) {
        this.separator = (byte) separator;
        this.quote = quote == 0 ? -1 : quote;
    }

    int columns() {
        return columns;
    }

    /** Takes the line apart; its bytes are only lent. */
    void read(byte[] line, int offset, int length) throws BadLine {
        bytes = line;
        columns = 0;
        int end = offset + length;
        int at = offset;
        do {
            at = column(at, end);
        } while (at <= end);
    }

    /** Reads one value; where the next begins, behind the end when there is none. */
    private int column(int begin, int end) throws BadLine {
        int at = blanks(begin, end);
        if (at < end && bytes[at] == quote) {
            return quoted(at + 1, end);
        }
        int stop = at;
        while (stop < end && bytes[stop] != separator) {
            stop++;
        }
        int last = stop;
        while (last > at && isBlank(bytes[last - 1])) {
            last--;
        }
        add(at, last, false);
        return stop + 1;
    }

    private int quoted(int begin, int end) throws BadLine {
        boolean hasDoubled = false;
        int at = begin;
        while (true) {
            while (at < end && bytes[at] != quote) {
                at++;
            }
            if (at >= end) {
                throw new BadLine(
                        "column " + (columns + 1) + " begins with a quote that is not closed");
            }
            if (at + 1 >= end || bytes[at + 1] != quote) {
                break;
            }
            hasDoubled = true;
            at += 2;
        }
        add(begin, at, hasDoubled);
        int next = blanks(at + 1, end);
        if (next < end && bytes[next] != separator) {
            throw new BadLine("column " + columns + " goes on behind its closing quote");
        }
        return next + 1;
    }

    private int blanks(int begin, int end) {
        int at = begin;
        while (at < end && isBlank(bytes[at])) {
            at++;
        }
        return at;
    }

    private boolean isBlank(byte one) {
        return (one == ' ' || one == '\t') && one != separator;
    }

    private void add(int begin, int end, boolean hasDoubled) throws BadLine {
        if (columns == COLUMNS_MAX) {
            throw new BadLine("more than " + COLUMNS_MAX + " columns");
        }
        if (columns == from.length) {
            from = Arrays.copyOf(from, 2 * columns);
            to = Arrays.copyOf(to, 2 * columns);
            doubled = Arrays.copyOf(doubled, 2 * columns);
        }
        from[columns] = begin;
        to[columns] = end;
        doubled[columns] = hasDoubled;
        columns++;
    }

    @Override
    public String text(int column) {
        if (column >= columns) {
            return "";
        }
        String text =
                new String(bytes, from[column], to[column] - from[column], StandardCharsets.UTF_8);
        String mark = Character.toString(Math.max(quote, 0));
        return doubled[column] ? text.replace(mark + mark, mark) : text;
    }

    List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < columns; i++) {
            texts.add(text(i));
        }
        return texts;
    }
}
