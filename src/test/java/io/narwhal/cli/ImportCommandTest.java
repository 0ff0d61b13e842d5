package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.capture.Captures;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@code narwhal import} says; that all of it is accounted is shown by ImportIT. */
class ImportCommandTest {
    private static final String CONFIG =
            """
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:2055" }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1m }
            """;

    @TempDir private Path directory;

    private CommandLineRun run(String... arguments) throws Exception {
        Files.writeString(directory.resolve("narwhal.yaml"), CONFIG);
        String[] all = new String[arguments.length + 1];
        all[0] = "import";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return CommandLineRun.of(directory, all);
    }

    private void capture(String name, int seed, int datagrams) throws Exception {
        byte[] packet = Captures.ipv4(17, 1, 2, Captures.udp(9, 2_055, Captures.v5(seed, 1, 0)));
        var one = new Captures.Captured(Captures.START_MICROS, packet);
        byte[] dns = Captures.ipv4(17, 1, 2, Captures.udp(9, 53, new byte[] {99, 1, 1, 0}));
        var other = new Captures.Captured(Captures.START_MICROS, dns);
        List<Captures.Captured> packets =
                new java.util.ArrayList<>(java.util.Collections.nCopies(datagrams, one));
        packets.add(other);
        Files.write(directory.resolve(name), Captures.pcap(Captures.RAW, packets));
    }

    @Test
    void aFileIsTakenOnceAndTheListSaysSo() throws Exception {
        capture("a.pcap", 1, 3);
        CommandLineRun first = run("a.pcap", "a.pcap", "--no-wait");
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.out())
                .endsWith("a.pcap: processed, 3 datagrams; not taken: 1 not-flow-export\n");
        assertThat(first.err()).contains("accounted by the next: narwhal run --config");
        assertThat(run("a.pcap", "--no-wait").out()).contains("already processed at");

        assertThat(run("--list").out()).contains("a.pcap", "processed", "1 not-flow-export");
        JsonNode list = new JsonMapper().readTree(run("--list", "--format", "json").out());
        assertThat(list).hasSize(1);
        assertThat(list.get(0).path("datagrams").asInt()).isEqualTo(3);
        assertThat(list.get(0).path("packets").path("not-flow-export").asInt()).isEqualTo(1);
    }

    @Test
    void aFileThatCannotBeTakenIsNamedAndTheOthersGoOn() throws Exception {
        capture("a.pcap", 1, 2);
        capture("whole.pcap", 2, 2);
        Files.write(directory.resolve("b.txt"), new byte[] {1, 2, 3, 4});
        byte[] whole = Files.readAllBytes(directory.resolve("whole.pcap"));
        Files.write(
                directory.resolve("cut.pcap"), java.util.Arrays.copyOf(whole, whole.length - 90));
        CommandLineRun run =
                run("no.pcap", "b.txt", "cut.pcap", "a.pcap", ".", "--no-wait", "--format", "json");
        assertThat(run.code()).isEqualTo(ExitCode.FAILURE);
        assertThat(run.err())
                .contains("no.pcap: there is no such file")
                .contains("b.txt:0: neither a pcap, a pcapng nor an IPFIX file; found 01 02 03 04")
                .contains("cut.pcap:")
                .contains("everything before it is taken");
        JsonNode files = new JsonMapper().readTree(run.out()).path("files");
        assertThat(files).hasSize(5);
        assertThat(files.get(2).path("outcome").asString()).isEqualTo("processed");
        assertThat(files.get(2).path("file").path("datagrams").asInt()).isEqualTo(1);
        assertThat(files.get(3).path("outcome").asString()).isEqualTo("processed");
        assertThat(files.get(4).path("message").asString()).contains(directory.toString());
    }

    @Test
    void wrongOptionsSayWhatCanBe() throws Exception {
        assertThat(run().err()).contains("name a FILE");
        assertThat(run().code()).isEqualTo(ExitCode.USAGE);
        assertThat(run("--list", "a").err()).contains("--list takes no FILE");
        assertThat(run("a", "--port", "70000").err()).contains("--port can be 1 to 65535");
        assertThat(run("a", "--exporter", "router1").err()).contains("is no IP address");
    }

    @Test
    void nothingWasImportedYet() throws Exception {
        assertThat(run("--list").code()).isZero();
        assertThat(Files.exists(directory.resolve("data"))).isFalse();
    }
}
