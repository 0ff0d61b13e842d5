package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.generate.Protocol;
import io.narwhal.generate.RadiusPlan;
import io.narwhal.generate.RadiusSource;
import io.narwhal.generate.RadiusTruth;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.Truth;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * The traffic of a torture: exporters by UDP and TCP and access servers, each in a thread of its
 * own, until told to end.
 */
final class TortureLoad implements AutoCloseable {
    /** In each datagram. */
    static final int RECORDS_PER_DATAGRAM = 24;

    private static final int UDP_EXPORTERS = 6;
    private static final int TCP_EXPORTERS = 2;
    private static final int PAIRS = 500;
    private static final int IPFIX_ONCE = 2; // number of an exporter by UDP
    private static final long FOR_EVER_MS = 10L * 24 * 3_600_000;

    private final TrafficSource flows;
    private final @Nullable TrafficSource streams;
    private final RadiusSource requests;
    private @Nullable Sending<Truth> sendingFlows;
    private @Nullable Sending<Truth> sendingStreams;
    private @Nullable Sending<RadiusTruth> sendingRequests;
    private boolean closed;
    private volatile long flowRecords;
    private volatile long streamRecords;

    /** What was sent. */
    record Truths(Truth flows, Optional<Truth> streams, RadiusTruth requests) {
        /** Flow records and answered requests. */
        long records() {
            return flows.records()
                    + streams.map(Truth::records).orElse(0L)
                    + requests.totals().answered();
        }
    }

    /** Opens sockets and connections: the node must be ready. */
    TortureLoad(TortureFiles.Ports ports, long recordsPerSecond, long seed, Clock clock) {
        this.flows =
                TrafficSource.open(
                        flowsTo("127.0.0.1", ports.flows(), UDP_EXPORTERS, seed, clock)
                                .recordsPerSecond(recordsPerSecond)
                                .templatesOnce(Set.of(IPFIX_ONCE))
                                .build(),
                        clock);
        this.streams =
                ports.streams() == 0
                        ? null
                        : TrafficSource.connect(
                                flowsTo("::1", ports.streams(), TCP_EXPORTERS, seed + 1, clock)
                                        .protocols(Protocol.IPFIX)
                                        .recordsPerSecond(Math.max(1, recordsPerSecond / 4))
                                        .build(),
                                null,
                                clock);
        this.requests =
                RadiusSource.open(
                        requestsTo(ports.requests(), recordsPerSecond, seed, clock),
                        TortureFiles.SECRET.getBytes(StandardCharsets.UTF_8),
                        clock);
    }

    private static TrafficPlan.Builder flowsTo(
            String host, int port, int exporters, long seed, Clock clock) {
        return TrafficPlan.to(new InetSocketAddress(host, port))
                .exporters(exporters)
                .recordsPerDatagram(RECORDS_PER_DATAGRAM)
                .pairs(PAIRS)
                .durationMs(FOR_EVER_MS)
                .startMs(clock.wallMicros() / 1_000)
                .seed(seed);
    }

    // Sent again soon, for ever; one answered request in twenty is sent again all the same.
    private static RadiusPlan requestsTo(int port, long rate, long seed, Clock clock) {
        return RadiusPlan.to(new InetSocketAddress("127.0.0.1", port))
                .sessions(RadiusPlan.SESSIONS_MAX)
                .interims(6)
                .timeoutMs(300)
                .duplicatePercent(5)
                .requestsPerSecond(Math.clamp(rate / 20, 20, 1_000))
                .startMs(clock.wallMicros() / 1_000)
                .seed(seed)
                .build();
    }

    void begin() {
        sendingFlows =
                Sending.begin(
                        "exporters-udp", () -> flows.run(told -> flowRecords = told.records()));
        sendingRequests = Sending.begin("access-servers", () -> requests.run(_ -> {}));
        var connected = streams;
        if (connected != null) {
            sendingStreams =
                    Sending.begin(
                            "exporters-tcp",
                            () -> connected.run(told -> streamRecords = told.records()));
        }
    }

    /** Flow records sent and requests answered so far, about. */
    long records() {
        return flowRecords + streamRecords + requests.answers();
    }

    /** Whether a source has ended, which none does of itself but by a failure. */
    boolean hasFailed() {
        return isOver(sendingFlows) || isOver(sendingStreams) || isOver(sendingRequests);
    }

    private static boolean isOver(@Nullable Sending<?> sending) {
        return sending != null && sending.isOver();
    }

    /** Ends all traffic: connections when everything was taken, requests when all are answered. */
    Truths end() {
        flows.stop();
        requests.finish();
        if (streams != null) {
            streams.stop();
        }
        var truths =
                new Truths(
                        result(sendingFlows),
                        Optional.ofNullable(sendingStreams).map(TortureLoad::result),
                        result(sendingRequests));
        close();
        return truths;
    }

    private static <T> T result(@Nullable Sending<T> sending) {
        if (sending == null) {
            throw new IllegalStateException("traffic is begun before it ends");
        }
        sending.await();
        return sending.result();
    }

    /** Lets go of everything; a source that waits for a node that is gone must be freed first. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        flows.stop();
        requests.stop();
        if (streams != null) {
            streams.stop();
            Optional.ofNullable(sendingStreams).ifPresent(Sending::await);
            streams.close();
        }
        Optional.ofNullable(sendingFlows).ifPresent(Sending::await);
        Optional.ofNullable(sendingRequests).ifPresent(Sending::await);
        flows.close();
        requests.close();
    }
}
