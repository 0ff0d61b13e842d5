package io.narwhal.cli;

import io.narwhal.base.Check;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Map;

/** A JSON list of objects, one to a line. */
final class JsonRows implements RowWriter {
    private final Writer out;
    private final List<Column> columns;
    private String before = "[\n";

    JsonRows(Writer out, List<Column> columns) {
        this.out = out;
        this.columns = columns;
    }

    @Override
    public void row(@Nullable Object... cells) throws IOException {
        Check.that(cells.length == columns.size(), "a row has a cell for each column");
        out.write(before);
        before = ",\n";
        Json.writeObject(out, columns, cells);
    }

    /** A row with columns of its own. */
    void row(Map<String, ? extends @Nullable Object> cells) throws IOException {
        out.write(before);
        before = ",\n";
        Json.writeObject(out, cells);
    }

    @Override
    public void close() throws IOException {
        out.write(before.equals(",\n") ? "\n]\n" : "[]\n");
        out.flush();
    }
}
