package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.capture.Captures;
import io.narwhal.capture.Captures.Captured;
import io.narwhal.capture.RecordFile;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.RequestWriter;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Which captured datagrams are genuine requests. */
final class CapturedRequestsTest {
    private static final Path FILE = Path.of("/in");
    private static final byte[] SECRET = "a-long-shared-secret".getBytes(StandardCharsets.UTF_8);
    private static final int CLIENT = 0xc0000201;
    private static final String YAML =
            """
            data: /data
            collectors:
              acct:
                protocol: radius
                listen: "127.0.0.1:1813"
                clients: [ { address: 192.0.2.0/24, secret-file: ./radius.secret } ]
            usage: { by-session: { keys: [session_id] } }
            """;

    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void whatIsSignedAndComesFromAPortIsARequest() {
        byte[] packet = new byte[Attribute.PACKET_BYTES_MAX];
        int length =
                new RequestWriter()
                        .begin(packet, 0, 1)
                        .integer(Attribute.ACCT_STATUS_TYPE, 1)
                        .text(Attribute.ACCT_SESSION_ID, "s1")
                        .end(SECRET);
        byte[] request = Arrays.copyOf(packet, length);
        byte[] forged = request.clone();
        forged[length - 1]++;
        assertThat(
                        found(
                                Captures.ipv4(17, CLIENT, 2, Captures.udp(1024, 1813, request)),
                                Captures.ipv4(17, CLIENT, 2, Captures.udp(1024, 1813, forged)),
                                Captures.ipv4(17, 1, 2, Captures.udp(1024, 1813, request)),
                                Captures.ipv4(17, CLIENT, 2, Captures.udp(1024, 2055, request)),
                                Captures.ipv4(17, CLIENT, 2, Captures.udp(0, 1813, request))))
                .as("port 0 would be taken for a note of refusals, and accounting would stop at it")
                .containsExactly(true, false, false, false, false);
    }

    private List<Boolean> found(byte[]... packets) {
        disk.put(Path.of("/radius.secret"), SECRET);
        disk.put(
                FILE,
                Captures.pcap(
                        Captures.RAW,
                        Arrays.stream(packets)
                                .map(packet -> new Captured(Captures.START_MICROS, packet))
                                .toList()));
        var requests = new CapturedRequests(disk, config(disk));
        List<Boolean> found = new ArrayList<>();
        var opened = (RecordFile.Opened.Readable) RecordFile.open(disk, FILE, Set.of(1813, 2055));
        try (var file = opened.file()) {
            while (file.next() == RecordFile.Step.MESSAGE) {
                found.add(requests.test(file.message()));
            }
        }
        return found;
    }

    private static NodeConfig config(Disk disk) {
        return switch (ConfigLoader.load(disk, Path.of("/node.yaml"), YAML)) {
            case Loaded.Valid(NodeConfig config, var _) -> config;
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
        };
    }
}
