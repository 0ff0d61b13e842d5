package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.wire.ElementTable.Outcome;
import io.narwhal.wire.ElementTable.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** A table of elements is read whole or refused with every wrong line. */
class ElementCsvTest {
    private static final String HEADER = "enterprise,element,name,type\n";

    /** A wrong table and the messages that it gets. */
    record Case(String csv, List<String> messages) {
        static Case rows(String rows, String... messages) {
            return new Case(HEADER + rows + "\n", List.of(messages));
        }

        static Case text(String csv, String... messages) {
            return new Case(csv, List.of(messages));
        }
    }

    static Stream<Case> wrongTables() {
        String noRows = "t.csv:1:1: no rows; expected the header row enterprise,element,name,type";
        return Stream.of(
                Case.text("", noRows),
                Case.text("# x\n\n", noRows),
                Case.text(
                        "9,1,a,string\n",
                        "t.csv:1:1: '9,1,a,string' is not the header row; the first row must be"
                                + " enterprise,element,name,type"),
                Case.rows("9,1,a", "t.csv:2:1: 3 fields; expected 4: enterprise,element,name,type"),
                Case.rows(
                        "x,1,a,string\n-1,1,b,string\n4294967296,1,c,string",
                        "t.csv:2:1: 'x' is no number of an enterprise; expected 0 to 4294967295, 0"
                                + " for IANA's elements",
                        "t.csv:3:1: '-1' is no number of an enterprise; expected 0 to 4294967295, 0"
                                + " for IANA's elements",
                        "t.csv:4:1: '4294967296' is no number of an enterprise; expected 0 to"
                                + " 4294967295, 0 for IANA's elements"),
                Case.rows(
                        "9,0,a,string\n9, 32768,b,string\n0,65536,c,string\n0,65535,d,string",
                        "t.csv:2:3: '0' is no number of an element; expected 1 to 32767",
                        "t.csv:3:4: '32768' is no number of an element; expected 1 to 32767",
                        "t.csv:4:3: '65536' is no number of an element; expected 1 to 65535"),
                Case.rows(
                        "9,1,,string\n9,2,a b,string\n9,3,1a,string",
                        "t.csv:2:5: '' is no name of an element; expected a letter, then letters,"
                                + " digits, _ - or ., 200 at most",
                        "t.csv:3:5: 'a b' is no name of an element; expected a letter, then"
                                + " letters, digits, _ - or ., 200 at most",
                        "t.csv:4:5: '1a' is no name of an element; expected a letter, then letters,"
                                + " digits, _ - or ., 200 at most"),
                Case.rows(
                        "9,1,a,String\n9,2,b,text",
                        "t.csv:2:7: unknown type 'String'; did you mean 'string'?",
                        "t.csv:3:7: unknown type 'text'; the types are: " + ElementType.labels()),
                Case.rows(
                        "9,1,a,string\n9,1,a,unsigned8",
                        "t.csv:3:3: element 1 of enterprise 9 is 'a' of type unsigned8 here and 'a'"
                                + " of type string in line 2; it can be one of them"),
                Case.rows(
                        "9,1,a,string\n9,2,a,string\n0,2,a,string",
                        "t.csv:3:5: the name 'a' is taken in line 2; an enterprise's elements have"
                                + " names of their own"),
                Case.rows(
                        "x,y,\"1\",z",
                        "t.csv:2:1: 'x' is no number of an enterprise; expected 0 to 4294967295, 0"
                                + " for IANA's elements",
                        "t.csv:2:1: 'y' is no number of an element; expected 1 to 65535",
                        "t.csv:2:1: '1' is no name of an element; expected a letter, then letters,"
                                + " digits, _ - or ., 200 at most",
                        "t.csv:2:1: unknown type 'z'; the types are: " + ElementType.labels()));
    }

    @ParameterizedTest
    @MethodSource("wrongTables")
    void aWrongTableIsRefusedWithEveryWrongPlace(Case one) {
        assertThat(problems(one.csv().getBytes(StandardCharsets.UTF_8)))
                .extracting(Problem::toString)
                .containsExactlyElementsOf(one.messages());
    }

    @Test
    void aTableThatIsNotUtf8SaysWhere() {
        assertThat(problems((HEADER + "9,1,\u00fc").getBytes(StandardCharsets.ISO_8859_1)))
                .extracting(Problem::toString)
                .containsExactly("t.csv:2:1: not UTF-8; save the table in UTF-8");
    }

    @Test
    void afterAHundredErrorsTheRestIsNotRead() {
        List<Problem> problems =
                problems((HEADER + "x,1,a,string\n".repeat(200)).getBytes(StandardCharsets.UTF_8));

        assertThat(problems).hasSize(101);
        assertThat(problems.getLast().message())
                .isEqualTo("too many errors; the rest was not read");
    }

    @Test
    void commentsBlanksAndTheSameTwiceAreNoErrors() {
        String csv =
                "\ufeff# ours\n"
                        + HEADER
                        + "\n 9 , 1 , a , string \n9,1,a,string\n0,8,b,unsigned8\n";

        Outcome outcome = ElementTable.read("t.csv", csv.getBytes(StandardCharsets.UTF_8));

        assertThat(outcome).isInstanceOf(Outcome.Loaded.class);
        var loaded = (Outcome.Loaded) outcome;
        assertThat(loaded.table().size()).isEqualTo(2);
        assertThat(loaded.warnings())
                .extracting(Problem::toString)
                .containsExactly(
                        "t.csv:5:1: element 1 of enterprise 9 stands in line 4 already; one of the"
                                + " lines can go");
        Registry registry = Registry.shipped().with(List.of(loaded.table()));
        assertThat(registry.find(9, 1, null))
                .isEqualTo(new Registry.Named("a", ElementType.STRING));
        assertThat(registry.find(0, 8, null))
                .isEqualTo(new Registry.Named("b", ElementType.UNSIGNED8));
    }

    private static List<Problem> problems(byte[] csv) {
        Outcome outcome = ElementTable.read("t.csv", csv);
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused) outcome).problems();
    }
}
