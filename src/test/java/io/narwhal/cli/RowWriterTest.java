package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;

final class RowWriterTest {
    private static final Column[] COLUMNS = {
        Column.text("name"), Column.number("octets"), Column.text("since")
    };

    @Test
    void aTableAlignsNumbersToTheRightAndLeavesTheirDigitsAlone() throws IOException {
        assertThat(print(Format.TABLE))
                .isEqualTo(
                        """
                        name         octets  since
                        a           1234567  1970-01-01T00:00:01Z
                        naïve, "b"        0
                        """);
    }

    @Test
    void csvHasAHeaderAndQuotesWhatNeedsThem() throws IOException {
        assertThat(print(Format.CSV))
                .isEqualTo(
                        "name,octets,since\n"
                                + "a,1234567,1970-01-01T00:00:01Z\n"
                                + "\"naïve, \"\"b\"\"\",0,\n");
    }

    @Test
    void jsonIsAListOfObjects() throws IOException {
        assertThat(print(Format.JSON))
                .isEqualTo(
                        """
                        [
                        {"name":"a","octets":1234567,"since":"1970-01-01T00:00:01Z"},
                        {"name":"naïve, \\"b\\"","octets":0,"since":null}
                        ]
                        """);
    }

    @Test
    void noRowsAreAHeaderOrAnEmptyList() throws IOException {
        for (Format format : Format.values()) {
            var out = new StringWriter();
            RowWriter.to(out, format, Column.text("a"), Column.number("b")).close();
            assertThat(out.toString())
                    .isEqualTo(
                            switch (format) {
                                case TABLE -> "a  b\n";
                                case CSV -> "a,b\n";
                                case JSON -> "[]\n";
                            });
        }
    }

    @Test
    void aTableShowsControlCharactersInsteadOfObeyingThem() throws IOException {
        var out = new StringWriter();
        try (var rows = RowWriter.to(out, Format.TABLE, Column.text("a"))) {
            rows.row("\u001b[2Jx\ny\u009b");
        }
        assertThat(out.toString()).isEqualTo("a\n?[2Jx?y?\n");
    }

    private static String print(Format format) throws IOException {
        var out = new StringWriter();
        try (var rows = RowWriter.to(out, format, COLUMNS)) {
            rows.row("a", 1_234_567L, Instant.ofEpochSecond(1));
            rows.row("naïve, \"b\"", 0L, null);
        }
        return out.toString();
    }
}
