package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Addresses;
import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the vectors cannot say in a few lines: limits, block edges, memory of the sFlow decoder. */
class SflowDecoderTest {
    private static final int SAMPLES = 7;
    private static final int ROUND = 1250;

    private final Books books = new Books();
    private final List<Integer> blocks = new ArrayList<>();
    private final Source source = new Source();

    private FlowDecoder decoder(RecordBlock block) {
        return new FlowDecoder(
                DecoderLimits.DEFAULTS, block, full -> blocks.add(full.size()), books);
    }

    private void decode(FlowDecoder decoder, byte[] datagram) {
        source.set(0, Addresses.ofIpv4(0xc0000201), 6343, 0, Transport.UDP);
        decoder.decode(datagram, 0, datagram.length, source, 1_000);
    }

    /** Flow samples of data sources that follow on one another, each with a sampled header. */
    private static byte[] datagram(int sequence, int agent, int firstSource) {
        ByteBuffer out = ByteBuffer.allocate(28 + SAMPLES * 112);
        out.putInt(5).putInt(1).putInt(agent).putInt(0).putInt(sequence).putInt(1).putInt(SAMPLES);
        for (int i = 0; i < SAMPLES; i++) {
            out.putInt(1).putInt(104).putInt(sequence).putInt(firstSource + i).putInt(512);
            out.putInt(512 * sequence).putInt(0).putInt(1).putInt(2).putInt(1);
            out.putInt(1).putInt(64).putInt(1).putInt(1000).putInt(4).putInt(46);
            out.put(new byte[12]).putShort((short) 0x0800).put((byte) 0x45).put(new byte[8]);
            out.put((byte) 17).putShort((short) 0).putInt(0x0a000000 + i).putInt(0x0b000000);
            out.putShort((short) 53).putShort((short) 1024).put(new byte[10]);
        }
        return out.array();
    }

    @Test
    void aFullBlockIsHandedOnFromWithinADatagramAndNoSampleIsLostAtItsEdge() {
        FlowDecoder decoder = decoder(RecordBlock.ofAllFields());
        int datagrams = RecordBlock.CAPACITY / SAMPLES + 1;
        for (int i = 1; i <= datagrams; i++) {
            decode(decoder, datagram(i, 1, 0));
        }
        decoder.flush();
        int records = datagrams * SAMPLES;
        assertThat(blocks).containsExactly(RecordBlock.CAPACITY, records - RecordBlock.CAPACITY);
        var wanted = new Tally();
        wanted.add(records, records, 1000L * records);
        assertThat(books.received()).isEqualTo(wanted);
    }

    @Test
    void onlyTheWantedColumnsAreNeededAndTheOthersAreCountedAllTheSame() {
        var block = new RecordBlock(List.of(Field.SRC_ADDR, Field.DST_PORT));
        decode(decoder(block), datagram(1, 1, 0));
        assertThat(block.size()).isEqualTo(SAMPLES);
        assertThat(
                        Addresses.text(
                                block.highColumn(Field.SRC_ADDR)[3],
                                block.column(Field.SRC_ADDR)[3]))
                .isEqualTo("10.0.0.3");
        assertThat(block.column(Field.DST_PORT)[3]).isEqualTo(1024);
        assertThat(books.received().octets()).isEqualTo(1000L * SAMPLES);
    }

    @Test
    void fieldsThatNoSampleTellsAreZeroAndNotPresent() {
        var block = RecordBlock.ofAllFields();
        for (Field field : Field.values()) {
            Arrays.fill(block.column(field), 77);
        }
        decode(decoder(block), datagram(1, 1, 0));
        long present = block.present()[0];
        for (Field field : List.of(Field.VLAN, Field.SRC_AS, Field.NEXT_HOP, Field.CUSTOMER)) {
            assertThat(block.column(field)[0]).as(field.label()).isZero();
            assertThat(present & field.bit()).as(field.label()).isZero();
        }
        for (Field field : List.of(Field.EXPORTER, Field.DOMAIN, Field.OCTETS, Field.IN_IF)) {
            assertThat(present & field.bit()).as(field.label()).isNotZero();
        }
    }

    @Test
    void moreDataSourcesThanTheLimitAreDecodedAndNotFollowedAndThatIsToldOnce() {
        FlowDecoder decoder = decoder(RecordBlock.ofAllFields());
        int datagrams = DataSources.LIMIT / SAMPLES + 2;
        for (int i = 0; i < datagrams; i++) {
            decode(decoder, datagram(i, 1, i * SAMPLES));
        }
        ExporterReport report = decoder.exporters().getFirst();
        assertThat(report.records()).isEqualTo(datagrams * SAMPLES);
        assertThat(report.sflow()).isNotNull();
        assertThat(report.sflow().sources()).hasSize(DataSources.LIMIT);
        assertThat(report.sflow().notFollowed()).isEqualTo(datagrams * SAMPLES - DataSources.LIMIT);
        assertThat(decoder.problems())
                .singleElement()
                .extracting(Problem::kind)
                .isEqualTo(Problem.Kind.SAMPLING_LIMIT);
    }

    @Test
    void aFloodOfAgentsEndsAtTheLimitOfExporters() {
        FlowDecoder decoder = decoder(RecordBlock.ofAllFields());
        int exporters = DecoderLimits.DEFAULTS.exporters();
        for (int i = 0; i < exporters + 100; i++) {
            decode(decoder, datagram(1, i + 1, 0));
        }
        assertThat(decoder.exporters()).hasSize(exporters);
        assertThat(decoder.counts().rejected()).isEqualTo(100);
        assertThat(books.rejected().records()).isEqualTo(100 * SAMPLES);
    }

    @Test
    void onceCompiledADatagramOfAKnownAgentAllocatesNothing() {
        var decoder =
                new FlowDecoder(
                        DecoderLimits.DEFAULTS, RecordBlock.ofAllFields(), full -> {}, books);
        byte[] datagram = datagram(1, 1, 0);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        // The interpreter allocates for each VarHandle; one record of 8 bytes would be 70,000.
        for (int round = 0; round < 200 && allocated > 10_000; round++) {
            allocated = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ROUND; i++) {
                decode(decoder, datagram);
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        }
        assertThat(allocated).isLessThanOrEqualTo(10_000);
    }
}
