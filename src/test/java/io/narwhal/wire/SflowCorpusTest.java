package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Field;
import io.narwhal.record.Tally;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The sFlow streams of the corpus (see {@link CorpusTest}) against the values that others find in
 * them (R4, R6, R34): samples by kind, every field of a record, counters and the rest by the
 * witness. All files are exact, those with one other decoder to confirm them ("single") too.
 */
class SflowCorpusTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Keys of the expected values, and the name that the witness has for the same. */
    private static final Map<String, String> NAMES = new LinkedHashMap<>();

    static {
        NAMES.put("seq", "sequence_number");
        NAMES.put("source_type", "source_id_type");
        NAMES.put("source_index", "source_id_index");
        NAMES.put("sampling_rate", "sampling_rate");
        NAMES.put("sample_pool", "sample_pool");
        NAMES.put("drops", "drops");
        NAMES.put("header_protocol", "header_protocol");
        NAMES.put("frame_length", "frame_length");
        NAMES.put("stripped", "stripped");
        NAMES.put("dst_mac", "destinationMacAddress");
        NAMES.put("src_mac", "sourceMacAddress");
        NAMES.put("ethertype", "ethernetType");
        NAMES.put("sw_in_vlan", "src_vlan");
        NAMES.put("sw_in_pri", "src_priority");
        NAMES.put("sw_out_vlan", "dst_vlan");
        NAMES.put("sw_out_pri", "dst_priority");
        NAMES.put("as_", "as");
        NAMES.put("src_as", "src_as");
        NAMES.put("src_peer_as", "src_peer_as");
        NAMES.put("src_mask", "src_mask_len");
        NAMES.put("dst_mask", "dst_mask_len");
        NAMES.put("eth_type", "type");
        NAMES.put("eth_src", "src_mac");
        NAMES.put("eth_dst", "dst_mac");
        NAMES.put("if_index", "ifIndex");
        NAMES.put("if_type", "ifType");
        NAMES.put("if_speed", "ifSpeed");
        NAMES.put("if_direction", "ifDirection");
        NAMES.put("if_status", "ifStatus");
        NAMES.put("if_in_octets", "ifInOctets");
        NAMES.put("if_in_ucast", "ifInUcastPkts");
        NAMES.put("if_in_mcast", "ifInMulticastPkts");
        NAMES.put("if_in_bcast", "ifInBroadcastPkts");
        NAMES.put("if_in_discards", "ifInDiscards");
        NAMES.put("if_in_errors", "ifInErrors");
        NAMES.put("if_out_octets", "ifOutOctets");
        NAMES.put("if_out_ucast", "ifOutUcastPkts");
        NAMES.put("if_out_mcast", "ifOutMulticastPkts");
        NAMES.put("if_out_bcast", "ifOutBroadcastPkts");
        NAMES.put("if_out_discards", "ifOutDiscards");
        NAMES.put("if_out_errors", "ifOutErrors");
    }

    @TestFactory
    Stream<DynamicTest> everySampleIsWhatOthersFind() throws IOException {
        Optional<Path> corpus = CorpusTest.corpus();
        Assumptions.assumeTrue(corpus.isPresent(), "a corpus");
        List<JsonNode> files = new ArrayList<>();
        JSON.readTree(Files.readString(corpus.get().resolve("manifest.json"))).forEach(files::add);
        return files.stream()
                .filter(file -> file.get("protocol").asString().equals("sflow5"))
                .map(
                        file ->
                                DynamicTest.dynamicTest(
                                        file.get("id").asString(),
                                        () -> compare(corpus.get(), file)));
    }

    private static void compare(Path corpus, JsonNode file) throws IOException {
        var rig = new Rig();
        rig.watch();
        for (Pcap.Datagram datagram : Pcap.read(corpus.resolve(file.get("file").asString()))) {
            rig.decode(datagram);
        }
        List<String> differences = new ArrayList<>();
        counts(rig, file.get("summary"), differences);
        int flows = 0;
        int others = 0;
        for (String line : Files.readAllLines(corpus.resolve(file.get("expected").asString()))) {
            JsonNode expected = JSON.readTree(line);
            switch (expected.get("kind").asString()) {
                case "flow", "flow_expanded" -> {
                    record(expected, rig.rows.get(flows), differences);
                    fields(expected, rig.seenFlows.get(flows), differences);
                    flows++;
                }
                case "counter", "counter_expanded", "other" ->
                        fields(expected, rig.seenOthers.get(others++), differences);
                default -> assertThat(expected.get("kind").asString()).isEqualTo("dgram");
            }
        }
        assertThat(differences).as(rig.decoder.problems().toString()).isEmpty();
        assertThat(rig.seenFlows).hasSize(flows);
        assertThat(rig.seenOthers).hasSize(others);
        assertThat(rig.books.difference()).isEqualTo(new Tally());
    }

    private static void counts(Rig rig, JsonNode summary, List<String> differences) {
        long flows = 0;
        long counters = 0;
        long others = 0;
        for (ExporterReport report : rig.decoder.exporters()) {
            SflowReport sflow = report.sflow();
            assertThat(sflow).isNotNull();
            flows += sflow.flowSamples();
            counters += sflow.counterSamples();
            others += sflow.discardedPackets() + sflow.otherSamples();
        }
        same("flow samples", summary.get("flow_samples").asLong(), flows, differences);
        same("records", flows, (long) rig.rows.size(), differences);
        same("counter samples", summary.get("counter_samples").asLong(), counters, differences);
        same("other samples", summary.get("other_samples").asLong(), others, differences);
        same("rejected", 0L, rig.decoder.counts().rejected(), differences);
        long octets = rig.books.received().octets();
        long frames = summary.path("sums").path("frame_octets").asLong(0);
        same("octets", frames, octets, differences);
    }

    private static void same(String what, Object wanted, Object found, List<String> differences) {
        if (!wanted.equals(found)) {
            differences.add(what + ": expected " + wanted + ", found " + found);
        }
    }

    private static void record(JsonNode expected, Rig.Row row, List<String> differences) {
        Map<Field, String> wanted = new LinkedHashMap<>();
        wanted.put(Field.SRC_ADDR, address(expected, "src"));
        wanted.put(Field.DST_ADDR, address(expected, "dst"));
        wanted.put(Field.SRC_PORT, number(expected, "sport"));
        wanted.put(Field.DST_PORT, port(expected));
        wanted.put(Field.PROTOCOL, number(expected, "proto"));
        wanted.put(Field.TOS, number(expected, "tos"));
        wanted.put(Field.TCP_FLAGS, number(expected, "tcp_flags"));
        wanted.put(Field.OCTETS, number(expected, "frame_length"));
        wanted.put(Field.PACKETS, "1");
        wanted.put(Field.SAMPLING_RATE, number(expected, "sampling_rate"));
        wanted.put(Field.IN_IF, indexOf(expected, "in_if", "in_format"));
        wanted.put(Field.OUT_IF, indexOf(expected, "out_if", "out_format"));
        wanted.put(Field.VLAN, vlan(expected));
        wanted.put(Field.SRC_AS, number(expected, "src_as"));
        wanted.put(Field.DST_AS, lastOfPath(expected));
        wanted.put(Field.NEXT_HOP, address(expected, "next_hop"));
        wanted.put(Field.SRC_MASK, number(expected, "src_mask"));
        wanted.put(Field.DST_MASK, number(expected, "dst_mask"));
        wanted.forEach(
                (field, value) -> same(expected + " " + field, value, row.get(field), differences));
    }

    private static String number(JsonNode expected, String key) {
        return Long.toString(expected.path(key).asLong(0));
    }

    private static String address(JsonNode expected, String key) {
        return expected.has(key) ? CorpusTest.address(expected.get(key).asString()) : "";
    }

    private static String port(JsonNode expected) {
        return expected.has("icmp_type")
                ? Long.toString(
                        expected.get("icmp_type").asLong() * 256
                                + expected.get("icmp_code").asLong())
                : number(expected, "dport");
    }

    // Our rules: docs/protocols/sflow.md.
    private static String indexOf(JsonNode expected, String key, String formatKey) {
        long value = expected.get(key).asLong();
        long format = expected.path(formatKey).asLong(0);
        boolean none = format != 0 || value == 0x3fff_ffff || value > 0x7fff_ffffL;
        return Long.toString(none ? 0 : value);
    }

    private static String vlan(JsonNode expected) {
        long ofSwitch = expected.path("sw_in_vlan").asLong(0);
        if (ofSwitch >= 1 && ofSwitch <= 4094) {
            return Long.toString(ofSwitch);
        }
        JsonNode tags = expected.path("vlans");
        return Long.toString(tags.isEmpty() ? 0 : tags.get(0).asLong());
    }

    private static String lastOfPath(JsonNode expected) {
        JsonNode path = expected.path("as_path");
        if (path.isEmpty()) {
            return "0";
        }
        JsonNode segment = path.get(path.size() - 1);
        return Long.toString(segment.get(segment.size() - 1).asLong());
    }

    // Records that we do not read are shown by enterprise:format, with their length.
    private static final Set<Long> FLOWS_READ = Set.of(1L, 2L, 3L, 4L, 1001L, 1002L, 1003L, 1004L);

    private static final Set<Long> COUNTERS_READ = Set.of(1L, 2L);

    private static void unread(
            JsonNode expected, Map<String, Object> found, List<String> differences) {
        boolean flow = expected.get("kind").asString().startsWith("flow");
        for (JsonNode record : expected.path("records")) {
            long enterprise = record.get(0).asLong();
            long format = record.get(1).asLong();
            if (enterprise != 0 || !(flow ? FLOWS_READ : COUNTERS_READ).contains(format)) {
                String name = enterprise + ":" + format;
                same(
                        name,
                        record.get(2).asLong(),
                        found.getOrDefault(name, "nothing"),
                        differences);
            }
        }
    }

    private static void fields(
            JsonNode expected, Map<String, Object> found, List<String> differences) {
        unread(expected, found, differences);
        NAMES.forEach(
                (key, name) -> {
                    if (expected.has(key)) {
                        JsonNode value = expected.get(key);
                        Object wanted = value.isString() ? value.asString() : value.asLong();
                        same(
                                expected + " " + name,
                                wanted,
                                found.getOrDefault(name, "nothing"),
                                differences);
                    }
                });
    }
}
