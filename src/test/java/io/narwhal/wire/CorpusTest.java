package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Addresses;
import io.narwhal.record.Field;
import io.narwhal.record.Tally;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Streams of real exporters against the values that other decoders find in them (R4, R5, R6, R34).
 * The corpus is not part of the project; it is looked for at the system property {@code
 * narwhal.corpus}, the environment variable NARWHAL_CORPUS, then at ../shared/corpus.
 */
public class CorpusTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Keys of the expected values that are not the value of the field of ours as it stands. */
    private static final Map<String, Field> KEYS = new LinkedHashMap<>();

    static {
        KEYS.put("src", Field.SRC_ADDR);
        KEYS.put("dst", Field.DST_ADDR);
        KEYS.put("sport", Field.SRC_PORT);
        KEYS.put("dport", Field.DST_PORT);
        KEYS.put("proto", Field.PROTOCOL);
        KEYS.put("tos", Field.TOS);
        KEYS.put("tcp_flags", Field.TCP_FLAGS);
        KEYS.put("in_if", Field.IN_IF);
        KEYS.put("out_if", Field.OUT_IF);
        KEYS.put("src_as", Field.SRC_AS);
        KEYS.put("dst_as", Field.DST_AS);
        KEYS.put("next_hop", Field.NEXT_HOP);
        KEYS.put("vlan", Field.VLAN);
        KEYS.put("octets", Field.OCTETS);
        KEYS.put("packets", Field.PACKETS);
        KEYS.put("start", Field.START);
        KEYS.put("end", Field.END);
    }

    /** Files with something that is out of scope now, and what; they are compared all the same. */
    private static final Map<String, String> OUT_OF_SCOPE = Map.of();

    @TestFactory
    Stream<DynamicTest> everyStreamDecodesToTheValuesThatOthersFind() throws IOException {
        Optional<Path> corpus = corpus();
        if (corpus.isEmpty()) {
            System.out.println(
                    "CorpusTest skipped: no corpus; set -Dnarwhal.corpus=DIR or NARWHAL_CORPUS");
        }
        Assumptions.assumeTrue(corpus.isPresent(), "a corpus");
        List<JsonNode> files = new ArrayList<>();
        JSON.readTree(Files.readString(corpus.get().resolve("manifest.json"))).forEach(files::add);
        return files.stream()
                .filter(file -> isOurs(file.get("protocol").asString()))
                .map(
                        file ->
                                DynamicTest.dynamicTest(
                                        file.get("id").asString(),
                                        () -> compare(corpus.get(), file)));
    }

    private static boolean isOurs(String protocol) {
        return switch (protocol) {
            case "netflow1", "netflow5", "netflow9", "ipfix", "mixed" -> true;
            default -> false;
        };
    }

    /** Where the corpus is; empty when there is none. */
    public static Optional<Path> corpus() {
        return Stream.of(
                        System.getProperty("narwhal.corpus"),
                        System.getenv("NARWHAL_CORPUS"),
                        "../shared/corpus")
                .filter(place -> place != null)
                .map(Path::of)
                .filter(place -> Files.exists(place.resolve("manifest.json")))
                .findFirst();
    }

    private static void compare(Path corpus, JsonNode file) throws IOException {
        var rig = new Rig();
        List<List<Found>> rows = new ArrayList<>();
        for (Pcap.Datagram datagram : Pcap.read(corpus.resolve(file.get("file").asString()))) {
            int before = rig.rows.size();
            rig.decode(unjudged(datagram));
            rows.add(found(rig.rows.subList(before, rig.rows.size())));
        }
        List<String> differences = new ArrayList<>();
        long records = rows.stream().mapToLong(List::size).sum();
        counts(rig, records, file.get("summary"), differences);
        int[] next = new int[rows.size()];
        long initMs = 0;
        for (String line : Files.readAllLines(corpus.resolve(file.get("expected").asString()))) {
            JsonNode expected = JSON.readTree(line);
            int datagram = expected.get("d").asInt() - 1;
            initMs = expected.path("sysinit_ms").asLong(initMs);
            if (!expected.get("kind").asString().equals("flow")) {
                continue;
            }
            if (initMs != 0 && expected.has("first_uptime_ms") && !expected.has("start")) {
                // The corpus does not join records with the options that tell the exporter's start.
                ((ObjectNode) expected).put("start", since(initMs, expected, "first_uptime_ms"));
                ((ObjectNode) expected).put("end", since(initMs, expected, "last_uptime_ms"));
            }
            int at = next[datagram]++;
            if (at >= rows.get(datagram).size()) {
                differences.add("datagram " + (datagram + 1) + " lacks record " + at);
            } else {
                record(expected, rows.get(datagram).get(at), differences);
            }
        }
        String id = file.get("id").asString();
        if (OUT_OF_SCOPE.containsKey(id)) {
            System.out.println(id + ": out of scope now: " + OUT_OF_SCOPE.get(id));
        }
        assertThat(differences).as(id + " " + rig.decoder.problems()).isEmpty();
        assertThat(rig.books.difference()).isEqualTo(new Tally());
    }

    private static long since(long initMs, JsonNode expected, String uptime) {
        return initMs + expected.get(uptime).asLong();
    }

    // Many captures have arrival times that somebody made up, and times that are implausible by
    // them. A clock that is not set judges nobody, so times stay as the records tell them.
    private static Pcap.Datagram unjudged(Pcap.Datagram datagram) {
        return new Pcap.Datagram(
                datagram.high(),
                datagram.low(),
                datagram.port(),
                datagram.arrivalMicros() % 86_400_000_000L,
                datagram.payload());
    }

    /** A record, and its reverse direction if it has one. */
    private record Found(Rig.Row forward, Optional<Rig.Row> reverse) {}

    private static List<Found> found(List<Rig.Row> rows) {
        List<Found> found = new ArrayList<>();
        for (Rig.Row row : rows) {
            found.add(
                    row.isReverse()
                            ? new Found(found.removeLast().forward, Optional.of(row))
                            : new Found(row, Optional.empty()));
        }
        return found;
    }

    private static void counts(Rig rig, long records, JsonNode summary, List<String> differences) {
        List<ExporterReport> all = rig.decoder.exporters();
        count("flow_records", summary, records, differences);
        count(
                "option_records",
                summary,
                all.stream().mapToLong(ExporterReport::optionsRecords).sum(),
                differences);
        count("undecodable_sets", summary, rig.decoder.counts().heldSets(), differences);
        long templates =
                summary.get("templates").asLong() + summary.get("option_templates").asLong();
        long found = all.stream().mapToLong(ExporterReport::templateRecords).sum();
        if (templates != found) {
            differences.add("templates: expected " + templates + ", found " + found);
        }
        if (rig.decoder.counts().rejected() != 0) {
            differences.add("rejected datagrams: " + rig.decoder.problems());
        }
    }

    private static void count(String key, JsonNode summary, long found, List<String> differences) {
        if (summary.get(key).asLong() != found) {
            differences.add(key + ": expected " + summary.get(key) + ", found " + found);
        }
    }

    private static void record(JsonNode expected, Found found, List<String> differences) {
        Rig.Row row = found.forward;
        reverse(expected, found, differences);
        KEYS.forEach(
                (key, field) -> {
                    String wanted = wanted(expected, key, field, row);
                    if (isAhead(expected, field) && congruent(wanted, row.get(field))) {
                        return;
                    }
                    if (!wanted.equals(row.get(field))) {
                        differences.add(
                                key
                                        + ": expected "
                                        + wanted
                                        + ", found "
                                        + row.get(field)
                                        + " in "
                                        + expected);
                    }
                });
    }

    // The counters of the other direction: those of RFC 5103, or of the responder.
    private static void reverse(JsonNode expected, Found found, List<String> differences) {
        boolean hasResponder =
                isInitiatorCounted(expected)
                        && (expected.has("resp_octets") || expected.has("resp_packets"));
        String octets = hasResponder ? "resp_octets" : "rev_octets";
        String packets = hasResponder ? "resp_packets" : "rev_packets";
        String wanted = counter(expected, octets) + " " + counter(expected, packets);
        String is =
                found.reverse
                        .map(row -> row.get(Field.OCTETS) + " " + row.get(Field.PACKETS))
                        .orElse("0 0");
        if (!wanted.equals(is)) {
            differences.add("reverse: expected " + wanted + ", found " + is + " in " + expected);
        }
    }

    // Each flow of the streams with totals occurs once, so its growth is the total.
    private static long counter(JsonNode expected, String key) {
        JsonNode value = first(expected, key, key + "_total");
        return value == null ? 0 : value.asLong();
    }

    private static boolean isInitiatorCounted(JsonNode expected) {
        return Stream.of("octets", "packets", "octets_total", "packets_total", "l2_octets")
                .noneMatch(expected::has);
    }

    // Where the uptime of a flow lies ahead of its header's the corpus assumes no wrap of the 32
    // bits and leaves the choice of a rule to us: ours is the signed difference.
    private static boolean isAhead(JsonNode expected, Field field) {
        return (field == Field.START || field == Field.END) && expected.has("uptime_ahead_ms");
    }

    private static boolean congruent(String wanted, String found) {
        return (int) (Long.parseLong(wanted) - Long.parseLong(found)) == 0;
    }

    private static String wanted(JsonNode expected, String key, Field field, Rig.Row row) {
        JsonNode value = expected.get(key);
        if (value == null && field == Field.OCTETS) {
            value = first(expected, "octets_total", "l2_octets");
        }
        if (value == null && field == Field.OCTETS && isInitiatorCounted(expected)) {
            value = expected.get("init_octets");
        }
        if (value == null && field == Field.PACKETS && isInitiatorCounted(expected)) {
            value = expected.get("init_packets");
        }
        if (value == null && field == Field.PACKETS) {
            value = expected.get("packets_total");
        }
        if (value == null && (field == Field.START || field == Field.END)) {
            return row.has(field) ? "absent" : row.get(field);
        }
        if (value == null) {
            return field.kind() == Field.Kind.ADDRESS ? "" : "0";
        }
        return field.kind() == Field.Kind.ADDRESS ? address(value.asString()) : number(value);
    }

    private static @Nullable JsonNode first(JsonNode expected, String... keys) {
        return Stream.of(keys).map(expected::get).filter(Objects::nonNull).findFirst().orElse(null);
    }

    private static String number(JsonNode value) {
        return Long.toString(value.asLong());
    }

    static String address(String text) {
        InetAddress address = InetAddress.ofLiteral(text);
        return Addresses.text(Addresses.high(address), Addresses.low(address));
    }
}
