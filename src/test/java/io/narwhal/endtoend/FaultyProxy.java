package io.narwhal.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * A TCP proxy on loopback that does to connections what bad networks do. What happens to the n-th
 * connection, and after how many bytes, follows from the seed alone; when it happens does not, as
 * that is a matter of the processes that it stands between.
 *
 * <p>Each connection has one fault; {@link #calm} leaves those to come, and those that are, without
 * any.
 */
final class FaultyProxy implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 16;
    private static final int CONNECT_MS = 2_000;
    private static final int BACKLOG = 50;
    private static final int AFTER_BITS_MIN = 9; // within the handshake
    private static final int AFTER_BITS_MAX = 22;
    private static final int DELAY_MS_MAX = 30;
    private static final int SILENCE_MS_MAX = 2_500;
    private static final int SLOW_BYTES_PER_MS = 1_000;

    /** What happens to a connection. */
    enum Fault {
        /** Nothing. */
        NONE,
        /** Each piece comes late. */
        DELAY,
        /** It is reset. */
        RESET,
        /** It is closed, between two bytes. */
        CUT,
        /** One direction goes silent while the other goes on, and then it is reset. */
        HALF_OPEN,
        /** One bit is changed. */
        CORRUPT,
        /** It takes no more than a megabyte a second. */
        SLOW
    }

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final SplittableRandom dice;
    private final Fault[] faults;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);
    private final LongAdder fromBehind = new LongAdder();
    private volatile boolean calm;

    private FaultyProxy(InetSocketAddress target, long seed, Fault... faults) throws IOException {
        this.target = target;
        this.dice = new SplittableRandom(seed);
        this.faults = faults.clone();
        this.server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("faulty-proxy").start(this::accept);
    }

    /** Stands before this port of loopback, and chooses among these faults. */
    static FaultyProxy before(int port, long seed, Fault... faults) throws IOException {
        return new FaultyProxy(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), seed, faults);
    }

    int port() {
        return server.getLocalPort();
    }

    /** No faults from now on; connections that one has silenced are reset. */
    void calm() {
        calm = true;
        links.stream().filter(link -> link.silenced).forEach(Link::reset);
    }

    /** Resets every connection that there is. */
    void reset() {
        links.forEach(Link::reset);
    }

    /** What has happened so far, and how often. */
    synchronized Map<Fault, Integer> happened() {
        return new EnumMap<>(happened);
    }

    /** How many faults have struck; a connection without any is none. */
    synchronized int faults() {
        return happened.values().stream().mapToInt(Integer::intValue).sum()
                - happened.getOrDefault(Fault.NONE, 0);
    }

    /** Bytes that have come from behind it to those who called. */
    long carriedBytes() {
        return fromBehind.sum();
    }

    private synchronized void count(Fault fault) {
        happened.merge(fault, 1, Integer::sum);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                new Link(server.accept()).start();
            } catch (IOException e) {
                continue; // closed, or whoever called has gone again
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        reset();
    }

    /** One connection, and what is to happen to it: drawn when it comes, for both directions. */
    private final class Link {
        private final Socket near;
        private final Socket far = new Socket();
        private final Fault fault = faults[dice.nextInt(faults.length)];
        private final boolean inbound = dice.nextBoolean();
        // Early as often as late: each size of a connection has its faults.
        private final long after =
                dice.nextLong(1L << dice.nextInt(AFTER_BITS_MIN, AFTER_BITS_MAX + 1));
        private final long delayMs = 1 + dice.nextLong(DELAY_MS_MAX);
        private final long silenceMs = dice.nextLong(SILENCE_MS_MAX);
        private final int bit = dice.nextInt(8);
        private volatile boolean silenced;

        Link(Socket near) {
            this.near = near;
        }

        void start() throws IOException {
            links.add(this);
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            Thread.ofVirtual().start(this::connect);
        }

        private void connect() {
            try {
                far.connect(target, CONNECT_MS);
            } catch (IOException e) {
                reset(); // nobody is there
                return;
            }
            Thread.ofVirtual().start(() -> carry(near, far, inbound));
            Thread.ofVirtual().start(() -> carry(far, near, !inbound));
        }

        private void carry(Socket from, Socket to, boolean faulty) {
            byte[] chunk = new byte[CHUNK_BYTES];
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                long carried = 0;
                for (int length; (length = in.read(chunk)) >= 0; carried += length) {
                    boolean here = carried <= after && after < carried + length;
                    if (faulty && !calm && !passes(chunk, length, here ? after - carried : -1)) {
                        return;
                    }
                    if (!silenced || !faulty) {
                        out.write(chunk, 0, length);
                        fromBehind.add(from == far ? length : 0);
                    }
                }
            } catch (IOException e) {
                // Either side has gone: so does the other, by closing both.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                links.remove(this);
            }
        }

        // at: where in the chunk the fault strikes, -1: not in this one. False: it is over.
        private boolean passes(byte[] chunk, int length, long at)
                throws IOException, InterruptedException {
            if (at >= 0 || fault == Fault.DELAY || fault == Fault.SLOW) {
                if (at >= 0) {
                    count(fault);
                }
                return switch (fault) {
                    case NONE -> true;
                    case DELAY -> paused(delayMs);
                    case SLOW -> paused(length / SLOW_BYTES_PER_MS);
                    case RESET -> over();
                    case CUT -> cut(chunk, (int) at);
                    case HALF_OPEN -> silence();
                    case CORRUPT -> corrupted(chunk, (int) at);
                };
            }
            return true;
        }

        private boolean paused(long ms) throws InterruptedException {
            Thread.sleep(ms);
            return true;
        }

        private boolean over() {
            reset();
            return false;
        }

        // What comes before the cut still arrives.
        private boolean cut(byte[] chunk, int length) throws IOException {
            (inbound ? far : near).getOutputStream().write(chunk, 0, length);
            return false;
        }

        private boolean silence() {
            silenced = true;
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    Thread.sleep(silenceMs);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                                reset();
                            });
            return true;
        }

        private boolean corrupted(byte[] chunk, int at) {
            chunk[at] ^= (byte) (1 << bit);
            return true;
        }

        void reset() {
            links.remove(this);
            for (Socket socket : new Socket[] {near, far}) {
                try (socket) {
                    socket.setSoLinger(true, 0);
                } catch (IOException e) {
                    continue; // it was closed already
                }
            }
        }
    }
}
