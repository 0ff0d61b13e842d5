package io.narwhal.jmh;

import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.component.Crew;
import io.narwhal.component.Lane;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.generate.Protocol;
import io.narwhal.record.Addresses;
import io.narwhal.record.Field;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;
import io.narwhal.record.UsageDefinition;
import io.narwhal.session.SessionLimits;
import io.narwhal.wire.DecoderLimits;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Decode, enhance and aggregate in one thread, as accounting does it: a lane takes frames of 64
 * datagrams of three exporters. Usage by address pair, or by customer with a table of 10,000
 * prefixes. No bin closes meanwhile.
 */
@State(Scope.Thread)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xmx3g"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ChainBenchmark {
    private static final int FRAME_DATAGRAMS = 64;
    private static final int FRAMES = 1_280;
    private static final int EXPORTERS = 3;
    private static final int DATAGRAMS = FRAMES * FRAME_DATAGRAMS;
    private static final int RECORDS = DATAGRAMS * Datagrams.RECORDS_PER_DATAGRAM;
    private static final int PREFIXES = 10_000;
    private static final long ARRIVAL_MICROS = 1_767_225_601_000_000L;

    /** Version 9, IPFIX. */
    @Param({"v9", "ipfix"})
    public String protocol = "";

    /** Distinct pairs of addresses that the records are drawn from. */
    @Param({"10000", "1000000"})
    public int pairs;

    /** What is summed by. */
    @Param({"pair", "customer"})
    public String usage = "";

    private Datagrams datagrams;
    private ByteBuffer frames;
    private final int[] frameAt = new int[FRAMES + 1];
    private final int[] payloadAt = new int[DATAGRAMS];
    private Lane lane;
    private long rows;

    /** Makes the frames, and applies them once. */
    @Setup
    public void setUp() {
        datagrams = Datagrams.generated(Protocol.of(protocol), EXPORTERS, RECORDS, pairs);
        writeFrames();
        boolean byPair = usage.equals("pair");
        List<Field> keys =
                byPair ? List.of(Field.SRC_ADDR, Field.DST_ADDR) : List.of(Field.CUSTOMER);
        lane =
                new Lane(
                        new Lane.Work(
                                List.of(new UsageDefinition(usage, keys, 60_000, 300_000)),
                                byPair ? CustomerTable.empty() : customers(),
                                DecoderLimits.DEFAULTS,
                                AggregationLimits.DEFAULT,
                                List.of(),
                                SessionLimits.DEFAULTS));
        account();
        long accounted = lane.books().accounted().records();
        if (accounted != RECORDS) {
            throw new IllegalStateException("accounted " + accounted + " of " + RECORDS);
        }
    }

    private void writeFrames() {
        long bytes = 0;
        for (int i = 0; i < datagrams.count(); i++) {
            bytes += ReceivedBlock.DATAGRAM_HEADER_BYTES + datagrams.get(i).payload().length;
        }
        frames = ByteBuffer.allocate(Math.toIntExact(bytes + FRAMES * ReceivedBlock.HEADER_BYTES));
        // The generator sends in batches of one exporter; here they take turns.
        List<List<Integer>> queues = new ArrayList<>();
        for (int i = 0; i < EXPORTERS; i++) {
            queues.add(new ArrayList<>());
        }
        for (int i = 0; i < datagrams.count(); i++) {
            queues.get(datagrams.get(i).exporter()).add(i);
        }
        int written = 0;
        for (int round = 0; written < DATAGRAMS; round++) {
            for (List<Integer> queue : queues) {
                if (round < queue.size()) {
                    if (written % FRAME_DATAGRAMS == 0) {
                        writeHeader(written / FRAME_DATAGRAMS);
                    }
                    write(queue.get(round));
                    written++;
                }
            }
        }
        frameAt[FRAMES] = frames.position();
    }

    private void writeHeader(int frame) {
        frameAt[frame] = frames.position();
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.DATAGRAMS,
                        0,
                        0,
                        Transport.UDP,
                        FRAME_DATAGRAMS,
                        ARRIVAL_MICROS,
                        frame,
                        1,
                        0,
                        0,
                        0)
                .write(frames);
    }

    private void write(int i) {
        byte[] payload = datagrams.get(i).payload();
        ReceivedBlock.writeDatagramHeader(
                frames,
                payload.length,
                datagrams.get(i).source().getPort(),
                0,
                Addresses.low(datagrams.get(i).source().getAddress()));
        payloadAt[i] = frames.position();
        frames.put(payload);
    }

    private static CustomerTable customers() {
        StringBuilder csv = new StringBuilder("prefix,customer\n");
        for (int i = 0; i < PREFIXES; i++) {
            csv.append(
                    i % 10 == 9
                            ? "2001:db8:%x::/48".formatted(i / 10)
                            : "10.%d.%d.0/24".formatted(i >> 8, i & 255));
            csv.append(",customer-").append(i).append('\n');
        }
        byte[] bytes = csv.toString().getBytes(StandardCharsets.US_ASCII);
        return switch (CustomerTable.read("customers.csv", bytes)) {
            case CustomerTable.Outcome.Loaded(var table, _) -> table;
            case CustomerTable.Outcome.Refused(var problems) ->
                    throw new IllegalStateException(problems.toString());
        };
    }

    /** Records a second. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long account() {
        for (int frame = 0; frame < FRAMES; frame++) {
            lane.apply(
                    frames.array(),
                    frameAt[frame],
                    frameAt[frame + 1] - frameAt[frame],
                    Crew.ALONE,
                    this::take);
        }
        lane.endStep(Crew.ALONE, this::take);
        for (int i = 0; i < DATAGRAMS; i++) {
            datagrams.next(i, frames, payloadAt[i]);
        }
        return rows;
    }

    private void take(Object ignored) {
        rows++;
    }
}
