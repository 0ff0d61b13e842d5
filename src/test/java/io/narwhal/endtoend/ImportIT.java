package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.base.Clock;
import io.narwhal.capture.CaptureSender;
import io.narwhal.capture.Captures;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.Truth;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** {@code narwhal import} with real processes: with a node, without one, and killed (R22). */
class ImportIT {
    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:%d" }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1m }
            """;

    /** Traffic of several exporters and all protocols, in captures. */
    private record Traffic(Truth truth, List<Path> files) {
        static Traffic write(Path directory, long records, int parts) throws Exception {
            var sender = new CaptureSender(Captures.START_MICROS);
            var plan =
                    TrafficPlan.to(new InetSocketAddress("127.0.0.1", 2_055))
                            .exporters(6)
                            .records(records)
                            .recordsPerSecond(10_000_000)
                            .pairs(500)
                            .startMs(Captures.START_MICROS / 1_000)
                            .build();
            Truth truth;
            try (var source = new TrafficSource(plan, sender, Clock.system())) {
                truth = source.run(ignored -> {});
            }
            List<Path> files = new java.util.ArrayList<>();
            int size = sender.sent().size() / parts + 1;
            for (int part = 0; part < parts; part++) {
                int from = part * size;
                int to = Math.min(sender.sent().size(), from + size);
                byte[] pcap = CaptureSender.pcap(sender.sent().subList(from, to));
                Path file = directory.resolve("part-" + part + ".pcap");
                Files.write(file, part % 2 == 0 ? pcap : Captures.gzip(pcap));
                files.add(file);
            }
            return new Traffic(truth, files);
        }

        Map<String, String> byPair() {
            Map<String, String> pairs = new TreeMap<>();
            truth.forEachPair(
                    (source, destination, octets, packets, flows) ->
                            pairs.put(
                                    source + " " + destination,
                                    octets + " " + packets + " " + flows));
            return pairs;
        }

        String[] command(Path config, String... more) {
            List<String> words = new java.util.ArrayList<>(List.of("import"));
            files.forEach(file -> words.add(file.toString()));
            words.addAll(List.of("--config", config.toString(), "--format", "json"));
            words.addAll(List.of(more));
            return words.toArray(new String[0]);
        }
    }

    private static void isExact(Program program, Path config, Traffic traffic) throws Exception {
        JsonNode books =
                program.run("audit", "--config", config.toString(), "--format", "json").json();
        assertThat(books.path("balanced").asBoolean()).isTrue();
        assertThat(books.path("accounted").path("records").asLong())
                .isEqualTo(traffic.truth().records());
        assertThat(books.path("accounted").path("octets").asLong())
                .isEqualTo(traffic.truth().octets());
        assertThat(books.path("accounted").path("packets").asLong())
                .isEqualTo(traffic.truth().packets());
        Program.Result usage =
                program.run(
                        "usage",
                        "by-pair",
                        "--by",
                        "src_addr,dst_addr",
                        "--format",
                        "csv",
                        "--config",
                        config.toString());
        Map<String, String> pairs = new TreeMap<>();
        usage.out()
                .lines()
                .skip(1)
                .map(line -> line.split(","))
                .forEach(
                        cell ->
                                pairs.put(
                                        cell[0] + " " + cell[1],
                                        cell[2] + " " + cell[3] + " " + cell[4]));
        assertThat(pairs).isEqualTo(traffic.byPair());
    }

    private static Path config(Path directory) throws Exception {
        Path config = directory.resolve("narwhal.yaml");
        Files.writeString(config, CONFIG.formatted(RunningNode.freePort()));
        return config;
    }

    @Test
    void aRunningNodeAccountsImportedFilesOnce(@TempDir Path directory) throws Exception {
        Traffic traffic = Traffic.write(directory, 24_000, 3);
        var program = new Program(directory);
        try (var node = RunningNode.start(directory, CONFIG)) {
            Program.Result first = program.run(traffic.command(node.config()));
            assertThat(first.exitCode()).as("%s %s", first.err(), node.log()).isZero();
            assertThat(first.json().path("accounted").path("records").asLong())
                    .isEqualTo(traffic.truth().records());
            isExact(program, node.config(), traffic);

            Program.Result again = program.run(traffic.command(node.config()));
            assertThat(again.exitCode()).as(again.err()).isZero();
            for (JsonNode file : again.json().path("files")) {
                assertThat(file.path("outcome").asString()).isEqualTo("known");
            }
            assertThat(again.json().path("accounted").path("records").asLong()).isZero();
            isExact(program, node.config(), traffic);
            assertThat(node.stop()).isZero();
        }
    }

    @Test
    void withoutANodeTheCommandRunsTheChainItself(@TempDir Path directory) throws Exception {
        Traffic traffic = Traffic.write(directory, 12_000, 2);
        Path config = config(directory);
        var program = new Program(directory);
        Path foreign = Files.writeString(directory.resolve("notes.txt"), "no capture");
        Program.Result result =
                program.run(traffic.command(config, foreign.toString(), "/nowhere.pcap"));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err())
                .contains(foreign + ":0: neither a pcap, a pcapng nor an IPFIX file")
                .contains("/nowhere.pcap: there is no such file");
        assertThat(result.json().path("accounted").path("records").asLong())
                .isEqualTo(traffic.truth().records());
        isExact(program, config, traffic);
        JsonNode status =
                program.run("status", "--config", config.toString(), "--format", "json").json();
        for (JsonNode component : status.path("components")) {
            assertThat(component.path("pid").isNull()).as("%s", component).isTrue();
        }
        JsonNode list =
                program.run("import", "--list", "--config", config.toString(), "--format", "json")
                        .json();
        assertThat(list.size()).isEqualTo(2);
        assertThat(list.get(1).path("state").asString()).isEqualTo("processed");
    }

    @Test
    void anImportThatIsKilledGoesOnWhereItWas(@TempDir Path directory) throws Exception {
        Traffic traffic = Traffic.write(directory, 400_000, 2);
        Path config = config(directory);
        var program = new Program(directory);
        for (int kills = 0; kills < 2; kills++) {
            Process process =
                    new ProcessBuilder(Program.command(traffic.command(config)))
                            .directory(directory.toFile())
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            Path list = directory.resolve("data/import/processed.json");
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(5))
                    .until(
                            () ->
                                    !process.isAlive()
                                            || Files.exists(list)
                                                    && Files.readString(list).contains("BEGUN"));
            Thread.sleep(80L * kills);
            process.destroyForcibly();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        Program.Result result = program.run(traffic.command(config));
        assertThat(result.exitCode()).as(result.err()).isZero();
        isExact(program, config, traffic);
    }
}
