package io.narwhal.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tables of docs/protocols/transfer.md. */
final class TransferDocument {
    private static final Path PAGE = Path.of("docs/protocols/transfer.md");

    private TransferDocument() {}

    /** Rows below the nth table with that header, cells stripped; the header first. */
    static List<List<String>> table(String header, int nth) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        int seen = -1;
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("| " + header + " |")) {
                seen++;
            }
            if (seen == nth && !line.startsWith("|")) {
                return rows;
            }
            if (seen == nth && !line.startsWith("|-")) {
                List<String> cells = Arrays.asList(line.split("\\|", -1));
                rows.add(cells.subList(1, cells.size() - 1).stream().map(String::strip).toList());
            }
        }
        throw new AssertionError("no table '" + header + "' in " + PAGE);
    }
}
