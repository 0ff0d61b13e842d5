package io.narwhal.generate;

import io.narwhal.base.Clock;
import io.narwhal.base.StreamSender;
import io.narwhal.base.Tls;
import io.narwhal.base.UdpSender;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries a {@link TrafficPlan} out. One thread runs it; any thread may {@link #stop} it.
 *
 * <p>Pace: every batch has its time on an absolute schedule, so a late batch is caught up and the
 * rate does not drift. The time in the datagrams advances by what was sent, not by the clock: at
 * the planned rate, or, without one, at 10 million records a second, which keeps it behind the
 * wall.
 */
public final class TrafficSource implements AutoCloseable {
    private static final long NANOS = 1_000_000_000L;
    private static final long UNPACED_RECORDS_PER_MS = 10_000;

    /**
     * A batch is at most what is due in this time, so that a paced source does not come in gusts.
     */
    private static final long GUST_MICROS = 250;

    private static final int LOOPBACK_FIRST = 11;

    private final TrafficPlan plan;
    private final UdpSender sender;
    private final Clock clock;
    private final Pairs pairs;
    private final Sums sums;
    private final List<Exporter> exporters = new ArrayList<>();
    private final int[] lengths;
    private final long target;
    private final int batchSlots;
    private volatile boolean stopped;
    private int turn;
    private long records;
    private long datagrams;

    /** What has been sent so far. */
    public record Progress(long records, long datagrams, long elapsedNanos) {
        /** Mean since the start. */
        public long recordsPerSecond() {
            return (long) ((double) records * NANOS / Math.max(1, elapsedNanos));
        }
    }

    /** Is told about once a second, and at the end. */
    public interface ProgressListener {
        /** Called by the thread that sends. */
        void sent(Progress progress);
    }

    /** Sends through a given sender, which has one socket for each exporter; closes it at last. */
    public TrafficSource(TrafficPlan plan, UdpSender sender, Clock clock) {
        this.plan = plan;
        this.sender = sender;
        this.clock = clock;
        int share = plan.ipv6Percent();
        boolean knowsIpv6 = plan.protocols().stream().anyMatch(Protocol::knowsIpv6);
        int ipv6 = knowsIpv6 ? (int) ((long) plan.pairs() * share / 100) : 0;
        this.pairs = new Pairs(plan.pairs() - ipv6, ipv6);
        this.sums = new Sums(pairs.size());
        for (int i = 0; i < plan.exporters(); i++) {
            exporters.add(Exporter.of(i, plan, pairs));
        }
        this.lengths = new int[sender.slots()];
        this.target = plan.recordsToSend();
        this.batchSlots = batchSlots(plan, sender.slots());
    }

    /**
     * Opens the sockets: one for each exporter.
     *
     * @throws java.io.UncheckedIOException when one cannot be bound
     */
    public static TrafficSource open(TrafficPlan plan, Clock clock) {
        return new TrafficSource(plan, openSender(plan), clock);
    }

    /**
     * Opens a connection for each exporter, all of which must speak IPFIX.
     *
     * @param tls who we are and whom we trust; null: plain TCP
     * @throws java.io.UncheckedIOException when one is refused
     */
    public static TrafficSource connect(TrafficPlan plan, @Nullable Tls tls, Clock clock) {
        if (!plan.protocols().stream().allMatch(protocol -> protocol == Protocol.IPFIX)) {
            throw new IllegalArgumentException(
                    "protocols are " + plan.protocols() + "; only ipfix goes over TCP and TLS");
        }
        var sender =
                StreamSender.open(
                        sources(plan), plan.target(), tls, UdpSender.SLOTS_MAX, slotBytes(plan));
        return new TrafficSource(plan, sender, clock);
    }

    private static UdpSender openSender(TrafficPlan plan) {
        return UdpSender.open(sources(plan), plan.target(), UdpSender.SLOTS_MAX, slotBytes(plan));
    }

    private static List<InetSocketAddress> sources(TrafficPlan plan) {
        List<InetSocketAddress> sources = new ArrayList<>();
        for (int i = 0; i < plan.exporters(); i++) {
            sources.add(source(plan.target().getAddress(), i));
        }
        return sources;
    }

    private static int slotBytes(TrafficPlan plan) {
        int bytes =
                Exporter.OVERHEAD_BYTES_MAX
                        + plan.recordsPerDatagram() * Exporter.recordBytesMax(plan.protocols());
        return bytes + 63 & ~63;
    }

    /** Where an exporter sends from: on a loopback target an address of its own. */
    static InetSocketAddress source(InetAddress target, int exporter) {
        byte[] any = new byte[target.getAddress().length];
        boolean ipv4 = any.length == 4;
        if (target.isLoopbackAddress()) {
            any = InetAddress.getLoopbackAddress().getAddress();
            any = ipv4 ? any : target.getAddress();
            any[any.length - 1] = ipv4 ? (byte) (LOOPBACK_FIRST + exporter) : 1;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(any), 0);
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }

    private static int batchSlots(TrafficPlan plan, int slots) {
        if (plan.recordsPerSecond() == 0) {
            return slots;
        }
        long due = plan.recordsPerSecond() * GUST_MICROS / 1_000_000 / plan.recordsPerDatagram();
        return Math.clamp(due, 1, slots);
    }

    /**
     * Sends all that the plan asks for, or until {@link #stop}.
     *
     * @throws java.io.UncheckedIOException when the kernel refuses a datagram; the truth is then
     *     not exact
     */
    public Truth run(ProgressListener listener) {
        long start = clock.monotonicNanos();
        long told = start;
        while (!stopped && records < target) {
            waitUntilDue(start);
            long now = clock.monotonicNanos();
            if (target == Long.MAX_VALUE && now - start >= plan.durationMs() * 1_000_000) {
                break;
            }
            sendBatch();
            if (now - told >= NANOS) {
                told += NANOS;
                listener.sent(new Progress(records, datagrams, now - start));
            }
        }
        listener.sent(new Progress(records, datagrams, clock.monotonicNanos() - start));
        return truth();
    }

    /** Makes {@link #run} return after the batch that it is at. */
    public void stop() {
        stopped = true;
    }

    private void waitUntilDue(long start) {
        long rate = plan.recordsPerSecond();
        if (rate == 0) {
            return;
        }
        long due = start + (long) ((double) records / rate * NANOS);
        for (long left = due - clock.monotonicNanos();
                left > 0 && !stopped;
                left = due - clock.monotonicNanos()) {
            clock.sleepNanos(left);
        }
    }

    /** One batch of one exporter; a withheld datagram leaves its slot to the next. */
    private void sendBatch() {
        Exporter exporter = exporters.get(turn);
        int filled = 0;
        for (int slot = 0; slot < batchSlots && records < target; slot++) {
            int count = (int) Math.min(plan.recordsPerDatagram(), target - records);
            boolean withheld = exporter.withholdsNext();
            int at = filled * sender.slotBytes();
            long nowMs = plan.startMs() + elapsedMs();
            int bytes = exporter.make(sender.buffer(), at, count, nowMs, sums, withheld);
            if (!withheld) {
                lengths[filled++] = bytes;
                records += count;
            }
        }
        if (filled > 0) {
            sender.send(turn, lengths, filled);
            datagrams += filled;
        }
        turn = (turn + 1) % exporters.size();
    }

    private long elapsedMs() {
        long rate = plan.recordsPerSecond();
        return rate == 0 ? records / UNPACED_RECORDS_PER_MS : records * 1_000 / rate;
    }

    /** What has been sent so far; between batches only. */
    public Truth truth() {
        List<Truth.Exporter> rows = new ArrayList<>();
        for (int i = 0; i < exporters.size(); i++) {
            InetSocketAddress source = sender.source(i);
            boolean known = !source.getAddress().isAnyLocalAddress();
            String address = known ? source.getAddress().getHostAddress() : "";
            rows.add(exporters.get(i).truth(address, source.getPort()));
        }
        return new Truth(pairs, sums, rows, plan.startMs());
    }

    @Override
    public void close() {
        sender.close();
    }
}
