package io.narwhal.output;

import java.util.ArrayList;
import java.util.List;

/** Collects a result. */
final class Answer implements ResultSink {
    final List<String> columns = new ArrayList<>();
    final List<List<Value>> rows = new ArrayList<>();

    @Override
    public void columns(List<String> names) {
        columns.addAll(names);
    }

    @Override
    public void row(List<Value> values) {
        rows.add(values);
    }

    /** Rows as CSV shows them. */
    List<String> lines() {
        return rows.stream()
                .map(row -> String.join(",", row.stream().map(Value::text).toList()))
                .toList();
    }
}
