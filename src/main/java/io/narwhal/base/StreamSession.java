package io.narwhal.base;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One session of a {@link SessionArea}: who the peer is, and the bytes that were taken from the
 * connection and are not in the journal yet. All of it is in memory that outlives the process, and
 * the kernel itself writes there ({@code recvmmsg}): so a process that is killed between two steps
 * leaves a session that its successor goes on with, in the middle of a message. One thread at a
 * time; only the keeper's descriptor is another process's to write.
 */
public final class StreamSession {
    /** Octets that a session can hold: a whole message beside the beginning of the next. */
    public static final int BUFFER_BYTES = 128 * 1024;

    /** How far a session is. */
    public enum State {
        /** The place is free. */
        FREE,
        /** Accepted; its beginning is not in the journal yet. */
        ACCEPTED,
        /** Messages come. */
        OPEN,
        /** Nothing more is taken; its end is not in the journal yet. */
        ENDING
    }

    static final int HEADER_BYTES = 256;
    private static final int AT_STATE = 0;
    private static final int AT_DESCRIPTOR = 4;
    private static final int AT_COOKIE = 8;
    private static final int AT_KEEPER_DESCRIPTOR = 16;
    private static final int AT_PEER_PORT = 20;
    private static final int AT_PEER_HIGH = 24;
    private static final int AT_PEER_LOW = 32;
    private static final int AT_WINDOW = 40;
    private static final int AT_READ_AT = 48;
    private static final int AT_APPEND_AT = 56;
    private static final int AT_BATCH = 64;
    private static final int AT_MESSAGE = 128; // struct mmsghdr
    private static final int MESSAGE_BYTES = 64;
    private static final int AT_VECTOR = AT_MESSAGE + MESSAGE_BYTES;
    private static final int AT_ARRIVED = AT_MESSAGE + 56; // mmsghdr.msg_len

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle SHARED_INT = INT.varHandle();
    private static final State[] STATES = State.values();

    private final int number;
    private final MemorySegment header;
    private final MemorySegment data;
    private final ByteBuffer bytes;

    StreamSession(int number, MemorySegment header, MemorySegment data) {
        this.number = number;
        this.header = header;
        this.data = data;
        this.bytes = data.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
    }

    /** Its place in the area. */
    public int number() {
        return number;
    }

    /** How far it is. */
    public State state() {
        return state(header);
    }

    static State state(MemorySegment header) {
        return STATES[Math.clamp((int) SHARED_INT.getVolatile(header, (long) AT_STATE), 0, 3)];
    }

    /** Says how far it is. */
    public void setState(State state) {
        SHARED_INT.setVolatile(header, (long) AT_STATE, state.ordinal());
    }

    /** Takes the place for a connection that was just accepted. */
    public void begin(StreamSocket socket) {
        Check.that(state() == State.FREE, "session %d is free", number);
        header.set(LONG, AT_PEER_HIGH, socket.peerHigh());
        header.set(LONG, AT_PEER_LOW, socket.peerLow());
        header.set(INT, AT_PEER_PORT, socket.peerPort());
        header.set(LONG, AT_WINDOW, 0);
        header.set(INT, AT_ARRIVED, 0);
        header.set(LONG, AT_APPEND_AT, -1);
        header.set(LONG, AT_BATCH, 0);
        header.set(INT, AT_KEEPER_DESCRIPTOR, -1);
        heldAs(socket);
        setState(State.ACCEPTED);
    }

    /** Says by which descriptor this process holds the connection. */
    public void heldAs(StreamSocket socket) {
        header.set(LONG, AT_COOKIE, socket.cookie());
        SHARED_INT.setVolatile(header, (long) AT_DESCRIPTOR, socket.descriptor());
    }

    /** Identity of the connection. */
    public long cookie() {
        return header.get(LONG, AT_COOKIE);
    }

    static long cookie(MemorySegment header) {
        return header.get(LONG, AT_COOKIE);
    }

    static int descriptor(MemorySegment header) {
        return (int) SHARED_INT.getVolatile(header, (long) AT_DESCRIPTOR);
    }

    static void setKeeperDescriptor(MemorySegment header, int descriptor) {
        SHARED_INT.setVolatile(header, (long) AT_KEEPER_DESCRIPTOR, descriptor);
    }

    /** By which descriptor the keeper of the area holds the connection; −1: it does not. */
    public int keeperDescriptor() {
        return (int) SHARED_INT.getVolatile(header, (long) AT_KEEPER_DESCRIPTOR);
    }

    /** High half of the peer's address. */
    public long peerHigh() {
        return header.get(LONG, AT_PEER_HIGH);
    }

    /** Low half of the peer's address. */
    public long peerLow() {
        return header.get(LONG, AT_PEER_LOW);
    }

    /** The peer's port. */
    public int peerPort() {
        return header.get(INT, AT_PEER_PORT);
    }

    /** The bytes, big-endian; those from {@link #from} to {@link #to} are taken. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Where the first byte stands that is not in the journal. */
    public int from() {
        return (int) (header.get(LONG, AT_WINDOW) >>> 32);
    }

    /** Behind the last byte that was taken. */
    public int to() {
        return (int) header.get(LONG, AT_WINDOW);
    }

    // One store, so that nobody ever finds half of it.
    private void setWindow(int from, int to) {
        VarHandle.storeStoreFence();
        header.set(LONG, AT_WINDOW, (long) from << 32 | to);
        VarHandle.storeStoreFence();
    }

    /** How many bytes can be taken now. */
    public int room() {
        return BUFFER_BYTES - to();
    }

    /** Number of the batch that goes into the journal next. */
    public long batch() {
        return header.get(LONG, AT_BATCH);
    }

    /** Where in the journal the batch is, or is about to be, appended; −1 when it is not yet. */
    public long appendAt() {
        return header.get(LONG, AT_APPEND_AT);
    }

    /** Says where the batch is about to be appended, so that a successor can tell if it was. */
    public void setAppendAt(long position) {
        header.set(LONG, AT_APPEND_AT, position);
        VarHandle.storeStoreFence();
    }

    /**
     * Says that all up to there is in the journal, and makes room. The order matters to whoever
     * finds the session after a kill between two of these steps.
     */
    public void appended(int upTo) {
        int to = to();
        Check.that(upTo >= from() && upTo <= to, "bytes that were taken");
        setWindow(upTo, to);
        header.set(LONG, AT_BATCH, batch() + 1);
        VarHandle.storeStoreFence();
        setAppendAt(-1);
        int left = to - upTo;
        // A copy over itself that is interrupted would be neither the old bytes nor the new.
        if (left <= upTo) {
            MemorySegment.copy(data, upTo, data, 0, left);
            setWindow(0, left);
        }
    }

    /**
     * A message header (struct mmsghdr) that makes the kernel put what it has behind the last byte.
     * Whatever {@link #arrived} it then says is taken, also by a successor.
     */
    MemorySegment message() {
        Check.that(room() > 0, "there is room in the buffer");
        header.set(INT, AT_ARRIVED, 0);
        VarHandle.storeStoreFence();
        header.set(INT, AT_READ_AT, to());
        header.set(LONG, AT_VECTOR, data.address() + to());
        header.set(LONG, AT_VECTOR + 8, room());
        header.asSlice(AT_MESSAGE, 56).fill((byte) 0);
        header.set(LONG, AT_MESSAGE + 16, header.address() + AT_VECTOR);
        header.set(LONG, AT_MESSAGE + 24, 1);
        VarHandle.storeStoreFence();
        return header.asSlice(AT_MESSAGE, MESSAGE_BYTES);
    }

    /** Takes what the kernel put there; how many bytes. */
    int arrived() {
        int bytes = header.get(INT, AT_ARRIVED);
        if (bytes > 0) {
            setWindow(from(), header.get(INT, AT_READ_AT) + bytes);
            header.set(INT, AT_ARRIVED, 0);
        }
        return bytes;
    }

    /** Takes what a predecessor had been given and could not take any more. */
    public void recover() {
        arrived();
    }

    /** Room for bytes that do not come from the kernel; {@link #put} takes them. */
    ByteBuffer free() {
        return bytes.duplicate().position(to());
    }

    /** Takes so many bytes that were put into {@link #free}. */
    void put(int count) {
        setWindow(from(), to() + count);
    }

    /** Takes these bytes, as many as there is room for; for tests and portable sockets. */
    public int put(ByteBuffer source) {
        int count = Math.min(source.remaining(), room());
        bytes.put(to(), source, source.position(), count);
        source.position(source.position() + count);
        put(count);
        return count;
    }
}
