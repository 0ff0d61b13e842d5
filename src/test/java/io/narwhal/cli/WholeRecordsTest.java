package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/** {@code narwhal records --format json} prints all that an exporter sent. */
final class WholeRecordsTest {
    /** When the first datagram arrives: 2026-11-22T10:00:00.000001Z. */
    private static final long START_MICROS = 1_795_341_600_000_001L;

    /**
     * An IPFIX message: options template 257 (selectorId as scope, samplingPacketInterval) and a
     * record of it; template 256 (addresses, port, counts, flowEndReason, interfaceName of variable
     * length, element 1 of enterprise 99999, flowStartMilliseconds) and two records of it.
     */
    private static final String MESSAGE =
            "000a00a16553f100000000010000000700030012010100020001012e0002013100040101000a0003"
                + "00000064000200300100000900080004000c0004000b00020001000400020004008800010052ffff"
                + "800100020001869f00980008010000450a0000010a00000201bb000003e80000000202054769302f"
                + "3100070000018bcfe5687b0a0000010a0000020035000003e800000002020000070000018bcfe568"
                + "7b";

    private static final String OPTIONS =
            "{\"kind\":\"options\",\"exporter\":\"192.0.2.1\","
                    + "\"arrival\":\"2026-11-22T10:00:00.000001Z\",\"domain\":7,\"template\":257,"
                    + "\"scope\":[\"selectorId\"],\"selectorId\":3,\"samplingPacketInterval\":100}";

    private static final String COLUMNS =
            "{\"exporter\":\"192.0.2.1\",\"domain\":7,\"src_addr\":\"10.0.0.1\",\"dst_addr\":\"10.0.0.2\",";

    private static final String FIELDS =
            "\"src_customer\":null,\"dst_customer\":null,\"sourceIPv4Address\":\"10.0.0.1\","
                    + "\"destinationIPv4Address\":\"10.0.0.2\",\"destinationTransportPort\":443,"
                    + "\"octetDeltaCount\":1000,\"packetDeltaCount\":2,\"flowEndReason\":2,"
                    + "\"interfaceName\":\"Gi0/1\",\"ownCounter\":7,"
                    + "\"flowStartMilliseconds\":\"2023-11-14T22:13:20.123Z\"}";

    @TempDir private static Path directory;

    @BeforeAll
    static void receive() throws IOException {
        Files.writeString(
                directory.resolve("narwhal.yaml"),
                """
                node: test
                data: ./data
                collectors:
                  flows: { protocol: netflow, listen: "127.0.0.1:2055" }
                elements: ./elements.csv
                usage:
                  by-pair: { keys: [src_addr, dst_addr] }
                """);
        Files.writeString(
                directory.resolve("elements.csv"),
                "enterprise,element,name,type\n99999,1,ownCounter,unsigned16\n");
        Disk disk = Disk.system();
        Path journal = directory.resolve("data/journal/received/flows");
        disk.createDirectories(journal);
        disk.createDirectories(directory.resolve("data/run"));
        var settings =
                new JournalSettings(journal, new JournalLimits(1 << 20, 1 << 19, 0, 0), List.of());
        try (var writer = JournalWriter.open(disk, Clock.system(), settings, () -> 7)) {
            for (int i = 0; i < 3; i++) {
                append(writer, i, START_MICROS + i * 1_000_000L);
            }
            writer.publish(writer.force());
        }
    }

    private static void append(JournalWriter writer, int number, long arrivalMicros) {
        byte[] datagram = HexFormat.of().parseHex(MESSAGE);
        ByteBuffer.wrap(datagram).putInt(8, 1 + 3 * number); // of 3 data records each
        var frame = ByteBuffer.allocate(1024);
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.DATAGRAMS,
                        0,
                        0,
                        Transport.UDP,
                        1,
                        arrivalMicros,
                        1,
                        1,
                        0,
                        1,
                        datagram.length)
                .write(frame);
        InetAddress from = InetAddress.ofLiteral("192.0.2.1");
        ReceivedBlock.writeDatagramHeader(
                frame, datagram.length, 2000, Addresses.high(from), Addresses.low(from));
        frame.put(datagram);
        writer.append(frame.array(), 0, frame.position(), 1);
    }

    @Test
    void aFlowHasItsColumnsAndThenEveryFieldByItsRegisteredName() {
        List<String> lines = run("--limit", "2").out().lines().toList();

        assertThat(lines).hasSize(4).first().isEqualTo("[");
        assertThat(lines.get(1)).startsWith(COLUMNS).endsWith(FIELDS + ",");
        assertThat(lines.get(2))
                .contains("\"dst_port\":53,", "\"destinationTransportPort\":53,")
                .contains("\"interfaceName\":\"\",");
        assertThat(lines.getLast()).isEqualTo("]");
    }

    @Test
    void optionsAreObjectsOfTheirOwnInTheirPlace() {
        List<String> all = run("--kind", "all").out().lines().toList();
        List<String> options = run("--kind", "options").out().lines().toList();

        assertThat(options).hasSize(3 + 2);
        assertThat(options.get(1)).isEqualTo(OPTIONS + ",");
        assertThat(all).hasSize(3 * 3 + 2);
        assertThat(all.get(1)).isEqualTo(OPTIONS + ",");
        assertThat(all.get(2)).startsWith(COLUMNS);
        assertThat(all.get(4)).startsWith("{\"kind\":\"options\"");
        assertThat(run("--kind", "counters").out()).isEqualTo("[]\n");
        assertThat(run("--kind", "all", "--limit", "4").out().lines()).hasSize(4 + 2);
        assertThat(run("--kind", "options", "--limit", "1").out().lines()).hasSize(1 + 2);
    }

    @Test
    void timesAndConditionsChooseAsTheyDoForColumns() {
        String from = "2026-11-22T10:00:01Z";
        String to = "2026-11-22T10:00:02Z";

        assertThat(run("--kind", "all", "--from", from, "--to", to).out().lines())
                .hasSize(3 + 2)
                .element(1)
                .asString()
                .contains("\"arrival\":\"2026-11-22T10:00:01.000001Z\"");
        assertThat(run("--where", "dst_port = 443").out().lines())
                .hasSize(3 + 2)
                .filteredOn(line -> line.contains("\"interfaceName\":\"Gi0/1\""))
                .hasSize(3);
        assertThat(run("--limit", "0").out()).isEqualTo("[]\n");
    }

    @Test
    void whatHasNoColumnsIsJsonAlone() {
        var csv = CommandLineRun.of(directory, "records", "--kind", "options", "--format", "csv");
        CommandLineRun where = run("--kind", "all", "--where", "octets > 1");
        CommandLineRun kind = run("--kind", "option");

        assertThat(csv.code()).isEqualTo(ExitCode.USAGE);
        assertThat(csv.err()).contains("--kind options needs --format json");
        assertThat(where.code()).isEqualTo(ExitCode.USAGE);
        assertThat(where.err()).contains("--where is about the columns of flows");
        assertThat(kind.code()).isEqualTo(ExitCode.USAGE);
        assertThat(kind.err()).contains("'option' is not flows or options or counters or all");
    }

    @Test
    void aTableWithErrorsIsToldLineByLineBeforeAnythingIsDone() throws IOException {
        Path wrong = Files.createDirectories(directory.resolve("wrong"));
        Files.writeString(
                wrong.resolve("narwhal.yaml"), Files.readString(directory.resolve("narwhal.yaml")));
        Files.writeString(
                wrong.resolve("elements.csv"),
                "enterprise,element,name,type\n9,1,a,text\n9,x,b,string\n");

        for (String command : List.of("check", "records")) {
            CommandLineRun run = CommandLineRun.of(wrong, command);

            assertThat(run.code()).as(command).isEqualTo(ExitCode.USAGE);
            assertThat(run.err())
                    .contains("elements.csv:2:7: unknown type 'text'; the types are: octetArray,")
                    .contains("elements.csv:3:3: 'x' is no number of an element;");
        }
    }

    private static CommandLineRun run(String... options) {
        String[] args = new String[options.length + 3];
        args[0] = "records";
        args[1] = "--format";
        args[2] = "json";
        System.arraycopy(options, 0, args, 3, options.length);
        return CommandLineRun.of(directory, args);
    }
}
