package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Records are counted by headers alone, and bytes that are none count as one. */
class FrameCountTest {
    private final FrameCount count = new FrameCount();

    private static byte[] block(ReceivedBlock.Kind kind, int port, String... datagrams) {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        new ReceivedBlock.Header(kind, 0, 0, Transport.UDP, datagrams.length, 5_000, 1, 1, 0, 1, 1)
                .write(bytes);
        for (String hex : datagrams) {
            byte[] datagram = HexFormat.of().parseHex(hex);
            ReceivedBlock.writeDatagramHeader(bytes, datagram.length, port, 0, 1);
            bytes.put(datagram);
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private long of(byte[] bytes) {
        return count.ofReceived(bytes, 0, bytes.length);
    }

    private long datagram(String hex) {
        return of(block(ReceivedBlock.Kind.DATAGRAMS, 9, hex));
    }

    @Test
    void netflowSaysHowMany() {
        assertThat(datagram("0005001e" + "00".repeat(20))).isEqualTo(30);
        assertThat(datagram("00090007" + "00".repeat(16))).isEqualTo(7);
    }

    @Test
    void ipfixIsReckonedByItsLength() {
        assertThat(datagram("000a0010" + "00".repeat(12))).isEqualTo(1);
        assertThat(datagram("000a00a0" + "00".repeat(156))).isEqualTo(3);
    }

    @Test
    void sflowSaysHowManySamples() {
        String ipv4 = "00000005" + "00000001" + "c0000201" + "00".repeat(12) + "00000004";
        String ipv6 = "00000005" + "00000002" + "00".repeat(16) + "00".repeat(12) + "00000006";

        assertThat(datagram(ipv4)).isEqualTo(4);
        assertThat(datagram(ipv6)).isEqualTo(6);
    }

    @Test
    void requestsCountOneEachAndNotesOfRefusalsNone() {
        assertThat(of(block(ReceivedBlock.Kind.REQUESTS, 7, "04", "04"))).isEqualTo(2);
        assertThat(of(block(ReceivedBlock.Kind.REQUESTS, 0, "04"))).isZero();
    }

    @Test
    void timeThatPassesIsNoRecordAndSaysWhenItWas() {
        assertThat(of(block(ReceivedBlock.Kind.TICK, 0))).isZero();
        assertThat(count.arrivalMicros()).isEqualTo(5_000);
    }

    @Test
    void whatWasPulledCountsByWhatItWas() {
        byte[] inner = block(ReceivedBlock.Kind.DATAGRAMS, 9, "0005001e" + "00".repeat(20));
        var origin = new Origin(1, 2, 0, 8, 1, 1, 0, "edge-1", "flows");
        ByteBuffer bytes = ByteBuffer.allocate(origin.writtenBytes() + inner.length);
        origin.write(bytes);
        bytes.put(inner);

        assertThat(of(bytes.array())).isEqualTo(30);
    }

    @Test
    void whatCannotBeUnderstoodIsOneRecord() {
        for (byte[] bytes : List.of(new byte[] {1}, new byte[] {2, 99}, new byte[0])) {
            assertThat(of(bytes)).isEqualTo(bytes.length == 0 ? 0 : 1);
        }
    }
}
