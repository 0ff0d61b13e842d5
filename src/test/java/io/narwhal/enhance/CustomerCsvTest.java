package io.narwhal.enhance;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.enhance.CustomerTable.Outcome;
import io.narwhal.enhance.CustomerTable.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** A table is read whole or refused with every wrong line. */
class CustomerCsvTest {
    /** A wrong table and the messages that it gets. */
    record Case(String csv, List<String> messages) {
        static Case row(String row, String... messages) {
            return new Case("prefix,customer\n" + row + "\n", List.of(messages));
        }

        static Case text(String csv, String... messages) {
            return new Case(csv, List.of(messages));
        }
    }

    static Stream<Case> wrongTables() {
        String form = "is no prefix; expected such as 192.0.2.0/24 or 2001:db8::/32";
        return Stream.of(
                Case.text("", "t.csv:1: no rows; expected the header row prefix,customer"),
                Case.text("# x\n\n", "t.csv:1: no rows; expected the header row prefix,customer"),
                Case.text(
                        "10.0.0.0/8,ann\n",
                        "t.csv:1: '10.0.0.0/8,ann' is not the header row; the first row must be"
                                + " prefix,customer"),
                Case.row("ann,10.0.0.0/8", "t.csv:2: 'ann' " + form),
                Case.row("10.1/16,ann", "t.csv:2: '10.1/16' " + form),
                Case.row("10.0.0.256/32,ann", "t.csv:2: '10.0.0.256/32' " + form),
                Case.row("010.0.0.0/8,ann", "t.csv:2: '010.0.0.0/8' " + form),
                Case.row("example.org/8,ann", "t.csv:2: 'example.org/8' " + form),
                Case.row("2001:db8::1::/64,ann", "t.csv:2: '2001:db8::1::/64' " + form),
                Case.row("fe80::1%eth0/64,ann", "t.csv:2: 'fe80::1%eth0/64' " + form),
                Case.row(",ann", "t.csv:2: '' " + form),
                Case.row(
                        "10.0.0.1,ann",
                        "t.csv:2: '10.0.0.1' has no prefix length; for this address alone write"
                                + " 10.0.0.1/32"),
                Case.row(
                        "2001:db8::1,ann",
                        "t.csv:2: '2001:db8::1' has no prefix length; for this address alone write"
                                + " 2001:db8::1/128"),
                Case.row(
                        "10.0.0.0/33,ann",
                        "t.csv:2: '10.0.0.0/33' has no usable prefix length; expected 0 to 32"),
                Case.row(
                        "10.0.0.0/,ann",
                        "t.csv:2: '10.0.0.0/' has no usable prefix length; expected 0 to 32"),
                Case.row(
                        "2001:db8::/129,ann",
                        "t.csv:2: '2001:db8::/129' has no usable prefix length; expected 0 to 128"),
                Case.row(
                        "10.1.2.3/8,ann",
                        "t.csv:2: '10.1.2.3/8' has host bits set; the network is probably"
                                + " 10.0.0.0/8"),
                Case.row(
                        "2001:db8::1/32,ann",
                        "t.csv:2: '2001:db8::1/32' has host bits set; the network is probably"
                                + " 2001:db8::/32"),
                Case.row(
                        "::1/0,ann",
                        "t.csv:2: '::1/0' has host bits set; the network is probably ::/0"),
                Case.row(
                        "::ffff:10.0.0.0/104,ann",
                        "t.csv:2: '::ffff:10.0.0.0/104' is an IPv4 address in its IPv6 form; write"
                                + " it as IPv4: 10.0.0.0/LENGTH"),
                Case.row(
                        "10.0.0.0/8,",
                        "t.csv:2: 10.0.0.0/8 has no customer; expected a name after the comma"),
                Case.row(
                        "10.0.0.0/8,\" \"",
                        "t.csv:2: 10.0.0.0/8 has no customer; expected a name after the comma"),
                Case.row("10.0.0.0/8", "t.csv:2: 1 fields; expected 2: prefix,customer"),
                Case.row("10.0.0.0/8,ann,bob", "t.csv:2: 3 fields; expected 2: prefix,customer"),
                Case.row(
                        "10.0.0.0/8," + "x".repeat(201),
                        "t.csv:2: the customer's name has 201 characters or a control character in"
                                + " it; expected at most 200, all printable"),
                Case.row(
                        "10.0.0.0/8,\"an\nn\"",
                        "t.csv:2: the customer's name has 4 characters or a control character in"
                                + " it; expected at most 200, all printable"),
                Case.row(
                        "# who is who\n\n10.0.0.0/8,ann\n10.0.0.0/8,bob\n10.0.0.9/8,cyd",
                        "t.csv:5: 10.0.0.0/8 belongs to 'bob' here and to 'ann' in line 4; a prefix"
                                + " has one customer",
                        "t.csv:6: '10.0.0.9/8' has host bits set; the network is probably"
                                + " 10.0.0.0/8"));
    }

    @ParameterizedTest
    @MethodSource("wrongTables")
    void r57_everyWrongLineIsNamedWithWhatIsExpected(Case wrong) {
        assertThat(refused(wrong.csv().getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(wrong.messages());
    }

    @Test
    void anUnclosedQuoteIsAnOutcome() {
        List<String> problems =
                refused(
                        "prefix,customer\n10.0.0.0/8,ann\n11.0.0.0/8,\"bob\n"
                                .getBytes(StandardCharsets.UTF_8));
        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst())
                .startsWith("t.csv:3: the CSV cannot be read from here on: ");
    }

    @Test
    void textBehindAClosingQuoteIsAnOutcome() {
        List<String> problems =
                refused("prefix,customer\n10.0.0.0/8,\"ann\"x\n".getBytes(StandardCharsets.UTF_8));
        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst())
                .startsWith("t.csv:2: the CSV cannot be read from here on: ");
    }

    @Test
    void textThatIsNotUtf8IsAnOutcomeWithItsLine() {
        byte[] latin =
                "prefix,customer\n10.0.0.0/8,J\u00f6rg\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(refused(latin)).containsExactly("t.csv:2: not UTF-8; save the table in UTF-8");
    }

    @Test
    void readingStopsAfterTooManyErrors() {
        byte[] csv = ("prefix,customer\n" + "x,y\n".repeat(1000)).getBytes(StandardCharsets.UTF_8);
        assertThat(refused(csv))
                .hasSize(CustomerCsv.PROBLEMS_MAX + 1)
                .endsWith("t.csv:102: too many errors; the rest was not read");
    }

    @Test
    void theSameLineTwiceIsAWarning() {
        var outcome = read("prefix,customer\n10.0.0.0/8,ann\n10.0.0.0/8,ann\n");
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Loaded.class,
                        loaded -> {
                            assertThat(loaded.table().prefixes()).isEqualTo(1);
                            assertThat(loaded.warnings())
                                    .extracting(Problem::toString)
                                    .containsExactly(
                                            "t.csv:3: 10.0.0.0/8 already belongs to 'ann' since"
                                                    + " line 2; one of the lines can go");
                        });
    }

    @Test
    void commentsBlankLinesQuotesAndWindowsFilesAreRead() {
        String csv =
                "\ufeff# our customers\r\n"
                        + "prefix , customer\r\n\r\n"
                        + "\"10.0.0.0/8\",\"Smith, \"\"Ann\"\"\"\r\n"
                        + "  \r\n"
                        + "# end\r\n"
                        + "2001:DB8::/32,J\u00f6rg";
        assertThat(read(csv))
                .isInstanceOfSatisfying(
                        Outcome.Loaded.class,
                        loaded -> {
                            assertThat(loaded.warnings()).isEmpty();
                            assertThat(loaded.table().prefixes()).isEqualTo(2);
                            assertThat(loaded.table().customer(1)).isEqualTo("Smith, \"Ann\"");
                            assertThat(loaded.table().customer(2)).isEqualTo("J\u00f6rg");
                        });
    }

    private static Outcome read(String csv) {
        return CustomerTable.read("t.csv", csv.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> refused(byte[] csv) {
        return switch (CustomerTable.read("t.csv", csv)) {
            case Outcome.Loaded loaded -> throw new AssertionError("accepted: " + loaded);
            case Outcome.Refused(var problems) -> problems.stream().map(Problem::toString).toList();
        };
    }
}
