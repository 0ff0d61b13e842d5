package io.narwhal.collect;

import io.narwhal.base.Answers;
import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.InFlight;
import io.narwhal.base.Net;
import io.narwhal.base.NetFailure;
import io.narwhal.base.StreamHandle;
import io.narwhal.base.StreamListener;
import io.narwhal.base.StreamSocket;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.Clients;
import io.narwhal.record.Addresses;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The connections of one address, whose packets take the place of datagrams (RFC 6613 §2.6, RFC
 * 6614): what whole packets they bring goes into the slots of the area, and each answer goes back
 * by the connection of its slot. One thread at a time.
 *
 * <p>Served in turn, so that none keeps the others waiting. What a connection brought and found no
 * slot stays in {@link #gulp}, and nothing more is read until it has one.
 */
final class RadsecConnections implements Answers {
    /** Octets of answers that wait for a client to read; with more, the connection is closed. */
    static final int QUEUE_BYTES_MAX = 64 * 1024;

    /** Time that a client has to show who it is. */
    static final long HANDSHAKE_NANOS_MAX = 30_000_000_000L;

    /** The same when all connections are taken, or strangers could keep clients away. */
    static final long HANDSHAKE_NANOS_WHEN_FULL = 2_000_000_000;

    private static final long LOOK_NANOS = 1_000_000_000;
    private static final int ACCEPT_MAX = 64;
    private static final int ACCEPT_PAUSE_STEPS = 50;
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final Net net;
    private final StreamListener listener;
    private final InFlight area;
    private final Clients clients;
    private final Clock clock;
    private final RadsecIntake.Settings settings;
    private final Consumer<String> log;
    private final LogLimit ends;

    // In the order in which they are served: who was served goes to the end.
    private final Map<StreamHandle, RadsecConnection> connections = new LinkedHashMap<>();
    private final @Nullable RadsecConnection[] askers = new RadsecConnection[InFlight.SLOTS];
    private int slots;

    // What `current` brought and is in no slot yet; ready to be read.
    private final ByteBuffer gulp =
            ByteBuffer.allocateDirect(StreamSocket.READ_BYTES_MIN + Attribute.PACKET_BYTES_MAX);
    private @Nullable RadsecConnection current;

    private final Set<RadsecConnection> answered = new LinkedHashSet<>();
    private final ByteBuffer sending = ByteBuffer.allocateDirect(16 * 1024);
    private int count;
    private int octets;

    private int acceptPause;
    private boolean full;
    private long lookedNanos;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong refusedByTls = new AtomicLong();
    private final AtomicLong slowReaders = new AtomicLong();

    RadsecConnections(
            Net net,
            StreamListener listener,
            InFlight area,
            Clients clients,
            Clock clock,
            RadsecIntake.Settings settings,
            Consumer<String> log) {
        this.net = net;
        this.listener = listener;
        this.area = area;
        this.clients = clients;
        this.clock = clock;
        this.settings = settings;
        this.log = log;
        this.ends = new LogLimit(log, clock);
        this.lookedNanos = clock.monotonicNanos();
    }

    /** Fills slots with what whole packets the connections bring; accepts those who are clients. */
    @Override
    public int receive(int timeoutMs) {
        slots = 0;
        takePackets();
        if (hasSlot()) {
            List<StreamHandle> ready = net.ready(handles(), slots == 0 ? timeoutMs : 0);
            for (int i = 0; i < ready.size() && hasSlot(); i++) {
                switch (ready.get(i)) {
                    case StreamListener _ -> accept();
                    case StreamSocket socket -> serve(socket);
                }
            }
            closeWhoShowsNothing();
        }
        return slots;
    }

    private boolean hasSlot() {
        return slots < InFlight.SLOTS;
    }

    private List<StreamHandle> handles() {
        List<StreamHandle> handles = new ArrayList<>(connections.size() + 1);
        acceptPause = Math.max(0, acceptPause - 1);
        if (connections.size() < settings.sessionsMax()) {
            if (acceptPause == 0) {
                handles.add(listener);
            }
        } else if (!full) {
            log.accept(
                    settings.sessionsMax()
                            + " connections, the limit (sessions): others wait until one ends");
        }
        full = connections.size() >= settings.sessionsMax();
        handles.addAll(connections.keySet());
        return handles;
    }

    private void accept() {
        for (int i = 0;
                i < ACCEPT_MAX && hasSlot() && connections.size() < settings.sessionsMax();
                i++) {
            StreamSocket accepted;
            try {
                accepted = listener.accept().orElse(null);
            } catch (NetFailure e) {
                // What waits stays ready: without a pause, this loop would do nothing else.
                acceptPause = ACCEPT_PAUSE_STEPS;
                log.accept(e.getMessage() + "; trying again");
                return;
            }
            if (accepted == null) {
                return;
            }
            if (clients.find(accepted.peerHigh(), accepted.peerLow()) == null) {
                fill(EMPTY, accepted, null);
                accepted.shutdown();
                accepted.close();
            } else {
                StreamSocket secure = settings.secure().apply(accepted);
                connections.put(secure, new RadsecConnection(secure, clock.monotonicNanos()));
                open.set(connections.size());
            }
        }
    }

    private void fill(ByteBuffer packet, StreamSocket from, @Nullable RadsecConnection asker) {
        area.put(slots, packet, from.peerHigh(), from.peerLow(), from.peerPort());
        askers[slots] = asker;
        slots++;
    }

    private void serve(StreamSocket socket) {
        RadsecConnection connection = connections.remove(socket);
        if (connection == null) {
            return; // closed since it was found ready
        }
        connections.put(socket, connection);
        Check.that(current == null, "all that was read before is in slots");
        gulp.clear();
        connection.takeRest(gulp);
        String end = null;
        try {
            connection.flush(sending);
            if (socket.read(gulp) == StreamSocket.ENDED) {
                end = "the client ended it";
            }
        } catch (NetFailure e) {
            end = String.valueOf(e.getMessage());
        }
        gulp.flip();
        current = connection;
        takePackets();
        if (end != null) {
            close(connection, end);
        }
    }

    /** Puts what is whole of what was read into slots. */
    private void takePackets() {
        while (current != null && hasSlot()) {
            int length = gulp.remaining() < 4 ? 0 : gulp.getShort(gulp.position() + 2) & 0xffff;
            if (gulp.remaining() >= 4 && !isLength(length)) {
                // Where the next packet begins nobody knows: this one is refused, and with it the
                // connection.
                takePacket(current, Math.min(gulp.remaining(), Attribute.PACKET_BYTES_MAX));
                current = null;
            } else if (gulp.remaining() < 4 || gulp.remaining() < length) {
                current.keepRest(gulp);
                current = null;
            } else {
                takePacket(current, length);
            }
        }
    }

    private static boolean isLength(int length) {
        return length >= Attribute.HEADER_BYTES && length <= Attribute.PACKET_BYTES_MAX;
    }

    private void takePacket(RadsecConnection connection, int length) {
        fill(gulp.slice(gulp.position(), length), connection.socket(), connection);
        gulp.position(gulp.position() + length);
    }

    private void closeWhoShowsNothing() {
        long now = clock.monotonicNanos();
        if (now - lookedNanos < LOOK_NANOS) {
            return;
        }
        lookedNanos = now;
        boolean isFull = connections.size() >= settings.sessionsMax();
        long nanosMax = isFull ? HANDSHAKE_NANOS_WHEN_FULL : HANDSHAKE_NANOS_MAX;
        for (RadsecConnection connection : List.copyOf(connections.values())) {
            if (!connection.socket().isEstablished()
                    && now - connection.acceptedNanos() > nanosMax) {
                close(connection, "TLS: no handshake within " + nanosMax / 1_000_000_000 + " s");
            }
        }
    }

    private void close(RadsecConnection connection, String why) {
        if (connection.isClosed()) {
            return;
        }
        if (why.startsWith("TLS: ")) {
            refusedByTls.incrementAndGet();
        }
        StreamSocket socket = connection.socket();
        connection.close();
        connections.remove(socket);
        open.set(connections.size());
        ends.tell(
                "connection of "
                        + Addresses.text(socket.peerHigh(), socket.peerLow())
                        + " port "
                        + socket.peerPort()
                        + " ended: "
                        + why);
    }

    @Override
    public boolean hasRoom() {
        return count + InFlight.SLOTS <= COUNT_MAX && octets <= BYTES_MAX;
    }

    @Override
    public void put(int slot, byte[] answer, int length) {
        Check.that(length <= ANSWER_BYTES_MAX, "an answer has at most %d", ANSWER_BYTES_MAX);
        count++;
        octets += length;
        RadsecConnection asker = askers[slot];
        if (asker != null && !asker.isClosed()) {
            asker.put(answer, length);
            answered.add(asker);
        }
    }

    @Override
    public void refuse(int slot) {
        RadsecConnection asker = askers[slot];
        if (asker != null) {
            current = current == asker ? null : current;
            close(asker, "it brought a packet that is not genuine");
        }
    }

    /** Lets what was put leave, each answer by its own connection. */
    @Override
    public int send() {
        int sent = 0;
        for (RadsecConnection asker : answered) {
            sent += asker.isClosed() ? 0 : send(asker);
        }
        answered.clear();
        count = 0;
        octets = 0;
        return sent;
    }

    private int send(RadsecConnection asker) {
        int released = asker.release();
        try {
            asker.flush(sending);
        } catch (NetFailure e) {
            close(asker, String.valueOf(e.getMessage()));
            return 0;
        }
        if (asker.queued() > QUEUE_BYTES_MAX) {
            slowReaders.incrementAndGet();
            close(asker, "it does not read its answers; closing it");
            return 0;
        }
        return released;
    }

    /** Connections now; from any thread. */
    int open() {
        return open.get();
    }

    /** Connections that TLS refused; from any thread. */
    long refusedByTls() {
        return refusedByTls.get();
    }

    /** Connections that were closed because the client did not read; from any thread. */
    long slowReaders() {
        return slowReaders.get();
    }

    /** Ends all connections; nobody is accepted any more. */
    void end(String why) {
        List.copyOf(connections.values()).forEach(connection -> close(connection, why));
        listener.close();
    }

    @Override
    public void close() {
        List.copyOf(connections.values())
                .forEach(connection -> close(connection, "the collector ends"));
    }
}
