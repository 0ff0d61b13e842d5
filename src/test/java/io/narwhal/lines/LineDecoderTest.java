package io.narwhal.lines;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Addresses;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.LineMapping;
import io.narwhal.record.LineMapping.Column;
import io.narwhal.record.LineMapping.Time;
import io.narwhal.record.LineTarget;
import io.narwhal.record.RecordBlock;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Lines to records by a mapping, and what is wrong with lines that cannot be read. */
class LineDecoderTest {
    private static final long ARRIVAL_MS = Instant.parse("2026-11-22T12:00:00Z").toEpochMilli();
    private static final String HEADER = "user,ip,bytes,begin,secs";
    private static final Time ISO = new Time(Time.Form.ISO, "", ZoneOffset.UTC);

    private final RecordBlock block = RecordBlock.ofAllFields();
    private final Dictionary texts = new Dictionary();
    private final List<String> handed = new ArrayList<>();

    private static Column column(LineTarget target, String... sources) {
        return column(target, 1, null, sources);
    }

    private static Column column(
            LineTarget target, long unit, @Nullable String value, String... sources) {
        Time time = target.shape() == LineTarget.Shape.TIME ? ISO : null;
        return new Column(target, List.of(sources), value, unit, time);
    }

    private static LineMapping csv(Column... columns) {
        return new LineMapping(LineMapping.Format.CSV, ',', '"', true, List.of(columns));
    }

    private static LineMapping usual() {
        return csv(
                column(LineTarget.SUBSCRIBER, "user"),
                column(LineTarget.SRC_ADDR, "ip"),
                column(LineTarget.OCTETS, "bytes"),
                column(LineTarget.START, "begin"),
                column(LineTarget.DURATION, 1_000, null, "secs"));
    }

    private LineDecoder decoder(LineMapping mapping) {
        return new LineDecoder(mapping, block, texts, one -> handed.add(one.size() + " rows"));
    }

    private LineDecoder.Outcome decode(LineMapping mapping, String header, String line) {
        LineDecoder decoder = decoder(mapping);
        return decode(decoder, decoder.layout(bytes(header)), line);
    }

    private static LineDecoder.Outcome decode(
            LineDecoder decoder, LineDecoder.Layout layout, String line) {
        // Not at the beginning of the array, as in a journal's frame.
        byte[] bytes = bytes("..." + line + "...");
        return decoder.decode(layout, bytes, 3, bytes.length - 6, ARRIVAL_MS);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String text(Field field, int row) {
        return texts.text((int) block.column(field)[row]);
    }

    private String address(Field field, int row) {
        return Addresses.text(block.highColumn(field)[row], block.column(field)[row]);
    }

    private Instant time(Field field, int row) {
        return Instant.ofEpochMilli(block.column(field)[row]);
    }

    private static String reason(LineDecoder.Outcome outcome) {
        return outcome instanceof LineDecoder.Outcome.Bad(String reason) ? reason : "read";
    }

    @Test
    void aLineBecomesOneRow() {
        var outcome = decode(usual(), HEADER, "alice,192.0.2.7,1500,2026-11-22T10:00:00Z,90");

        assertThat(outcome).isEqualTo(new LineDecoder.Outcome.Read(0, 1_500));
        assertThat(block.size()).isEqualTo(1);
        assertThat(block.records()).isEqualTo(1);
        assertThat(text(Field.SUBSCRIBER, 0)).isEqualTo("alice");
        assertThat(address(Field.SRC_ADDR, 0)).isEqualTo("192.0.2.7");
        assertThat(block.column(Field.OCTETS)[0]).isEqualTo(1_500);
        assertThat(time(Field.START, 0)).isEqualTo(Instant.parse("2026-11-22T10:00:00Z"));
        assertThat(time(Field.END, 0)).isEqualTo(Instant.parse("2026-11-22T10:01:30Z"));
        assertThat(block.tells(Field.SRC_ADDR, 0)).isTrue();
        assertThat(block.tells(Field.DST_ADDR, 0)).isFalse();
    }

    @Test
    void columnsAreFoundByNameWhereverTheyStand() {
        decode(usual(), "x,secs,begin,bytes,ip,user", "?,1,2026-11-22 10:00:00,5,2001:db8::1,bob");

        assertThat(text(Field.SUBSCRIBER, 0)).isEqualTo("bob");
        assertThat(address(Field.SRC_ADDR, 0)).isEqualTo("2001:db8::1");
        assertThat(block.column(Field.OCTETS)[0]).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "alice,192.0.2.7,1500,2026-11-22T10:00:00Z|4 columns where the header has 5",
                "alice,192.0.2.7,1500,2026-11-22T10:00:00Z,9,9|6 columns where the header has 5",
                "alice,192.0.2.700,1,2026-11-22T10:00:00Z,9|src_addr '192.0.2.700' in the column ip"
                        + " is no address",
                "alice,1.2.3,1,2026-11-22T10:00:00Z,9|src_addr '1.2.3' in the column ip is no"
                        + " address",
                "alice,fe80::1%eth0,1,2026-11-22T10:00:00Z,9|src_addr 'fe80::1%eth0' in the column"
                        + " ip is no address",
                "alice,example.com,1,2026-11-22T10:00:00Z,9|src_addr 'example.com' in the column"
                        + " ip is no address",
                "alice,192.0.2.7,lots,2026-11-22T10:00:00Z,9|octets 'lots' in the column bytes is"
                        + " no number",
                "alice,192.0.2.7,-1,2026-11-22T10:00:00Z,9|octets '-1' in the column bytes is no"
                        + " number",
                "alice,192.0.2.7,1e9,2026-11-22T10:00:00Z,9|octets '1e9' in the column bytes is no"
                        + " number",
                "alice,192.0.2.7,9223372036854775808,2026-11-22T10:00:00Z,9|octets"
                        + " '9223372036854775808' in the column bytes is larger than any counter",
                "alice,192.0.2.7,,2026-11-22T10:00:00Z,9|octets is empty, in the column bytes",
                "alice,192.0.2.7,1,,9|start is empty, in the column begin",
                "alice,192.0.2.7,1,2026-02-29T10:00:00Z,9|start '2026-02-29T10:00:00Z' in the"
                        + " column begin is no time written as ISO-8601",
                "alice,192.0.2.7,1,yesterday,9|start 'yesterday' in the column begin is no time"
                        + " written as ISO-8601",
                "alice,192.0.2.7,1,1979-12-31T23:59:59Z,9|it begins or ends before 1980",
                "alice,192.0.2.7,1,2026-11-23T12:00:01Z,9|it ends more than a day after it came",
                "alice,192.0.2.7,1,2020-11-22T10:00:00Z,31622401|it lasts longer than 366 days",
                "alice,192.0.2.7,1,2026-11-22T10:00:00Z,soon|duration 'soon' in the column secs"
                        + " is no number",
                "`\"alice,192.0.2.7,1,2026-11-22T10:00:00Z,9`|column 1 begins with a quote that is"
                        + " not closed",
                "`\"alice\"s,192.0.2.7,1,2026-11-22T10:00:00Z,9`|column 1 goes on behind its"
                        + " closing quote",
            })
    void aLineThatCannotBeReadSaysWhatIsWrongAndLeavesNothing(String line, String reason) {
        assertThat(reason(decode(usual(), HEADER, line))).isEqualTo(reason);
        assertThat(block.size()).isZero();
    }

    @Test
    void bytesThatAreNoUtf8AreNoText() {
        LineDecoder decoder = decoder(usual());
        byte[] line =
                "m\u00fcller,192.0.2.7,1,2026-11-22T10:00:00Z,9"
                        .getBytes(StandardCharsets.ISO_8859_1);

        var outcome =
                decoder.decode(decoder.layout(bytes(HEADER)), line, 0, line.length, ARRIVAL_MS);

        assertThat(reason(outcome)).isEqualTo("not UTF-8");
    }

    @Test
    void valuesMayBeQuotedAsInRfc4180() {
        decode(
                usual(),
                HEADER,
                "\"Smith, \"\"Al\"\"\" ,\t192.0.2.7 ,\"10\", 2026-11-22T10:00:00+01:00,0");

        assertThat(text(Field.SUBSCRIBER, 0)).isEqualTo("Smith, \"Al\"");
        assertThat(time(Field.START, 0)).isEqualTo(Instant.parse("2026-11-22T09:00:00Z"));
    }

    @Test
    void withoutAHeaderColumnsHaveNumbers() {
        var mapping =
                new LineMapping(
                        LineMapping.Format.CSV,
                        '|',
                        (char) 0,
                        false,
                        List.of(column(LineTarget.OCTETS, "3"), column(LineTarget.DST_PORT, "1")));

        assertThat(decode(mapping, "", "443|x|77|y"))
                .isEqualTo(new LineDecoder.Outcome.Read(0, 77));
        assertThat(block.column(Field.DST_PORT)[0]).isEqualTo(443);
        assertThat(time(Field.END, 0).toEpochMilli()).isEqualTo(ARRIVAL_MS);
        assertThat(reason(decode(mapping, "", "443|x"))).isEqualTo("2 columns, and so no column 3");
        assertThat(reason(decode(mapping, "", "65536|x|1")))
                .isEqualTo("dst_port '65536' in the column 1 is above 65535");
    }

    @Test
    void aHeaderThatLacksAColumnIsAProblemOfTheFile() {
        assertThat(decoder(usual()).layout(bytes("user,ip,begin,secs")).problem())
                .isEqualTo("the header has no column 'bytes'; it has user, ip, begin, secs");
        assertThat(decoder(usual()).layout(bytes("user,ip,bytes,bytes,begin,secs")).problem())
                .isEqualTo("the header has the column 'bytes' twice");
        assertThat(decoder(usual()).layout(bytes("")).problem())
                .isEqualTo("the file has no header line");
    }

    @ParameterizedTest
    @CsvSource({
        "1024,1,1024",
        "1.5,1024,1536",
        "0.0001,1000,0",
        "0.0005,1000,1",
        "12,1000000,12000000"
    })
    void countersHaveUnitsAndAreRoundedToTheNearest(String text, long unit, long octets) {
        var mapping = csv(column(LineTarget.OCTETS, unit, null, "v"));

        assertThat(decode(mapping, "v", text)).isEqualTo(new LineDecoder.Outcome.Read(0, octets));
    }

    @ParameterizedTest
    @CsvSource({
        "0,90,90000",
        "0,1:30,90000",
        "0,1:00:01,3601000",
        "1000,1.5,1500",
        "60000,2,120000"
    })
    void durationsHaveUnits(long unit, String text, long ms) {
        var mapping = csv(column(LineTarget.DURATION, unit, null, "v"));
        var outcome = decode(mapping, "v", text);
        if (unit == 0 && !text.contains(":")) {
            assertThat(reason(outcome)).contains("is no h:mm:ss");
        } else {
            assertThat(block.column(Field.END)[0] - block.column(Field.START)[0]).isEqualTo(ms);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "S,1795341900.25,2026-11-22T10:05:00.250Z",
        "MS,1795341900250,2026-11-22T10:05:00.250Z",
        "US,1795341900250999,2026-11-22T10:05:00.250Z",
        "NS,1795341900250999999,2026-11-22T10:05:00.250Z",
        "ISO,2026-11-22T10:05:00.25,2026-11-22T10:05:00.250Z",
        "ISO,2026-11-22 10:05,2026-11-22T10:05:00Z",
        "ISO,2026-11-22T10:05:00+0200,2026-11-22T08:05:00Z",
    })
    void timesAreReadInManyForms(Time.Form form, String text, Instant expected) {
        var time = new Time(form, "", ZoneOffset.UTC);
        var mapping = csv(new Column(LineTarget.END, List.of("t"), null, 1, time));

        decode(mapping, "t", text);

        assertThat(time(Field.END, 0)).isEqualTo(expected);
        assertThat(time(Field.START, 0)).isEqualTo(expected);
    }

    @Test
    void aPatternHasItsZoneAndMayStandInTwoColumns() {
        var time = new Time(Time.Form.PATTERN, "dd/MMM/yyyy HH:mm:ss", ZoneId.of("Europe/Berlin"));
        var mapping = csv(new Column(LineTarget.END, List.of("d", "t"), null, 1, time));

        decode(mapping, "t,d", "10:05:00,01/jul/2026");

        assertThat(time(Field.END, 0)).isEqualTo(Instant.parse("2026-07-01T08:05:00Z"));
        assertThat(reason(decode(mapping, "t,d", "10:05:00,31/feb/2026")))
                .isEqualTo(
                        "end '31/feb/2026 10:05:00' in the column d and t is no time written as"
                                + " dd/MMM/yyyy HH:mm:ss");
    }

    @Test
    void aValueStandsForAnEmptyColumnOrForEveryLine() {
        var mapping =
                csv(
                        column(LineTarget.PACKETS, 1, "0", "p"),
                        column(LineTarget.PROTOCOL, 1, "tcp"),
                        column(LineTarget.NAS, "n"));

        assertThat(decode(mapping, "p,n", ",")).isEqualTo(new LineDecoder.Outcome.Read(0, 0));
        assertThat(decode(mapping, "p,n", "7,x")).isEqualTo(new LineDecoder.Outcome.Read(7, 0));
        assertThat(block.column(Field.PROTOCOL)).startsWith(6, 6);
        assertThat(block.tells(Field.NAS, 0)).isFalse();
        assertThat(text(Field.NAS, 1)).isEqualTo("x");
    }

    @Test
    void bothDirectionsOfARecordAreTwoRowsAndOneRecord() {
        var mapping =
                csv(
                        column(LineTarget.SUBSCRIBER, "u"),
                        column(LineTarget.SRC_ADDR, "s"),
                        column(LineTarget.DST_ADDR, "d"),
                        column(LineTarget.OCTETS, "up"),
                        column(LineTarget.REVERSE_OCTETS, "down"));

        assertThat(decode(mapping, "u,s,d,up,down", "alice,192.0.2.1,192.0.2.2,10,90"))
                .isEqualTo(new LineDecoder.Outcome.Read(0, 100));
        assertThat(block.size()).isEqualTo(2);
        assertThat(block.records()).isEqualTo(1);
        assertThat(block.column(Field.OCTETS)).startsWith(10, 90);
        assertThat(block.column(Field.DIRECTION)).startsWith(Field.UP, Field.DOWN);
        assertThat(address(Field.SRC_ADDR, 1)).isEqualTo("192.0.2.2");
        assertThat(address(Field.DST_ADDR, 1)).isEqualTo("192.0.2.1");
        assertThat(text(Field.SUBSCRIBER, 1)).isEqualTo("alice");
    }

    private static LineMapping json() {
        return new LineMapping(
                LineMapping.Format.JSON,
                ',',
                '"',
                true,
                List.of(
                        column(LineTarget.SUBSCRIBER, "who.name"),
                        column(LineTarget.OCTETS, "bytes"),
                        column(LineTarget.PACKETS, 1, "0", "n")));
    }

    @Test
    void aLineOfJsonHasItsMembersAsColumns() {
        assertThat(
                        decode(
                                json(),
                                "",
                                " {\"x\":[1,{\"bytes\":2}],\"who\":{\"name\":\"M\\u00fcller\"},\"bytes\":12,\"n\":null}"
                                    + " "))
                .isEqualTo(new LineDecoder.Outcome.Read(0, 12));
        assertThat(text(Field.SUBSCRIBER, 0)).isEqualTo("Müller");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "12",
                "[]",
                "{",
                "{\"bytes\":1",
                "{\"bytes\":1}}",
                "{\"bytes\":1} {}",
                "{\"bytes\":true}",
                "{\"bytes\":1,\"bytes\":2}",
                "{\"bytes\":[1]}",
                "{'bytes':1}",
                "{\"bytes\":1,}",
                "{\"who\":{\"name\":\"a\"}}",
            })
    void whatIsNoSuchObjectIsABadLine(String line) {
        assertThat(decode(json(), "", line)).isInstanceOf(LineDecoder.Outcome.Bad.class);
        assertThat(block.size()).isZero();
    }

    @Test
    void aFullBlockIsHandedOn() {
        var mapping = csv(column(LineTarget.OCTETS, "v"));
        LineDecoder decoder = decoder(mapping);
        var layout = decoder.layout(bytes("v"));
        for (int i = 0; i < RecordBlock.CAPACITY + 5; i++) {
            decode(decoder, layout, "1");
        }
        decoder.flush();
        assertThat(handed).containsExactly("1023 rows", "6 rows");
    }

    /** R24: whatever bytes come, the outcome is a record or a reason, and the same each time. */
    @Test
    void anyBytesAreARecordOrAReason() {
        long seed = 20_261_122;
        var random = new Random(seed);
        byte[][] good = {
            bytes("alice,192.0.2.7,1500,2026-11-22T10:00:00Z,90"),
            bytes("{\"who\":{\"name\":\"x\"},\"bytes\":12,\"n\":1}"),
            bytes("\"a\"\"b\", 2001:db8::1 ,1.5,2026-11-22 10:00,1:30"),
        };
        for (LineMapping mapping : List.of(usual(), json())) {
            LineDecoder decoder = decoder(mapping);
            var layout = decoder.layout(bytes(HEADER));
            int read = 0;
            for (int i = 0; i < 20_000; i++) {
                byte[] line = good[random.nextInt(good.length)].clone();
                for (int n = random.nextInt(4); n > 0; n--) {
                    line[random.nextInt(line.length)] = (byte) random.nextInt(256);
                }
                int from = random.nextInt(3);
                int length = Math.max(0, line.length - from - random.nextInt(3));
                var outcome = decoder.decode(layout, line, from, length, ARRIVAL_MS);
                read += outcome instanceof LineDecoder.Outcome.Read ? 1 : 0;
                assertThat(decoder.decode(layout, line, from, length, ARRIVAL_MS))
                        .as("seed %d, line %d", seed, i)
                        .isEqualTo(outcome);
            }
            assertThat(read).isGreaterThan(100);
        }
    }
}
