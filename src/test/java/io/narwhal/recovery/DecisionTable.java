package io.narwhal.recovery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The rows of a table in docs/recovery.md, found by the first words of its header. */
public final class DecisionTable {
    /** The page that the tables stand in. */
    public static final Path DOCUMENT = Path.of("docs/recovery.md");

    private DecisionTable() {}

    /** The cells of each row below that header. */
    public static List<List<String>> rows(String header) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        boolean within = false;
        for (String line : Files.readAllLines(DOCUMENT)) {
            if (within && !line.startsWith("|")) {
                return rows;
            }
            if (within && !line.startsWith("|-")) {
                List<String> cells = Arrays.asList(line.split("\\|", -1));
                rows.add(cells.subList(1, cells.size() - 1).stream().map(String::strip).toList());
            }
            within = within || line.startsWith("| " + header + " |");
        }
        return rows;
    }

    /** The one row whose first cells are these, or any. */
    public static List<String> only(List<List<String>> rows, List<String> evidence) {
        List<List<String>> matching = rows.stream().filter(row -> matches(row, evidence)).toList();
        if (matching.size() != 1) {
            throw new AssertionError(evidence + " matches " + matching);
        }
        return matching.getFirst();
    }

    private static boolean matches(List<String> row, List<String> evidence) {
        for (int i = 0; i < evidence.size(); i++) {
            if (!row.get(i).equals("*") && !row.get(i).equals(evidence.get(i))) {
                return false;
            }
        }
        return true;
    }
}
