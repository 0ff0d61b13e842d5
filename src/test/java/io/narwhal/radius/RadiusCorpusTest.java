package io.narwhal.radius;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.wire.CorpusTest;
import io.narwhal.wire.Pcap;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The RADIUS streams of the corpus (see {@link CorpusTest}) against the values that others find in
 * them (R34): every attribute by number and octets, whether it is genuine, and every value by name.
 */
class RadiusCorpusTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Names of expected values, and ours for the same. */
    private static final List<String[]> NAMES =
            List.of(
                    new String[] {"acct_session_id", "Acct-Session-Id"},
                    new String[] {"acct_session_time", "Acct-Session-Time"},
                    new String[] {"acct_input_octets", "Acct-Input-Octets"},
                    new String[] {"acct_output_octets", "Acct-Output-Octets"},
                    new String[] {"acct_input_packets", "Acct-Input-Packets"},
                    new String[] {"acct_output_packets", "Acct-Output-Packets"},
                    new String[] {"acct_delay_time", "Acct-Delay-Time"},
                    new String[] {"user_name", "User-Name"},
                    new String[] {"nas_ip_address", "NAS-IP-Address"},
                    new String[] {"nas_identifier", "NAS-Identifier"},
                    new String[] {"nas_port", "NAS-Port"},
                    new String[] {"nas_port_id", "NAS-Port-Id"},
                    new String[] {"calling_station_id", "Calling-Station-Id"},
                    new String[] {"called_station_id", "Called-Station-Id"},
                    new String[] {"framed_ip_address", "Framed-IP-Address"},
                    new String[] {"class", "Class"},
                    new String[] {"delegated_ipv6_prefix", "Delegated-IPv6-Prefix"});

    @TestFactory
    Stream<DynamicTest> everyPacketIsWhatOthersFind() throws IOException {
        Optional<Path> corpus = CorpusTest.corpus();
        Assumptions.assumeTrue(corpus.isPresent(), "a corpus");
        List<JsonNode> files = new ArrayList<>();
        JSON.readTree(Files.readString(corpus.get().resolve("manifest.json"))).forEach(files::add);
        return files.stream()
                .filter(file -> file.get("protocol").asString().startsWith("radius"))
                .map(
                        file ->
                                DynamicTest.dynamicTest(
                                        file.get("id").asString(),
                                        () -> compare(corpus.get(), file)));
    }

    private static void compare(Path corpus, JsonNode file) throws IOException {
        List<Pcap.Datagram> datagrams = Pcap.read(corpus.resolve(file.get("file").asString()));
        List<String> lines = Files.readAllLines(corpus.resolve(file.get("expected").asString()));
        assertThat(datagrams).isNotEmpty().hasSameSizeAs(lines);
        long input = 0;
        long output = 0;
        for (int i = 0; i < lines.size(); i++) {
            JsonNode expected = JSON.readTree(lines.get(i));
            byte[] packet = datagrams.get(i).payload();
            attributes(expected, packet);
            named(expected, packet);
            if (expected.get("code").asInt() == Attribute.ACCOUNTING_REQUEST) {
                AccountingRequest request = request(expected, packet);
                if (request.status() == Status.STOP) {
                    input += octets(request, Attribute.ACCT_INPUT_OCTETS, 52);
                    output += octets(request, Attribute.ACCT_OUTPUT_OCTETS, 53);
                }
            }
        }
        JsonNode sums = file.get("summary").path("sums");
        assertThat(input).isEqualTo(sums.path("total_input_octets").asLong(0));
        assertThat(output).isEqualTo(sums.path("total_output_octets").asLong(0));
    }

    // Without a dictionary every attribute is shown by its numbers and octets.
    private static void attributes(JsonNode expected, byte[] packet) {
        List<String> wanted = new ArrayList<>();
        expected.get("attrs")
                .forEach(one -> wanted.add(number(one.get(0).asString()) + " " + one.get(1)));
        List<String> found = new ArrayList<>();
        boolean isPacket =
                new NamedAttributes(new Dictionaries())
                        .read(
                                packet,
                                0,
                                packet.length,
                                (name, value) -> found.add(name + " \"" + value + "\""));
        assertThat(isPacket).isTrue();
        assertThat(found).isEqualTo(wanted);
    }

    private static String number(String dotted) {
        String[] parts = dotted.split("\\.");
        return parts.length == 3 ? "Vendor-" + parts[1] + "-Attr-" + parts[2] : "Attr-" + parts[0];
    }

    private static void named(JsonNode expected, byte[] packet) {
        var named = new NamedAttributes(Dictionaries.shipped()).of(packet, 0, packet.length);
        for (String[] name : NAMES) {
            if (expected.has(name[0])) {
                JsonNode value = expected.get(name[0]);
                assertThat(named)
                        .containsEntry(
                                name[1],
                                value.isString() ? value.asString() : (Object) value.asLong());
            }
        }
    }

    private static AccountingRequest request(JsonNode expected, byte[] packet) {
        var verdict = new Verifier().verify(packet, 0, packet.length, PacketVectorTest.CLIENT);
        assertThat(verdict instanceof Verifier.Verdict.Request)
                .isEqualTo(expected.get("authenticator_valid").asBoolean())
                .isTrue();
        var request = new AccountingRequest();
        assertThat(request.read(packet, 0, packet.length)).isTrue();
        assertThat(request.integer(Attribute.ACCT_STATUS_TYPE))
                .isEqualTo(expected.get("acct_status_type").asLong());
        assertThat(request.text(Attribute.ACCT_SESSION_ID))
                .isEqualTo(expected.path("acct_session_id").asString(""));
        assertThat(request.subscriber()).isEqualTo(expected.path("user_name").asString(""));
        assertThat(request.nas()).isEqualTo(expected.get("nas_identifier").asString());
        assertThat(request.eventMs(0)).isEqualTo(expected.get("event_timestamp").asLong() * 1_000);
        if (expected.has("total_input_octets")) {
            assertThat(octets(request, Attribute.ACCT_INPUT_OCTETS, 52))
                    .isEqualTo(expected.get("total_input_octets").asLong());
            assertThat(octets(request, Attribute.ACCT_OUTPUT_OCTETS, 53))
                    .isEqualTo(expected.get("total_output_octets").asLong());
        }
        return request;
    }

    private static long octets(AccountingRequest request, int octets, int gigawords) {
        return Math.max(0, request.integer(gigawords)) << 32 | Math.max(0, request.integer(octets));
    }
}
