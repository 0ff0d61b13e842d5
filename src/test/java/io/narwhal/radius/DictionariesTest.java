package io.narwhal.radius;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.radius.Dictionaries.Outcome;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Files of dictionaries: what is wrong with them, limits, and what they include (R30). */
class DictionariesTest {
    @TempDir private Path directory;

    private Outcome read(String... lines) throws IOException {
        return Dictionaries.read(List.of(write("dictionary", lines)), Disk.system());
    }

    private Path write(String name, String... lines) throws IOException {
        return Files.writeString(directory.resolve(name), String.join("\n", lines));
    }

    private String problems(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Loaded _ -> "none";
            case Outcome.Refused(var problems) ->
                    problems.stream()
                            .map(one -> one.toString().replace(directory + "/", ""))
                            .collect(Collectors.joining("\n"));
        };
    }

    private List<String> warnings(Outcome outcome) {
        assertThat(problems(outcome)).isEqualTo("none");
        return ((Outcome.Loaded) outcome)
                .warnings().stream()
                        .map(one -> one.toString().replace(directory + "/", ""))
                        .toList();
    }

    private static Dictionaries loaded(Outcome outcome) {
        return ((Outcome.Loaded) outcome).dictionaries();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    ATRIBUTE A 1 string      | unknown keyword 'ATRIBUTE'; a line begins with ATTRIBUTE, VALUE, VENDOR, BEGIN-VENDOR, END-VENDOR, BEGIN-TLV, END-TLV or $INCLUDE
                    PROTOCOL RADIUS 1        | 'PROTOCOL' belongs to FreeRADIUS 4; give a dictionary of FreeRADIUS 3
                    ATTRIBUTE A 1            | 3 words; expected: ATTRIBUTE NAME NUMBER TYPE [FLAGS]
                    ATTRIBUTE A x string     | 'x' is no number; expected one like 26 or 0x1a, 4294967295 at most
                    ATTRIBUTE A 0x string    | '0x' is no number; expected one like 26 or 0x1a, 4294967295 at most
                    ATTRIBUTE A -1 string    | '-1' is no number; expected one like 26 or 0x1a, 4294967295 at most
                    ATTRIBUTE A 4294967296 string | '4294967296' is no number; expected one like 26 or 0x1a, 4294967295 at most
                    ATTRIBUTE A 1. string    | '' is no number; expected one like 26 or 0x1a, 4294967295 at most
                    ATTRIBUTE A 1.2 string   | attribute 1.2 lies within 'User-Name', whose type is text; only a tlv holds others
                    ATTRIBUTE A 240.2 string | attribute 240.2 lies within 240, which no line before has defined
                    ATTRIBUTE A 1 string Acme | 'Acme' is neither a flag nor a vendor; a VENDOR line must come before
                    VALUE A B                | 3 words; expected: VALUE ATTRIBUTE NAME NUMBER
                    VALUE Nothing B 1        | no ATTRIBUTE line has the name 'Nothing'; add it, or correct this one
                    VALUE Service-Type B 1x  | '1x' is no number; expected one like 26 or 0x1a
                    VENDOR Acme              | 2 words; expected: VENDOR NAME NUMBER [format=T,L]
                    VENDOR Acme 1 format=3,1 | 'format=3,1' is no format of a vendor; expected format=T,L of the octets of type (1, 2 or 4) and of length (0, 1 or 2), or format=1,1,c
                    END-VENDOR Acme          | END-VENDOR Acme, but no block has begun
                    BEGIN-TLV User-Name      | no ATTRIBUTE line before has the name 'User-Name' and the type tlv
                    $INCLUDE missing         | cannot open missing: no such file or directory; put the file there, or correct its name
                    $INCLUDE                 | 1 words; expected: $INCLUDE FILE
                    """)
    void aLineThatIsWrongIsToldWithItsPlaceAndWhatToDo(String line, String message)
            throws IOException {
        String rest = line.startsWith("BEGIN-TLV") ? "\nEND-TLV User-Name" : "";
        assertThat(problems(read("# a comment", "", line + rest)))
                .isEqualTo("dictionary:3: " + message);
    }

    @Test
    void blocksAreEndedByTheirOwnEndInTheirOwnFile() throws IOException {
        assertThat(
                        problems(
                                read(
                                        "VENDOR Acme 1",
                                        "VENDOR Other 2",
                                        "BEGIN-VENDOR Nobody",
                                        "END-VENDOR Nobody",
                                        "BEGIN-VENDOR Acme",
                                        "END-VENDOR Other",
                                        "BEGIN-VENDOR Acme parent=Something",
                                        "BEGIN-VENDOR Other",
                                        "END-VENDOR Other")))
                .isEqualTo(
                        """
                        dictionary:3: no VENDOR line before has the name 'Nobody'; add it, or correct this one
                        dictionary:6: END-VENDOR Other, but the block of line 5 is that of VENDOR Acme
                        dictionary:7: 'parent=Something' is not understood; expected parent=Extended-Vendor-Specific-1 to -6
                        dictionary:8: BEGIN-VENDOR within a block that began in line 7; end that first
                        dictionary:7: BEGIN-VENDOR Acme has no END-VENDOR in this file; add it behind its last attribute\
                        """);
    }

    @Test
    void oneNameForTwoIsAnErrorAndTwoNamesForOneAreNone() throws IOException {
        assertThat(
                        problems(
                                read(
                                        "ATTRIBUTE A 200 string",
                                        "ATTRIBUTE a 200 octets",
                                        "ATTRIBUTE B 200 octets",
                                        "VENDOR V 7",
                                        "ATTRIBUTE A 1 string V",
                                        "VENDOR v 8")))
                .isEqualTo(
                        """
                        dictionary:5: the name 'A' is that of attribute 200 in dictionary:1; attributes have names of their own
                        dictionary:6: the name 'v' is that of vendor 7 in dictionary:4; vendors have names of their own\
                        """);
        Dictionaries two = loaded(read("ATTRIBUTE A 200 string", "ATTRIBUTE B 200 octets"));
        assertThat(two.standard(200)).extracting(one -> one.name).isEqualTo("B");
    }

    @Test
    void whatIsUnknownButHarmlessIsAWarning() throws IOException {
        assertThat(
                        warnings(
                                read(
                                        "ATTRIBUTE A 200 frobnicate",
                                        "ATTRIBUTE Internal 1000 integer",
                                        "VALUE Internal Yes 1",
                                        "VALUE User-Name Bob 1")))
                .hasSize(3)
                .satisfiesExactly(
                        one ->
                                assertThat(one)
                                        .startsWith(
                                                "dictionary:1: unknown type 'frobnicate', taken"
                                                        + " for octets; the types are: abinary, "),
                        one ->
                                assertThat(one)
                                        .isEqualTo(
                                                "dictionary:2: no packet can carry attribute 1000,"
                                                    + " as numbers end at 255 here; it was passed"
                                                    + " over"),
                        one ->
                                assertThat(one)
                                        .isEqualTo(
                                                "dictionary:4: 'User-Name' is of type text, whose"
                                                    + " values have no names; the line was passed"
                                                    + " over"));
    }

    @Test
    void includedFilesAreLookedForBesideTheirOwnAndMayComeTwice() throws IOException {
        Files.createDirectories(directory.resolve("vendors"));
        write("vendors/all", "$INCLUDE acme", "$INCLUDE ../shared", "$INCLUDE acme");
        write("vendors/acme", "VENDOR Acme 42", "BEGIN-VENDOR Acme", "ATTRIBUTE X 1 string");
        Files.writeString(
                directory.resolve("vendors/acme"),
                "\nEND-VENDOR Acme\n",
                java.nio.file.StandardOpenOption.APPEND);
        write("shared", "VALUE Later One 1", "ATTRIBUTE Later 201 integer");

        Dictionaries dictionaries = loaded(read("$INCLUDE vendors/all"));

        Vendor acme = dictionaries.vendor(42);
        assertThat(acme).isNotNull();
        assertThat(acme.attribute(1)).extracting(one -> one.name).isEqualTo("X");
        assertThat(dictionaries.valueName(201, 1)).contains("One");
    }

    @Test
    void filesThatIncludeEachOtherInACircleOrTooDeepAreRefused() throws IOException {
        write("other", "", "$INCLUDE dictionary");
        assertThat(problems(read("$INCLUDE other")))
                .matches(
                        "other:2: .*dictionary includes itself by way of this line; take the line"
                                + " out");
        for (int i = 0; i < Dictionaries.INCLUDE_DEPTH_MAX; i++) {
            write("deep" + i, "$INCLUDE deep" + (i + 1));
        }
        assertThat(problems(read("$INCLUDE deep0")))
                .isEqualTo("deep18:1: files include each other more than 20 deep here");
    }

    @Test
    void filesThatDoubleAtEachStepEndAtTheLimitOfFiles() throws IOException {
        for (int i = 0; i < 18; i++) {
            write("double" + i, "$INCLUDE double" + (i + 1), "$INCLUDE double" + (i + 1));
        }
        write("double18", "ATTRIBUTE A 200 string");
        assertThat(problems(read("$INCLUDE double0")))
                .contains("more than " + Dictionaries.FILES_MAX + " files are included")
                .hasLineCount(1);
    }

    @Test
    void linesAttributesAndOctetsHaveLimits() throws IOException {
        assertThat(problems(read("\n".repeat(Dictionaries.LINES_MAX + 1))))
                .isEqualTo("dictionary:1000001: more than 1000000 lines; the rest was not read")
                .isNotEmpty();
        assertThat(problems(read("x".repeat(Dictionaries.FILE_BYTES_MAX + 1))))
                .endsWith("dictionary has 10000001 bytes; a dictionary has at most 10000000");
        String many =
                IntStream.rangeClosed(0, Dictionaries.ATTRIBUTES_MAX)
                        .mapToObj(i -> "ATTRIBUTE A" + i + " " + i + " string")
                        .collect(Collectors.joining("\n"));
        assertThat(problems(read("VENDOR V 7 format=4,0", "BEGIN-VENDOR V", many, "END-VENDOR V")))
                .isEqualTo("dictionary:200003: more than 200000 attributes");
    }

    @Test
    void whatIsNoDictionaryEndsAfterAHundredErrorsWithoutItsOctets() throws IOException {
        String problems = problems(read("\u0000\u001b[2J rubbish\n".repeat(1_000)));
        assertThat(problems.lines()).hasSize(Dictionaries.PROBLEMS_MAX + 1);
        assertThat(problems)
                .startsWith("dictionary:1: unknown keyword '??[2J'")
                .endsWith("dictionary:101: too many errors; the rest was not read");
    }

    @Test
    void whatIsShippedNamesEveryAttributeThatAccountingReads() {
        for (int type : new int[] {1, 4, 8, 32, 40, 41, 42, 43, 44, 46, 47, 48, 49, 52, 53, 55}) {
            assertThat(Dictionaries.shipped().standard(type)).as("%d", type).isNotNull();
        }
        assertThat(Dictionaries.shipped().valueName(Attribute.ACCT_STATUS_TYPE, 3))
                .contains("Interim-Update");
    }
}
