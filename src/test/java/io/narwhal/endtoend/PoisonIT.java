package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.generate.Truth;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * R58 and the pitfall of the poison record, with real processes: three datagrams of which
 * accounting dies, by an exception, without a word, and by hanging.
 */
class PoisonIT {
    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "[::]:%d", receive-buffer: 64MiB }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 1s }
            accounting: { threads: 2 }
            checkpoint: { every: 200ms }
            hang-after: 2s
            """;
    private static final int OCTETS = 4_711;

    @Test
    void r58WhatKillsAccountingIsHeldAndRecycledAfterTheFix(@TempDir Path directory)
            throws Exception {
        Map<String, String> agent = Map.of("JAVA_TOOL_OPTIONS", PoisonAgent.make(directory));
        try (var node = RunningNode.start(directory, CONFIG, agent)) {
            Truth before = node.send(12_000);
            send(node.port(), PoisonAgent.THROWS);
            send(node.port(), PoisonAgent.ENDS);
            send(node.port(), PoisonAgent.HANGS);
            Truth after = node.send(12_000);
            long records = before.records() + after.records();
            long octets = before.octets() + after.octets();

            await().atMost(Duration.ofSeconds(90)).until(() -> held(node).size() == 3);
            JsonNode books = node.awaitAccounted(records);
            assertThat(books.path("balanced").asBoolean()).as(books.toString()).isTrue();
            assertThat(books.path("accounted").path("octets").asLong()).isEqualTo(octets);
            assertThat(books.path("held").path("records").asLong()).isEqualTo(3);
            assertThat(node.json("status", "--format", "json").path("held").asInt()).isEqualTo(3);
            assertThat(held(node).toString())
                    .contains("a defect of the decoder")
                    .contains("ended without a word");

            Files.createFile(directory.resolve("mended"));
            assertThat(node.command("held", "recycle", "--all").exitCode()).isZero();
            JsonNode mended = node.awaitAccounted(records + 3);
            assertThat(mended.path("balanced").asBoolean()).as(mended.toString()).isTrue();
            assertThat(mended.path("accounted").path("octets").asLong())
                    .isEqualTo(octets + 3 * OCTETS);
            assertThat(mended.path("held").path("records").asLong()).isZero();
            assertThat(held(node)).isEmpty();
            assertThat(node.stop()).isZero();
        }
    }

    private static JsonNode held(RunningNode node) throws IOException, InterruptedException {
        return node.json("held", "--format", "json").path("held");
    }

    // NetFlow v5 with one flow from that address.
    private static void send(int port, int address) throws IOException {
        int now = (int) (System.currentTimeMillis() / 1_000);
        ByteBuffer out = ByteBuffer.allocate(72);
        out.putShort((short) 5).putShort((short) 1).putInt(60_000).putInt(now).putInt(0).putInt(0);
        out.putInt(0);
        out.putInt(address).putInt(0xc6120001).putInt(0).putInt(0).putInt(3).putInt(OCTETS);
        out.putInt(59_000).putInt(59_500);
        try (var socket = new DatagramSocket()) {
            socket.send(
                    new DatagramPacket(out.array(), 72, InetAddress.getByName("127.0.0.1"), port));
        }
    }
}
