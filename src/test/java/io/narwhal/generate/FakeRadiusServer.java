package io.narwhal.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.UdpClient;
import io.narwhal.radius.AccountingRequest;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.Client;
import io.narwhal.radius.Status;
import io.narwhal.radius.Verifier;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Both ends of the wire in one object, and time that passes only while the source waits: keeps
 * every request, and answers it after so long as the test says, or not at all.
 */
final class FakeRadiusServer implements UdpClient, Clock {
    static final byte[] SECRET = "testing123".getBytes(StandardCharsets.UTF_8);
    static final long NEVER = -1;

    /** What becomes of a request. */
    interface Fate {
        /** Milliseconds until the answer; {@link #NEVER}. */
        long answerAfterMs(Request request);
    }

    /**
     * A request as it came.
     *
     * @param copies how often the same report came before
     */
    record Request(
            int socket,
            int identifier,
            String authenticator,
            String session,
            String nas,
            String subscriber,
            Status status,
            long delay,
            long eventMs,
            long up,
            long upPackets,
            long down,
            long downPackets,
            long fingerprint,
            int addresses,
            long atMs,
            int copies) {}

    private record Answer(long atNanos, long order, int socket, byte[] bytes) {}

    final List<Request> requests = new ArrayList<>();
    final List<byte[]> packets = new ArrayList<>();
    int outstandingMax;

    /** Distort every answer? */
    boolean falsify;

    /** Take no datagram? */
    boolean deaf;

    private final Client client = new Client("all", 0, 0, 0, SECRET);
    private final Verifier verifier = new Verifier();
    private final AccountingRequest reader = new AccountingRequest();
    private final Fate fate;
    private final int sockets;
    private final Map<Long, Integer> copies = new HashMap<>();
    private final PriorityQueue<Answer> onTheirWay =
            new PriorityQueue<>(
                    java.util.Comparator.comparingLong(Answer::atNanos)
                            .thenComparingLong(Answer::order));
    private long nanos = 5_000_000_000L;

    FakeRadiusServer(int sockets, Fate fate) {
        this.sockets = sockets;
        this.fate = fate;
    }

    @Override
    public int sockets() {
        return sockets;
    }

    @Override
    public InetSocketAddress source(int socket) {
        return new InetSocketAddress("127.0.0.11", 1_000 + socket);
    }

    @Override
    public boolean send(int socket, byte[] bytes, int length) {
        byte[] packet = Arrays.copyOf(bytes, length);
        assertThat(verifier.verify(packet, 0, length, client))
                .isInstanceOf(Verifier.Verdict.Request.class);
        if (deaf) {
            return false;
        }
        Request request = read(socket, packet);
        requests.add(request);
        packets.add(packet);
        long after = fate.answerAfterMs(request);
        if (after != NEVER) {
            byte[] answer = new byte[Attribute.PACKET_BYTES_MAX];
            int octets = verifier.answer(packet, 0, length, client, answer, 0);
            if (falsify) {
                answer[7] ^= 1;
            }
            onTheirWay.add(
                    new Answer(
                            nanos + after * 1_000_000,
                            requests.size(),
                            socket,
                            Arrays.copyOf(answer, octets)));
            outstandingMax = Math.max(outstandingMax, onTheirWay.size());
        }
        return true;
    }

    /** An answer out of nowhere. */
    void answer(int socket, byte[] bytes) {
        onTheirWay.add(new Answer(nanos, 0, socket, bytes));
    }

    private Request read(int socket, byte[] packet) {
        assertThat(reader.read(packet, 0, packet.length)).isTrue();
        return new Request(
                socket,
                packet[1] & 0xff,
                HexFormat.of().formatHex(packet, 4, 20),
                reader.text(Attribute.ACCT_SESSION_ID),
                reader.nas(),
                reader.subscriber(),
                reader.status(),
                reader.integer(Attribute.ACCT_DELAY_TIME),
                reader.eventMs(0),
                octets(Attribute.ACCT_INPUT_OCTETS, Attribute.ACCT_INPUT_GIGAWORDS),
                reader.integer(Attribute.ACCT_INPUT_PACKETS),
                octets(Attribute.ACCT_OUTPUT_OCTETS, Attribute.ACCT_OUTPUT_GIGAWORDS),
                reader.integer(Attribute.ACCT_OUTPUT_PACKETS),
                reader.fingerprint(),
                reader.addresses(),
                nanos / 1_000_000,
                copies.merge(reader.fingerprint(), 1, Integer::sum) - 1);
    }

    /** −1 when there are none. */
    private long octets(int low, int high) {
        return reader.has(low) ? Math.max(0, reader.integer(high)) << 32 | reader.integer(low) : -1;
    }

    @Override
    public int receive(Receiver receiver, long waitNanos) {
        Answer first = onTheirWay.peek();
        long due = first == null ? Long.MAX_VALUE : Math.max(nanos, first.atNanos);
        nanos = Math.min(due, nanos + Math.max(0, waitNanos));
        int count = 0;
        while (onTheirWay.peek() != null && onTheirWay.peek().atNanos <= nanos) {
            Answer answer = onTheirWay.poll();
            receiver.answer(answer.socket, answer.bytes, answer.bytes.length);
            count++;
        }
        return count;
    }

    /** By session, its requests in the order in which they came first. */
    Map<String, List<Request>> bySession() {
        Map<String, List<Request>> sessions = new LinkedHashMap<>();
        for (Request request : requests) {
            if (request.copies == 0) {
                sessions.computeIfAbsent(request.session, _ -> new ArrayList<>()).add(request);
            }
        }
        return sessions;
    }

    @Override
    public void close() {}

    @Override
    public long wallMicros() {
        return nanos / 1_000;
    }

    @Override
    public long monotonicNanos() {
        return nanos;
    }

    @Override
    public void sleepMillis(long millis) {
        nanos += millis * 1_000_000;
    }
}
