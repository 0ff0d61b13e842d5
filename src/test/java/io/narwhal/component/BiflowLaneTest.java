package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.record.Addresses;
import io.narwhal.record.Field;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;
import io.narwhal.session.SessionLimits;
import io.narwhal.wire.DecoderLimits;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A record with both directions, through a lane: the books, the charges and the rows agree. */
class BiflowLaneTest {
    private static final long ARRIVAL_MS = 1_700_000_000_000L;

    private static final UsageDefinition BY_SOURCE =
            new UsageDefinition("by-source", List.of(Field.SRC_ADDR), 60_000, 0);

    /** 10.0.0.1 to 10.0.0.2: 100 octets in 2 packets; back: 5,000 in 6, and nothing. */
    private static final byte[] DATAGRAM =
            HexFormat.of()
                    .parseHex(
                            "000a00846553f100000000000000000700020030012c000800080004000c0004"
                                + "0001000400020004800100040000727980020004000072790096000400970004"
                                + "012c00440a0000010a000002000000640000000200001388000000066553f0ed"
                                + "6553f0f70a0000010a000003000000070000000100000000000000006553f0ed"
                                + "6553f0ed");

    private final List<UsageRows> rows = new ArrayList<>();

    @Test
    void eachDirectionIsChargedToItsSourceAndTheFlowCountsOnce() {
        var lane =
                new Lane(
                        new Lane.Work(
                                List.of(BY_SOURCE),
                                CustomerTable.empty(),
                                DecoderLimits.DEFAULTS,
                                AggregationLimits.DEFAULT,
                                List.of(),
                                SessionLimits.DEFAULTS));
        byte[] frame = frame();
        lane.apply(frame, 0, frame.length, Crew.ALONE, rows::add);
        lane.endStep(Crew.ALONE, rows::add);
        lane.aggregations().getFirst().openRows(rows::add);

        Tally all = tally(2, 2 + 1 + 6, 100 + 7 + 5000);
        assertThat(lane.books().received()).isEqualTo(all);
        assertThat(lane.books().accounted()).isEqualTo(all);
        assertThat(lane.books().difference()).isEqualTo(new Tally());
        assertThat(lane.aggregations().getFirst().charged()).isEqualTo(all);
        assertThat(lane.expected(BY_SOURCE)).isEqualTo(all);
        assertThat(texts())
                .containsExactly(
                        "10.0.0.1: 107 octets 3 packets 2 flows",
                        "10.0.0.2: 5000 octets 6 packets 0 flows");
    }

    private static Tally tally(long records, long packets, long octets) {
        var tally = new Tally();
        tally.add(records, packets, octets);
        return tally;
    }

    private List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (UsageRows frame : rows) {
            for (int row = 0; row < frame.size(); row++) {
                texts.add(
                        "%s: %d octets %d packets %d flows"
                                .formatted(
                                        frame.text(row, 0),
                                        frame.octets(row),
                                        frame.packets(row),
                                        frame.flows(row)));
            }
        }
        return texts;
    }

    private static byte[] frame() {
        var out = ByteBuffer.allocate(1000);
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.DATAGRAMS,
                        0,
                        0,
                        Transport.UDP,
                        1,
                        ARRIVAL_MS * 1000,
                        1,
                        1,
                        0,
                        1,
                        DATAGRAM.length)
                .write(out);
        InetAddress source = InetAddress.ofLiteral("192.0.2.1");
        ReceivedBlock.writeDatagramHeader(
                out, DATAGRAM.length, 2000, Addresses.high(source), Addresses.low(source));
        out.put(DATAGRAM);
        return Arrays.copyOf(out.array(), out.position());
    }
}
