package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

class GenerateCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new GenerateCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void theTruthFileAndTheSummaryNameTheSameRecords(@TempDir Path directory) throws Exception {
        Path truth = directory.resolve("truth.csv");
        try (DatagramSocket receiver = new DatagramSocket(null)) {
            receiver.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            String target = "127.0.0.1:" + receiver.getLocalPort();
            int exit =
                    run(
                            "--target",
                            target,
                            "--records",
                            "1000",
                            "--start",
                            "2026-01-01T00:00:00Z",
                            "--truth",
                            truth.toString(),
                            "--format",
                            "json");
            assertThat(exit).as(err.toString()).isZero();
        }
        assertThat(out.toString()).contains("\"start_ms\": 1767225600000", "\"records\": 1000,");
        assertThat(err.toString()).contains("1,000 records in 42 datagrams");
        assertThat(
                        Files.readAllLines(truth).stream()
                                .skip(1)
                                .mapToLong(line -> Long.parseLong(line.split(",")[4]))
                                .sum())
                .isEqualTo(1_000);
    }

    @Test
    void wrongOptionsSayWhatCanBeAndExitWithTwo() {
        assertThat(run("--records-per-datagram", "31")).isEqualTo(2);
        assertThat(run("--target", "nowhere")).isEqualTo(2);
        assertThat(run("--protocols", "v8")).isEqualTo(2);
        assertThat(run("--duration", "soon")).isEqualTo(2);
        assertThat(run("--start", "today")).isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "recordsPerDatagram is 31; it can be 1 to 30",
                        "--target is 'nowhere'; write HOST:PORT",
                        "no protocol 'v8'; use v5, v9, ipfix, v1, v7, sflow",
                        "--duration is 'soon'; write it as 20s, 5m or PT1H",
                        "--start is 'today'; write it as 2026-01-31T12:00:00Z");
    }
}
