package io.narwhal.enhance;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.enhance.CustomerTable.Outcome;
import io.narwhal.record.Addresses;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What docs/operations/customers.md shows is what the code does. */
class CustomersDocumentTest {
    private static final Path DOCUMENT = Path.of("docs/operations/customers.md");

    @Test
    void r57_theTableShownGivesTheCustomersShown() throws IOException {
        String text = Files.readString(DOCUMENT);
        int from = text.indexOf("```csv\n") + 7;
        CustomerTable table =
                CustomerTableTest.load(text.substring(from, text.indexOf("```", from)));
        List<List<String>> rows =
                cells().stream().filter(cells -> isAddress(cells.getFirst())).toList();
        assertThat(rows).hasSize(6);
        for (List<String> row : rows) {
            InetAddress address = InetAddress.ofLiteral(row.get(0));
            int customer = table.find(Addresses.high(address), Addresses.low(address));
            assertThat(table.customer(customer)).as(row.get(0)).isEqualTo(row.get(1));
        }
    }

    @Test
    void everyErrorShownIsTheErrorGiven() throws IOException {
        List<List<String>> rows =
                cells().stream().filter(cells -> cells.getFirst().startsWith("`")).toList();
        assertThat(rows).hasSize(7);
        for (List<String> row : rows) {
            String csv = "prefix,customer\n" + row.get(0).replace("`", "") + "\n";
            assertThat(CustomerTable.read("t.csv", csv.getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo(
                            new Outcome.Refused(
                                    List.of(new CustomerTable.Problem("t.csv", 2, row.get(1)))));
        }
    }

    private static boolean isAddress(String cell) {
        return cell.matches("[0-9a-f]+[.:][0-9a-f.:]+");
    }

    private static List<List<String>> cells() throws IOException {
        return Files.readAllLines(DOCUMENT).stream()
                .filter(line -> line.startsWith("| "))
                .map(line -> line.substring(1, line.length() - 1).split("\\|", -1))
                .map(cells -> Arrays.stream(cells).map(String::strip).toList())
                .toList();
    }
}
