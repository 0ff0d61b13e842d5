package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Check;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a decoder does with its block, sink and books. */
class FlowDecoderTest {
    private static final int RECORDS = 30;

    private final Books books = new Books();
    private final List<Integer> blocks = new ArrayList<>();
    private final List<Long> octets = new ArrayList<>();

    private FlowDecoder decoder(RecordBlock block) {
        return new FlowDecoder(DecoderLimits.DEFAULTS, block, this::take, books);
    }

    private void take(RecordBlock block) {
        blocks.add(block.size());
        if (block.has(Field.OCTETS)) {
            long[] column = block.column(Field.OCTETS);
            Arrays.stream(column, 0, block.size()).forEach(octets::add);
        }
    }

    /** A v5 datagram whose records have {@code first}, {@code first} + 1 … octets. */
    private static byte[] datagram(int first) {
        ByteBuffer out = ByteBuffer.allocate(24 + 48 * RECORDS);
        out.putShort((short) 5).putShort((short) RECORDS).putInt(100_000).putInt(1_700_000_000);
        out.putInt(16, first);
        for (int i = 0; i < RECORDS; i++) {
            out.putInt(24 + 48 * i, 0x0a000001);
            out.putInt(24 + 48 * i + 16, 2);
            out.putInt(24 + 48 * i + 20, first + i);
        }
        return out.array();
    }

    private static void decode(FlowDecoder decoder, byte[] datagram) {
        decoder.decode(
                datagram,
                0,
                datagram.length,
                new Source().set(0, Addresses.ofIpv4(0xc0000201), 2000, 0, Transport.UDP),
                1);
    }

    @Test
    void aFullBlockIsHandedOnFromWithinADatagramAndNoRecordIsLostAtItsEdge() {
        FlowDecoder decoder = decoder(RecordBlock.ofAllFields());
        int datagrams = 2 * RecordBlock.CAPACITY / RECORDS;
        for (int i = 0; i <= datagrams; i++) {
            decode(decoder, datagram(i * RECORDS));
        }
        decoder.flush();
        int last = (datagrams + 1) * RECORDS - 2 * RecordBlock.CAPACITY;
        assertThat(blocks).containsExactly(RecordBlock.CAPACITY, RecordBlock.CAPACITY, last);
        assertThat(octets).hasSize((datagrams + 1) * RECORDS).isSorted();
        assertThat(octets.getFirst()).isZero();
        assertThat(octets.getLast()).isEqualTo((datagrams + 1) * RECORDS - 1);
    }

    @Test
    void flushOfAnEmptyBlockHandsNothingOn() {
        decoder(RecordBlock.ofAllFields()).flush();
        assertThat(blocks).isEmpty();
    }

    @Test
    void theBooksCountOctetsAndPacketsThatNobodyWants() {
        var block = new RecordBlock(List.of(Field.SRC_PORT));
        decode(decoder(block), datagram(0));
        var wanted = new Tally();
        wanted.add(RECORDS, 2 * RECORDS, RECORDS * (RECORDS - 1) / 2);
        assertThat(books.received()).isEqualTo(wanted);
        assertThat(block.size()).isEqualTo(RECORDS);
    }

    @Test
    void anEndIsHeldAgainstItsStartThoughOnlyTheEndIsWanted() {
        var block = new RecordBlock(List.of(Field.END));
        byte[] datagram = datagram(0);
        ByteBuffer.wrap(datagram).putInt(24 + 24, 99_000).putInt(24 + 28, 98_000);
        decode(decoder(block), datagram);
        assertThat(block.column(Field.END)[0]).isEqualTo(1_699_999_999_000L);
    }

    @Test
    void columnsOfFieldsThatTheExporterDoesNotSendAreZeroAndNotPresent() {
        var block = RecordBlock.ofAllFields();
        for (Field field : Field.values()) {
            Arrays.fill(block.column(field), 77);
            if (field.kind() == Field.Kind.ADDRESS) {
                Arrays.fill(block.highColumn(field), 77);
            }
        }
        decode(decoder(block), datagram(0));
        long present = block.present()[0];
        for (Field field : List.of(Field.VLAN, Field.CUSTOMER, Field.SUBSCRIBER, Field.DIRECTION)) {
            assertThat(block.column(field)[0]).as(field.label()).isZero();
            assertThat(present & field.bit()).as(field.label()).isZero();
        }
        for (Field field : List.of(Field.EXPORTER, Field.DOMAIN, Field.SRC_ADDR, Field.START)) {
            assertThat(present & field.bit()).as(field.label()).isNotZero();
        }
        assertThat(block.highColumn(Field.SRC_ADDR)[0]).isZero();
    }

    @Test
    void aSnapshotBetweenBlockAndSinkWouldLoseRecordsAndIsRefused() {
        FlowDecoder decoder = decoder(RecordBlock.ofAllFields());
        decode(decoder, datagram(0));
        assertThatThrownBy(() -> decoder.snapshot(new StateWriter(100)))
                .isInstanceOf(Check.BrokenInvariant.class)
                .hasMessageContaining("flushed");
    }

    @Test
    void problemsAreBoundedAndToldOnce() {
        FlowDecoder decoder = decoder(RecordBlock.ofAllFields());
        for (int i = 0; i < 1000; i++) {
            decode(decoder, new byte[] {0, 5, 0});
        }
        assertThat(decoder.takeProblems())
                .hasSize(64)
                .allMatch(problem -> problem.toString().startsWith("192.0.2.1 port 2000, byte 0:"));
        assertThat(decoder.problems()).isEmpty();
        assertThat(decoder.counts().rejected()).isEqualTo(1000);
    }
}
