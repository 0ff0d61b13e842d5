package io.narwhal.cli;

import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints records as JSON with all that their exporters sent: first the columns of {@link
 * RecordRows}, then each field of the record by its registered name. A column's name is never taken
 * by a field.
 */
final class WholeRecordRows implements Closeable {
    private final JsonRows rows;
    private final Dictionary dictionary;
    private long printed;

    WholeRecordRows(Writer out, Dictionary dictionary) {
        this.rows = new JsonRows(out, List.of());
        this.dictionary = dictionary;
    }

    /** Records printed so far. */
    long printed() {
        return printed;
    }

    /**
     * A flow.
     *
     * @param via link and journal of the agent that it came by; empty when it came by none
     */
    void print(RecordBlock block, int row, Map<String, Object> fields, String via)
            throws IOException {
        Map<String, @Nullable Object> cells = new LinkedHashMap<>();
        for (Field field : RecordRows.FIELDS) {
            cells.put(field.label(), RecordRows.cell(field, block, row, dictionary));
        }
        fields.forEach(
                (name, value) -> {
                    if (!cells.containsKey(name)) {
                        cells.put(name, value);
                    }
                });
        if (!via.isEmpty()) {
            cells.put(RecordRows.VIA, via);
        }
        print(cells);
    }

    /** A record that is no flow. */
    void print(Map<String, ? extends @Nullable Object> record) throws IOException {
        printed++;
        rows.row(record);
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
