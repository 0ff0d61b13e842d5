package io.narwhal.jmh;

import io.narwhal.generate.Protocol;
import io.narwhal.record.Addresses;
import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Transport;
import io.narwhal.wire.DecoderLimits;
import io.narwhal.wire.FlowDecoder;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.util.List;

/** Each decoder alone: 24 records a datagram, the nine fields that usual definitions need. */
@State(Scope.Thread)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark {
    private static final int RECORDS = 24 * 400;

    /** As {@code narwhal generate} calls them, and IPFIX with a field of variable length. */
    @Param({"v1", "v5", "v7", "v9", "ipfix", "ipfix-variable", "sflow"})
    public String protocol = "";

    private Datagrams datagrams;
    private FlowDecoder decoder;
    private final Source source = new Source();
    private long taken;

    /** Makes the datagrams, and decodes them once, so that templates are known. */
    @Setup
    public void setUp() {
        datagrams =
                protocol.equals("ipfix-variable")
                        ? Datagrams.variableLength(RECORDS)
                        : Datagrams.generated(Protocol.of(protocol), 1, RECORDS, 10_000);
        RecordBlock block =
                new RecordBlock(
                        List.of(
                                Field.SRC_ADDR,
                                Field.DST_ADDR,
                                Field.SRC_PORT,
                                Field.DST_PORT,
                                Field.PROTOCOL,
                                Field.OCTETS,
                                Field.PACKETS,
                                Field.START,
                                Field.END));
        decoder =
                new FlowDecoder(DecoderLimits.DEFAULTS, block, b -> taken += b.size(), new Books());
        source.set(0, Addresses.ofIpv4(0x7f00_0001), 9_995, 0, Transport.UDP);
        long before = taken;
        decode();
        if (taken - before != RECORDS) {
            throw new IllegalStateException(
                    "decoded " + (taken - before) + " of " + RECORDS + ": " + decoder.problems());
        }
    }

    /** Records a second. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long decode() {
        for (int i = 0; i < datagrams.count(); i++) {
            byte[] payload = datagrams.get(i).payload();
            decoder.decode(payload, 0, payload.length, source, 1_767_225_601_000_000L);
            datagrams.next(i);
        }
        decoder.flush();
        return taken;
    }
}
