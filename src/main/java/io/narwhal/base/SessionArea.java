package io.narwhal.base;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The sessions of one listening address, in a file that is mapped into memory, so that they outlive
 * the process. Its owner is the collector that reads them. Its keeper, the node manager, holds a
 * duplicate of each connection and of the listening socket, and writes here by which descriptors.
 * Layout: docs/formats/sessions.md.
 */
public final class SessionArea implements AutoCloseable {
    /** Sessions at the most. */
    public static final int SESSIONS_MAX = 4096;

    private static final long MAGIC = 0x4e41525753455353L; // NARWSESS
    private static final int FILE_HEADER_BYTES = 4096;
    private static final int AT_BOOT_HIGH = 8;
    private static final int AT_BOOT_LOW = 16;
    private static final int AT_OWNER = 24;
    private static final int AT_KEEPER = 40;
    private static final int AT_LISTENER_COOKIE = 56;
    private static final int AT_LISTENER = 64;
    private static final int AT_LISTENER_KEPT = 72;
    private static final long HEADERS_BYTES =
            FILE_HEADER_BYTES + (long) SESSIONS_MAX * StreamSession.HEADER_BYTES;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle SHARED = LONG.varHandle();

    private final Arena arena = Arena.ofShared();
    private final @Nullable FileChannel channel;
    private final @Nullable Path file;
    private final MemorySegment headers;
    private final List<@Nullable StreamSession> sessions = new ArrayList<>();

    private SessionArea(@Nullable FileChannel channel, @Nullable Path file) throws IOException {
        this.channel = channel;
        this.file = file;
        this.headers = map(0, HEADERS_BYTES);
    }

    static SessionArea map(Path file) {
        try {
            var channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE);
            return new SessionArea(channel, file);
        } catch (IOException e) {
            throw new DiskFull("cannot make room for sessions in", file, e);
        }
    }

    /**
     * The area of another process, for its keeper; empty while there is none, or not yet all of it.
     */
    static Optional<SessionArea> look(Path file) {
        try {
            var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (channel.size() < HEADERS_BYTES) {
                channel.close();
                return Optional.empty();
            }
            return Optional.of(new SessionArea(channel, file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new DiskFailure("cannot look at the sessions in", file, e);
        }
    }

    /** An area that nothing outlives, for tests. */
    public static SessionArea inMemory() {
        try {
            return new SessionArea(null, null);
        } catch (IOException e) {
            throw new IllegalStateException("memory is no file", e);
        }
    }

    private MemorySegment map(long from, long bytes) throws IOException {
        if (channel == null) {
            return arena.allocate(bytes, 4096);
        }
        fill(channel, from + bytes);
        return channel.map(FileChannel.MapMode.READ_WRITE, from, bytes, arena);
    }

    // Written, not only extended: a hole that the kernel cannot fill later would kill the process.
    private static void fill(FileChannel channel, long size) throws IOException {
        var zeros = ByteBuffer.allocate(1 << 16);
        while (channel.size() < size) {
            zeros.clear().limit((int) Math.min(1 << 16, size - channel.size()));
            channel.write(zeros, channel.size());
        }
    }

    /** Whether it was written in this boot; what another one left may be torn. */
    public boolean isOf(UUID boot) {
        return headers.get(LONG, 0) == MAGIC
                && headers.get(LONG, AT_BOOT_HIGH) == boot.getMostSignificantBits()
                && headers.get(LONG, AT_BOOT_LOW) == boot.getLeastSignificantBits();
    }

    /** Forgets everything. */
    public void format(UUID boot) {
        headers.fill((byte) 0);
        headers.set(LONG, AT_BOOT_HIGH, boot.getMostSignificantBits());
        headers.set(LONG, AT_BOOT_LOW, boot.getLeastSignificantBits());
        VarHandle.storeStoreFence();
        headers.set(LONG, 0, MAGIC);
    }

    /** Says whose it is now. */
    public void own(Processes.Identity self) {
        write(AT_OWNER, self);
    }

    /** Whose it is: whoever reads the sessions. */
    public Processes.Identity owner() {
        return read(AT_OWNER);
    }

    /** Says who keeps the connections from now on; it holds none yet. */
    public void keep(Processes.Identity self) {
        for (int number = 0; number < SESSIONS_MAX; number++) {
            StreamSession.setKeeperDescriptor(header(number), -1);
        }
        SHARED.setVolatile(headers, (long) AT_LISTENER_KEPT, -1L);
        write(AT_KEEPER, self);
    }

    /** Who keeps them. */
    public Processes.Identity keeper() {
        return read(AT_KEEPER);
    }

    private void write(int at, Processes.Identity identity) {
        SHARED.setVolatile(headers, (long) at, 0L);
        SHARED.setVolatile(headers, (long) at + 8, identity.began());
        SHARED.setVolatile(headers, (long) at, identity.pid());
    }

    private Processes.Identity read(int at) {
        return new Processes.Identity(
                (long) SHARED.getVolatile(headers, (long) at),
                (long) SHARED.getVolatile(headers, (long) at + 8));
    }

    /** Says which socket listens, by the owner's descriptor. */
    public void listensBy(StreamListener listener) {
        SHARED.setVolatile(headers, (long) AT_LISTENER_COOKIE, listener.cookie());
        SHARED.setVolatile(headers, (long) AT_LISTENER, (long) listener.descriptor());
    }

    /** Says that nothing listens any more: whoever keeps the socket lets go of it. */
    public void listensNoMore() {
        SHARED.setVolatile(headers, (long) AT_LISTENER_COOKIE, 0L);
    }

    /** A socket as it stands here: identity, and the number of a descriptor. */
    public record Handle(long cookie, int descriptor) {}

    /** The socket that listens, by the owner's descriptor; a cookie of 0: none. */
    public Handle listener() {
        return new Handle(listenerCookie(), (int) (long) SHARED.getVolatile(headers, AT_LISTENER));
    }

    /** The socket that listens, by the keeper's descriptor; −1: not kept. */
    public Handle listenerKept() {
        return new Handle(
                listenerCookie(), (int) (long) SHARED.getVolatile(headers, AT_LISTENER_KEPT));
    }

    private long listenerCookie() {
        return (long) SHARED.getVolatile(headers, (long) AT_LISTENER_COOKIE);
    }

    /** The keeper says by which descriptor it holds the listening socket. */
    public void keepListener(int descriptor) {
        SHARED.setVolatile(headers, (long) AT_LISTENER_KEPT, (long) descriptor);
    }

    /** The keeper's look at a session: its connection by the owner's descriptor; 0: none. */
    public Handle session(int number) {
        MemorySegment header = header(number);
        return StreamSession.state(header) == StreamSession.State.FREE
                ? new Handle(0, -1)
                : new Handle(StreamSession.cookie(header), StreamSession.descriptor(header));
    }

    /** The keeper says by which descriptor it holds the connection of a session. */
    public void keepSession(int number, int descriptor) {
        StreamSession.setKeeperDescriptor(header(number), descriptor);
    }

    private MemorySegment header(int number) {
        return headers.asSlice(
                FILE_HEADER_BYTES + (long) number * StreamSession.HEADER_BYTES,
                StreamSession.HEADER_BYTES);
    }

    /** How many places have ever been used, that is the number behind the last one in use. */
    public int used() {
        for (int number = SESSIONS_MAX; number > 0; number--) {
            if (StreamSession.state(header(number - 1)) != StreamSession.State.FREE) {
                return number;
            }
        }
        return 0;
    }

    /**
     * A session by its place, whose buffer is mapped when it is first asked for.
     *
     * @throws DiskFull when there is no room for the buffer
     */
    public StreamSession open(int number) {
        Check.that(number >= 0 && number < SESSIONS_MAX, "session %d is one", number);
        while (sessions.size() <= number) {
            sessions.add(null);
        }
        StreamSession session = sessions.get(number);
        if (session == null) {
            session = new StreamSession(number, header(number), buffer(number));
            sessions.set(number, session);
        }
        return session;
    }

    private MemorySegment buffer(int number) {
        long bytes = StreamSession.BUFFER_BYTES;
        try {
            return map(HEADERS_BYTES + number * bytes, bytes);
        } catch (IOException e) {
            throw new DiskFull(
                    "cannot make room for a session in", file == null ? Path.of("") : file, e);
        }
    }

    @Override
    public void close() {
        arena.close();
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new DiskFailure("cannot close", file == null ? Path.of("") : file, e);
            }
        }
    }
}
