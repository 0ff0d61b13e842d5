package io.narwhal.cli;

import io.narwhal.base.Check;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;

/** Aligned columns, two spaces apart; numbers stand to the right, digits as they are. */
final class Table implements RowWriter {
    private static final String GAP = "  ";

    private final Writer out;
    private final List<Column> columns;
    private final int[] widths;
    private final List<String[]> rows = new ArrayList<>();

    Table(Writer out, List<Column> columns) {
        this.out = out;
        this.columns = columns;
        this.widths = new int[columns.size()];
        add(columns.stream().map(Column::name).toArray(String[]::new));
    }

    @Override
    public void row(@Nullable Object... cells) {
        Check.that(cells.length == columns.size(), "a row has a cell for each column");
        var texts = new String[cells.length];
        for (int i = 0; i < cells.length; i++) {
            texts[i] = cells[i] == null ? "" : printable(String.valueOf(cells[i]));
        }
        add(texts);
    }

    @Override
    public void close() throws IOException {
        for (String[] row : rows) {
            out.write(line(row).stripTrailing());
            out.write('\n');
        }
        out.flush();
    }

    /** What a terminal would obey instead of show becomes a question mark. */
    static String printable(String text) {
        return text.codePoints().anyMatch(Character::isISOControl)
                ? text.replaceAll("\\p{Cntrl}|[\\x80-\\x9f]", "?")
                : text;
    }

    private void add(String[] row) {
        for (int i = 0; i < row.length; i++) {
            widths[i] = Math.max(widths[i], width(row[i]));
        }
        rows.add(row);
    }

    private String line(String[] row) {
        var line = new StringBuilder();
        for (int i = 0; i < row.length; i++) {
            String padding = " ".repeat(widths[i] - width(row[i]));
            line.append(i == 0 ? "" : GAP);
            line.append(columns.get(i).isNumber() ? padding + row[i] : row[i] + padding);
        }
        return line.toString();
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
