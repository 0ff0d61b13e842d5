package io.narwhal.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.HexExample;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** docs/formats/received.md says what the code does. */
class ReceivedBlockDocumentTest {
    private static final long ARRIVAL = 1_795_341_900_250_000L; // 2026-11-22T10:05:00.250Z

    @Test
    void theExampleIsReadAsThePageSays() throws IOException {
        byte[] bytes = example();
        var block = new ReceivedBlock();
        block.read(bytes, 0, bytes.length);

        assertThat(block.kind()).isEqualTo(ReceivedBlock.Kind.DATAGRAMS);
        assertThat(block.socket()).isEqualTo(3);
        assertThat(block.listen()).isEqualTo(1);
        assertThat(block.transport()).isEqualTo(Transport.UDP);
        assertThat(block.arrivalMicros()).isEqualTo(ARRIVAL);
        assertThat(block.batch()).isEqualTo(7);
        assertThat(block.cookie()).isEqualTo(0x2001);
        assertThat(block.drops()).isEqualTo(3);
        assertThat(block.datagramsTotal()).isEqualTo(1002);
        assertThat(block.octetsTotal()).isEqualTo(96_240);
        assertThat(block.next()).isTrue();
        assertThat(datagram(block)).isEqualTo("192.0.2.1 port 50000 [0, 9, 0, 1]");
        assertThat(block.next()).isTrue();
        assertThat(datagram(block)).isEqualTo("2001:db8::1 port 50001 [0, 10]");
        assertThat(block.next()).isFalse();
    }

    private static String datagram(ReceivedBlock block) {
        byte[] payload =
                Arrays.copyOfRange(block.bytes(), block.offset(), block.offset() + block.length());
        return block.source() + " " + Arrays.toString(payload);
    }

    @Test
    void theExampleIsWrittenToTheSameBytes() throws IOException {
        byte[] bytes = example();
        ByteBuffer out = ByteBuffer.allocate(bytes.length);
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.DATAGRAMS,
                        3,
                        1,
                        Transport.UDP,
                        2,
                        ARRIVAL,
                        7,
                        0x2001,
                        3,
                        1002,
                        96_240)
                .write(out);
        ReceivedBlock.writeDatagramHeader(out, 4, 50_000, 0, 0xffff_c000_0201L);
        out.put(new byte[] {0, 9, 0, 1});
        ReceivedBlock.writeDatagramHeader(out, 2, 50_001, 0x2001_0db8_0000_0000L, 1);
        out.put(new byte[] {0, 10});

        assertThat(out.array()).isEqualTo(bytes);
        assertThat(out.hasRemaining()).isFalse();
    }

    private static byte[] example() throws IOException {
        HexExample example = HexExample.of("received.md");
        return example.bytes(example.end());
    }

    @Test
    void requestsAndNotesAreReadAsThePageSays() throws IOException {
        byte[] bytes = requests();
        var block = new ReceivedBlock();
        block.read(bytes, 0, bytes.length);

        assertThat(block.kind()).isEqualTo(ReceivedBlock.Kind.REQUESTS);
        assertThat(block.arrivalMicros()).isEqualTo(ARRIVAL);
        assertThat(block.batch()).isEqualTo(8);
        assertThat(block.datagramsTotal()).isEqualTo(101);
        assertThat(block.octetsTotal()).isEqualTo(15_000);
        assertThat(block.next()).isTrue();
        assertThat(block.isRefusal()).isFalse();
        assertThat(block.source()).hasToString("192.0.2.1 port 50001");
        assertThat(block.length()).isEqualTo(26);
        assertThat(block.next()).isTrue();
        assertThat(block.isRefusal()).isTrue();
        assertThat(block.source()).hasToString("192.0.2.9 port 0");
        assertThat(block.refusal())
                .isEqualTo(new ReceivedBlock.Refusal(Reason.BAD_AUTHENTICATOR, 3, 450));
        assertThat(block.next()).isFalse();
    }

    @Test
    void requestsAndNotesAreWrittenToTheSameBytes() throws IOException {
        byte[] bytes = requests();
        ByteBuffer out = ByteBuffer.allocate(bytes.length);
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.REQUESTS,
                        0,
                        0,
                        Transport.UDP,
                        2,
                        ARRIVAL,
                        8,
                        0x2002,
                        0,
                        101,
                        15_000)
                .write(out);
        ReceivedBlock.writeDatagramHeader(out, 26, 50_001, 0, 0xffff_c000_0201L);
        out.put(bytes, out.position(), 26);
        new ReceivedBlock.Refusal(Reason.BAD_AUTHENTICATOR, 3, 450)
                .write(out, 0, 0xffff_c000_0209L);

        assertThat(out.array()).isEqualTo(bytes);
        assertThat(out.hasRemaining()).isFalse();
    }

    private static byte[] requests() throws IOException {
        HexExample example = HexExample.of("received.md", "## RADIUS requests");
        return example.bytes(example.end());
    }

    @Test
    void linesAreReadAsThePageSays() throws IOException {
        byte[] bytes = lines();
        var block = new ReceivedBlock();
        block.read(bytes, 0, bytes.length);

        assertThat(block.kind()).isEqualTo(ReceivedBlock.Kind.LINES);
        assertThat(block.arrivalMicros()).isEqualTo(ARRIVAL);
        assertThat(block.batch()).isEqualTo(12);
        assertThat(block.datagramsTotal()).isEqualTo(101);
        assertThat(block.octetsTotal()).isEqualTo(3_007);
        List<String> entries = new ArrayList<>();
        while (block.next()) {
            entries.add(
                    "%s %d:%d %s"
                            .formatted(
                                    block.lineEntry(),
                                    block.source().high(),
                                    block.source().low(),
                                    new String(
                                            block.bytes(),
                                            block.offset(),
                                            block.length(),
                                            StandardCharsets.UTF_8)));
        }
        assertThat(entries)
                .containsExactly("FILE 12:0 a.csv", "HEADER 12:1 who,bytes", "LINE 12:2 alice,9");
    }

    @Test
    void linesAreWrittenToTheSameBytes() throws IOException {
        byte[] bytes = lines();
        ByteBuffer out = ByteBuffer.allocate(bytes.length);
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.LINES,
                        0,
                        0,
                        Transport.FILE,
                        3,
                        ARRIVAL,
                        12,
                        0,
                        0,
                        101,
                        3_007)
                .write(out);
        LineEntry.FILE.writeHeader(out, 5, 12, 0);
        out.put("a.csv".getBytes(StandardCharsets.UTF_8));
        LineEntry.HEADER.writeHeader(out, 9, 12, 1);
        out.put("who,bytes".getBytes(StandardCharsets.UTF_8));
        LineEntry.LINE.writeHeader(out, 7, 12, 2);
        out.put("alice,9".getBytes(StandardCharsets.UTF_8));

        assertThat(out.array()).isEqualTo(bytes);
        assertThat(out.hasRemaining()).isFalse();
    }

    private static byte[] lines() throws IOException {
        HexExample example = HexExample.of("received.md", "## Lines of files");
        return example.bytes(example.end());
    }
}
