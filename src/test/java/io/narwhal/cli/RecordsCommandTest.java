package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.inspect.ReceivedTraffic;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

final class RecordsCommandTest {
    private static final String HEADER =
            "exporter,domain,src_addr,dst_addr,src_port,dst_port,protocol,tos,tcp_flags,in_if,"
                + "out_if,src_as,dst_as,next_hop,src_mask,dst_mask,vlan,customer,subscriber,"
                + "session_id,nas,direction,octets,packets,start,end,sampling_rate,sampling_source,"
                + "src_customer,dst_customer";
    private static final int RECORDS = 3_000;

    @TempDir private static Path directory;
    private static long octets;

    @BeforeAll
    static void receive() {
        octets = new ReceivedTraffic(directory, plan -> plan.records(RECORDS)).truth.octets();
    }

    @Test
    void csvHasEveryFieldOfEveryRecordInTheOrderReceived() {
        List<String> lines = run("--format", "csv").out().lines().toList();

        assertThat(lines).hasSize(1 + RECORDS).first().isEqualTo(HEADER);
        assertThat(lines.stream().skip(1).mapToLong(line -> number(line, "octets")).sum())
                .isEqualTo(octets);
        // The generator's first exporter sends version 5, which has no VLAN and no sampling rate.
        assertThat(cell(lines.get(1), "exporter")).isEqualTo("127.0.0.11");
        assertThat(cell(lines.get(1), "start"))
                .matches("2026-11-22T\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(cell(lines.get(1), "vlan")).isEmpty();
        assertThat(cell(lines.get(1), "direction")).isEmpty();
    }

    @Test
    void aConditionChoosesWhatTheSameConditionOnTheCsvWould() {
        List<String> all = run("--format", "csv").out().lines().toList();
        List<String> some =
                run(
                                "--format",
                                "csv",
                                "--where",
                                "dst_port = 443 AND octets > 1000 AND src_customer = 'Harbour"
                                    + " Office' AND start <= \"end\" AND vlan IS NULL -- and so on")
                        .out()
                        .lines()
                        .toList();

        assertThat(some.subList(1, some.size()))
                .isNotEmpty()
                .isEqualTo(
                        all.stream()
                                .skip(1)
                                .filter(line -> number(line, "dst_port") == 443)
                                .filter(line -> number(line, "octets") > 1000)
                                .filter(line -> cell(line, "src_customer").equals("Harbour Office"))
                                .toList());
    }

    @Test
    void timesBoundTheArrivalAndTheLimitTheNumber() {
        String from = "2026-11-22T10:00:00.011Z";
        String to = "2026-11-22T10:00:00.013Z";

        assertThat(run("--format", "csv", "--from", from, "--to", to).out().lines())
                .hasSize(1 + 2 * 24);
        assertThat(run("--format", "csv", "--limit", "7").out().lines()).hasSize(1 + 7);
        assertThat(run("--limit", "0").out()).isEqualTo("no records\n");
    }

    @Test
    void jsonIsOneObjectARecordAndATableLeavesOutEmptyFields() {
        CommandLineRun json = run("--format", "json", "--limit", "2");
        CommandLineRun table = run("--limit", "2");

        assertThat(json.out())
                .startsWith("[\n{\"exporter\":\"127.0.0.11\",\"domain\":1,")
                .contains("\"vlan\":null")
                .endsWith("}\n]\n");
        assertThat(json.out().lines()).hasSize(4);
        assertThat(table.out().lines()).hasSize(3);
        assertThat(table.out()).contains("src_addr").doesNotContain("vlan");
    }

    @Test
    void aConditionThatDoesNotWorkIsAUsageErrorWithTheColumns() {
        for (String where :
                List.of("dst_prt = 443", "octets > 'x'", "dst_port =", "true; SELECT")) {
            CommandLineRun run = run("--where", where);

            assertThat(run.code()).as(where).isEqualTo(ExitCode.USAGE);
            assertThat(run.err())
                    .contains("--where: the condition \"" + where + "\" does not work: ")
                    .contains("Error: ")
                    .contains("The columns are: exporter, domain, ")
                    .doesNotContain("pending query");
            assertThat(run.out()).as(where).isEmpty();
        }
    }

    private static CommandLineRun run(String... options) {
        String[] args = new String[options.length + 1];
        args[0] = "records";
        System.arraycopy(options, 0, args, 1, options.length);
        return CommandLineRun.of(directory, args);
    }

    private static long number(String line, String column) {
        return Long.parseLong(cell(line, column));
    }

    // No customer of this traffic's sources has a comma; the one that has is the last cell.
    private static String cell(String line, String column) {
        return line.split(",", -1)[Arrays.asList(HEADER.split(",")).indexOf(column)];
    }
}
