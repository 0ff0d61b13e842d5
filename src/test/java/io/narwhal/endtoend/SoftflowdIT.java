package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.record.Addresses;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** A real exporter: what softflowd says that it metered is what comes out, pair by pair. */
class SoftflowdIT {
    private static final int PACKETS = 20_000;
    private static final long SEED = 20_260_101;
    private static final long START_MS = 1_767_225_600_000L;

    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "[::]:%d" }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1m }
            """;

    @ParameterizedTest
    @EnumSource(Softflowd.Version.class)
    void whatItMeteredIsWhatIsAccounted(Softflowd.Version version, @TempDir Path directory)
            throws Exception {
        Softflowd softflowd = softflowd();
        SyntheticPcap.Written pcap =
                SyntheticPcap.write(Path.of("target", "softflowd.pcap"), SEED, PACKETS, START_MS);
        Map<String, SyntheticPcap.Sum> truth = new TreeMap<>(pcap.ipv4());
        if (version != Softflowd.Version.V5) {
            truth.putAll(pcap.ipv6()); // version 5 knows IPv4 alone
        }
        try (var node = RunningNode.start(directory, CONFIG)) {
            Softflowd.Statistics said =
                    softflowd.export(directory, pcap.file(), version, node.port());
            assertThat(said.failures()).isZero();
            await().atMost(Duration.ofSeconds(30))
                    .until(
                            () ->
                                    node.json("audit", "--format", "json")
                                                    .path("accounted")
                                                    .path("records")
                                                    .asLong()
                                            >= said.records());

            JsonNode books = node.json("audit", "--format", "json");
            assertThat(books.path("balanced").asBoolean()).isTrue();
            assertThat(books.path("accounted").path("records").asLong()).isEqualTo(said.records());
            assertThat(books.path("accounted").path("octets").asLong()).isEqualTo(said.octets());
            assertThat(books.path("accounted").path("packets").asLong()).isEqualTo(said.packets());
            for (JsonNode exporter : books.path("exporters")) {
                assertThat(exporter.path("missing").asLong()).as("%s", exporter).isZero();
            }
            assertThat(usage(node)).isEqualTo(readable(truth));
            assertThat(node.stop()).isZero();
        }
    }

    private static Map<String, String> usage(RunningNode node) throws Exception {
        Program.Result result =
                node.command("usage", "by-pair", "--by", "src_addr,dst_addr", "--format", "csv");
        assertThat(result.exitCode()).as(result.err()).isZero();
        Map<String, String> usage = new TreeMap<>();
        result.out()
                .lines()
                .skip(1)
                .map(line -> line.split(","))
                .forEach(cells -> usage.put(cells[0] + " " + cells[1], cells[2] + " " + cells[3]));
        return usage;
    }

    private static Map<String, String> readable(Map<String, SyntheticPcap.Sum> sums)
            throws IOException {
        Map<String, String> readable = new TreeMap<>();
        for (Map.Entry<String, SyntheticPcap.Sum> sum : sums.entrySet()) {
            String[] pair = sum.getKey().split(" ");
            readable.put(
                    canonical(pair[0]) + " " + canonical(pair[1]),
                    sum.getValue().octets() + " " + sum.getValue().packets());
        }
        return readable;
    }

    private static String canonical(String address) {
        InetAddress parsed = InetAddress.ofLiteral(address);
        return Addresses.text(Addresses.high(parsed), Addresses.low(parsed));
    }

    private static Softflowd softflowd() {
        Softflowd.Search search = Softflowd.search(Path.of("target", "peers"));
        if (search instanceof Softflowd.Search.Missing(var why)) {
            System.out.println("SoftflowdIT is skipped: " + why);
        }
        Assumptions.assumeTrue(search instanceof Softflowd.Search.Found, "softflowd is to be had");
        return ((Softflowd.Search.Found) search).softflowd();
    }
}
