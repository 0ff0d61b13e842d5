package io.narwhal.cli;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;

import io.narwhal.base.Check;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Writer;
import java.util.List;

/** Comma-separated values with a header row. */
final class CsvRows implements RowWriter {
    private final Writer out;
    private final CsvWriter csv;
    private final int columns;

    CsvRows(Writer out, List<Column> columns) {
        this.out = out;
        this.columns = columns.size();
        this.csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(out);
        csv.writeRecord(columns.stream().map(Column::name).toList());
    }

    @Override
    public void row(@Nullable Object... cells) {
        Check.that(cells.length == columns, "a row has a cell for each column");
        var texts = new String[cells.length];
        for (int i = 0; i < cells.length; i++) {
            texts[i] = cells[i] == null ? "" : String.valueOf(cells[i]);
        }
        csv.writeRecord(texts);
    }

    @Override
    public void close() throws IOException {
        csv.flush();
        out.flush();
    }
}
