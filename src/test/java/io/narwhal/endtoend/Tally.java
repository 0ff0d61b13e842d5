package io.narwhal.endtoend;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Octets, packets and flows by key, as {@code narwhal usage} and a source's truth print them. */
final class Tally {
    private static final int SUMS = 3;
    private static final int SHOWN_MAX = 10;

    private final Map<String, long[]> rows = new TreeMap<>();

    /** Adds up what CSV says: the last three columns are the sums, those before them the key. */
    static Tally of(String csv) {
        var tally = new Tally();
        csv.lines().skip(1).forEach(tally::add);
        return tally;
    }

    private void add(String line) {
        String[] cells = line.split(",");
        int keys = cells.length - SUMS;
        long[] row =
                rows.computeIfAbsent(
                        String.join(",", Arrays.copyOf(cells, keys)), _ -> new long[SUMS]);
        for (int i = 0; i < SUMS; i++) {
            row[i] += Long.parseLong(cells[keys + i]);
        }
    }

    /** Both together. */
    Tally plus(Tally other) {
        var sum = new Tally();
        for (Tally one : List.of(this, other)) {
            one.rows.forEach(
                    (key, row) -> {
                        long[] to = sum.rows.computeIfAbsent(key, _ -> new long[SUMS]);
                        for (int i = 0; i < SUMS; i++) {
                            to[i] += row[i];
                        }
                    });
        }
        return sum;
    }

    /** The rows whose first key is this, without it. */
    Tally where(String first) {
        var part = new Tally();
        rows.forEach(
                (key, row) -> {
                    if (key.startsWith(first + ",")) {
                        part.rows.put(key.substring(first.length() + 1), row);
                    }
                });
        return part;
    }

    long flows() {
        return rows.values().stream().mapToLong(row -> row[SUMS - 1]).sum();
    }

    int size() {
        return rows.size();
    }

    /** What is not as it should be: at most ten rows, thousands would tell no more. */
    List<String> difference(Tally should) {
        var keys = new TreeSet<>(rows.keySet());
        keys.addAll(should.rows.keySet());
        return keys.stream()
                .filter(key -> !Arrays.equals(rows.get(key), should.rows.get(key)))
                .map(
                        key ->
                                key
                                        + ": "
                                        + Arrays.toString(rows.get(key))
                                        + ", should be "
                                        + Arrays.toString(should.rows.get(key)))
                .limit(SHOWN_MAX)
                .toList();
    }
}
