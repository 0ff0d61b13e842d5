import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns IANA's CSV of IPFIX information elements into the file that Narwhal ships, on standard
 * output: docs/protocols/registry.md says when and how. Runs without a build: {@code java
 * build/RefreshRegistry.java FILE.csv}. Exit code 1 and a message when the file is not IANA's.
 */
final class RefreshRegistry {
    private static final List<String> COLUMNS =
            List.of(
                    "ElementID",
                    "Name",
                    "Abstract Data Type",
                    "Data Type Semantics",
                    "Status",
                    "Units",
                    "Date");

    private RefreshRegistry() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println(
                    "usage: java build/RefreshRegistry.java ipfix-information-elements.csv");
            System.exit(2);
        }
        try {
            String csv = Files.readString(Path.of(args[0]));
            System.out.write(refreshed(csv).getBytes(StandardCharsets.UTF_8));
            System.out.flush();
        } catch (IllegalArgumentException e) {
            System.err.println(args[0] + ": " + e.getMessage());
            System.exit(1);
        }
    }

    private static String refreshed(String csv) {
        List<List<String>> rows = rows(csv);
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("no rows; is this IANA's file?");
        }
        Map<String, Integer> columns = columns(rows.getFirst());
        Map<Integer, String> elements = new TreeMap<>();
        String newest = "";
        for (List<String> row : rows.subList(1, rows.size())) {
            String number = cell(row, columns, "ElementID");
            String name = cell(row, columns, "Name");
            String type = cell(row, columns, "Abstract Data Type");
            // Ranges, and names with blanks, are what is reserved, unassigned or NetFlow's own.
            if (!number.matches("\\d+")
                    || type.isEmpty()
                    || !name.matches("[A-Za-z][A-Za-z0-9]*")) {
                continue;
            }
            String element =
                    String.join(
                            ",",
                            number,
                            name,
                            type,
                            semantics(cell(row, columns, "Data Type Semantics"), type),
                            or(cell(row, columns, "Status"), "current"),
                            cell(row, columns, "Units").replace(',', ' '));
            if (elements.put(Integer.parseInt(number), element) != null) {
                throw new IllegalArgumentException("element " + number + " stands there twice");
            }
            String date = cell(row, columns, "Date");
            newest = date.compareTo(newest) > 0 ? date : newest;
        }
        return head(newest) + String.join("\n", elements.values()) + "\n";
    }

    private static String head(String date) {
        return """
        # Information elements of the IANA registry "IP Flow Information Export (IPFIX) Entities",
        # https://www.iana.org/assignments/ipfix/ipfix-information-elements.csv, as of %s.
        # IANA's registries are in the public domain (CC0 1.0). Sorted by number; reserved and unassigned
        # numbers are left out. Semantics that the registry leaves empty are those that RFC 7012 section 3.2
        # gives them: quantity for numbers, default for all else. Sources, and how this file is made anew:
        # docs/protocols/registry.md.
        number,name,type,semantics,status,units
        """
                .formatted(date);
    }

    private static Map<String, Integer> columns(List<String> header) {
        Map<String, Integer> columns = new LinkedHashMap<>();
        for (String column : COLUMNS) {
            if (!header.contains(column)) {
                throw new IllegalArgumentException(
                        "no column '" + column + "'; its first row is " + String.join(",", header));
            }
            columns.put(column, header.indexOf(column));
        }
        return columns;
    }

    private static String cell(List<String> row, Map<String, Integer> columns, String column) {
        int at = columns.get(column);
        return at < row.size() ? row.get(at).strip() : "";
    }

    private static String semantics(String said, String type) {
        return or(said, type.matches("(un)?signed.*|float.*") ? "quantity" : "default");
    }

    private static String or(String text, String otherwise) {
        return text.isEmpty() ? otherwise : text;
    }

    /** The rows of a CSV (RFC 4180). */
    private static List<List<String>> rows(String csv) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean isQuoted = false;
        for (int i = 0; i < csv.length(); i++) {
            char c = csv.charAt(i);
            if (isQuoted && c == '"' && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
                field.append(c);
                i++;
            } else if (c == '"') {
                isQuoted = !isQuoted;
            } else if (isQuoted || c != ',' && c != '\n' && c != '\r') {
                field.append(c);
            } else if (c != '\r') {
                row.add(field.toString());
                field.setLength(0);
                if (c == '\n') {
                    rows.add(row);
                    row = new ArrayList<>();
                }
            }
        }
        if (isQuoted) {
            throw new IllegalArgumentException("it ends within quotes; is it whole?");
        }
        if (!row.isEmpty() || !field.isEmpty()) {
            row.add(field.toString());
            rows.add(row);
        }
        return rows;
    }
}
