package io.narwhal.base;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where received datagrams stand between the kernel and the journal: {@link #SLOTS} slots in one
 * file that is mapped into memory, so that what the kernel handed over outlives the process that it
 * was handed to. The kernel itself writes payload, source and length ({@code recvmmsg}); a slot
 * holds a datagram while its length is not 0. Layout: docs/formats/in-flight.md.
 */
public final class InFlight implements AutoCloseable {
    /** Datagrams in the area at the most: one batch. */
    public static final int SLOTS = 64;

    /** Octets of a datagram at the most; no UDP payload is longer. */
    public static final int DATAGRAM_BYTES_MAX = 65_536;

    static final int HEADER_BYTES = 4096;
    static final int MESSAGE_BYTES = 64; // struct mmsghdr
    static final int NAME_BYTES = 32; // struct sockaddr_in6 and room
    private static final int MESSAGES = HEADER_BYTES;
    private static final int VECTORS = MESSAGES + SLOTS * MESSAGE_BYTES;
    private static final int NAMES = VECTORS + SLOTS * 16;
    private static final int DATA = NAMES + SLOTS * NAME_BYTES;
    private static final int MESSAGE_LENGTH = 56; // mmsghdr.msg_len
    private static final int NAME_LENGTH = 8; // msghdr.msg_namelen
    private static final int CONTROL = 32; // msghdr.msg_control
    private static final int CONTROL_LENGTH = 40; // msghdr.msg_controllen
    private static final int NAME_LENGTH_MAX = 28;

    /** Size of the file. */
    public static final long SIZE_BYTES = DATA + (long) SLOTS * DATAGRAM_BYTES_MAX;

    private static final long MAGIC = 0x4e4152574946_4c54L; // NARWIFLT
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt BIG_INT = INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BIG_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Arena arena;
    private final MemorySegment memory;
    private final MemorySegment messages;
    // What is lent for control data of each slot; the memory is not the area's.
    private int controlBytes;

    private InFlight(Arena arena, MemorySegment memory) {
        this.arena = arena;
        this.memory = memory;
        this.messages = memory.asSlice(MESSAGES, (long) SLOTS * MESSAGE_BYTES);
        for (int slot = 0; slot < SLOTS; slot++) {
            pointAt(slot);
        }
    }

    /** An area over memory that outlives the process, mapped by {@link Net}. */
    static InFlight over(Arena arena, MemorySegment memory) {
        return new InFlight(arena, memory);
    }

    /** An area that nothing outlives, for tests and for sources that can be read again. */
    public static InFlight inMemory() {
        Arena arena = Arena.ofShared();
        return new InFlight(arena, arena.allocate(SIZE_BYTES, 4096));
    }

    // The addresses in the message headers are this process's own: written anew by each process.
    private void pointAt(int slot) {
        long message = MESSAGES + (long) slot * MESSAGE_BYTES;
        long vector = VECTORS + slot * 16L;
        memory.set(LONG, message, memory.address() + NAMES + (long) slot * NAME_BYTES);
        memory.set(LONG, message + 16, memory.address() + vector);
        memory.set(LONG, message + 24, 1);
        memory.set(LONG, message + CONTROL, 0);
        memory.set(LONG, vector, memory.address() + DATA + (long) slot * DATAGRAM_BYTES_MAX);
        memory.set(LONG, vector + 8, DATAGRAM_BYTES_MAX);
        prepare(slot);
    }

    /**
     * Whether what stands here was written since this boot: otherwise a power cut may have torn it.
     */
    public boolean isOf(long bootHigh, long bootLow) {
        return memory.get(LONG, 0) == MAGIC
                && memory.get(LONG, 8) == bootHigh
                && memory.get(LONG, 16) == bootLow;
    }

    /** Empties the area and marks it as written in this boot. */
    public void format(long bootHigh, long bootLow) {
        clear();
        memory.set(LONG, 8, bootHigh);
        memory.set(LONG, 16, bootLow);
        memory.set(LONG, 24, 0);
        memory.set(LONG, 32, -1);
        memory.set(LONG, 0, MAGIC);
    }

    /** Number of the batch that is, or will next be, in the area. */
    public long batch() {
        return memory.get(LONG, 24);
    }

    /** Where in the journal this batch is, or is about to be, appended; −1 when it is not yet. */
    public long appendAt() {
        return memory.get(LONG, 32);
    }

    /** Says where the batch is about to be appended, so that a successor can tell if it was. */
    public void setAppendAt(long position) {
        memory.set(LONG, 32, position);
    }

    // The kernel writes the lengths of the source's address and of control data over the room for
    // them.
    private void prepare(int slot) {
        long message = MESSAGES + (long) slot * MESSAGE_BYTES;
        memory.set(INT, message + NAME_LENGTH, NAME_LENGTH_MAX);
        memory.set(LONG, message + CONTROL_LENGTH, controlBytes);
    }

    /**
     * Has the kernel write control data of each datagram into memory of this process, which does
     * not outlive it.
     *
     * @param bytesEach octets for each slot; 0: no control data is wanted
     */
    void takeControl(MemorySegment control, int bytesEach) {
        Check.that(control.byteSize() >= (long) SLOTS * bytesEach, "control data for each slot");
        controlBytes = bytesEach;
        for (int slot = 0; slot < SLOTS; slot++) {
            long message = MESSAGES + (long) slot * MESSAGE_BYTES;
            memory.set(
                    LONG,
                    message + CONTROL,
                    bytesEach == 0 ? 0 : control.address() + (long) slot * bytesEach);
            memory.set(LONG, message + CONTROL_LENGTH, bytesEach);
        }
    }

    /** Octets of control data that came with the datagram of this slot. */
    long controlBytes(int slot) {
        return controlBytes == 0
                ? 0
                : memory.get(LONG, MESSAGES + (long) slot * MESSAGE_BYTES + CONTROL_LENGTH);
    }

    /** Copies the source of this slot, a struct sockaddr; its length. */
    int copyName(int slot, MemorySegment into, long at) {
        MemorySegment.copy(memory, name(slot), into, at, NAME_BYTES);
        return isIpv4(slot) ? 16 : NAME_LENGTH_MAX;
    }

    MemorySegment messages() {
        return messages;
    }

    /** Octets of the datagram in this slot; 0 when there is none. */
    public int length(int slot) {
        return memory.get(INT, MESSAGES + (long) slot * MESSAGE_BYTES + MESSAGE_LENGTH);
    }

    /** High half of the source address, an IPv4 address in its IPv6 form. */
    public long sourceHigh(int slot) {
        return isIpv4(slot) ? 0 : memory.get(BIG_LONG, name(slot) + 8);
    }

    /** Low half of the source address. */
    public long sourceLow(int slot) {
        return isIpv4(slot)
                ? 0xffff_0000_0000L | Integer.toUnsignedLong(memory.get(BIG_INT, name(slot) + 4))
                : memory.get(BIG_LONG, name(slot) + 16);
    }

    /** Source port. */
    public int sourcePort(int slot) {
        return Native.bigEndianShort(memory, name(slot) + 2);
    }

    private boolean isIpv4(int slot) {
        return memory.get(ValueLayout.JAVA_SHORT, name(slot)) == Native.AF_INET;
    }

    private static long name(int slot) {
        return NAMES + (long) slot * NAME_BYTES;
    }

    /** Copies the datagram of this slot to the buffer's position. */
    public void copyTo(int slot, ByteBuffer into) {
        int length = length(slot);
        MemorySegment.copy(
                memory,
                DATA + (long) slot * DATAGRAM_BYTES_MAX,
                MemorySegment.ofBuffer(into),
                0,
                length);
        into.position(into.position() + length);
    }

    /**
     * Copies the datagram of this slot to the beginning of the array.
     *
     * @return octets copied: all, or as many as there is room for
     */
    public int copyTo(int slot, byte[] into) {
        int length = Math.min(length(slot), into.length);
        long from = DATA + (long) slot * DATAGRAM_BYTES_MAX;
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, from, into, 0, length);
        return length;
    }

    /** Puts a datagram into a slot as the kernel does; the address in its IPv6 form. */
    public void put(
            int slot, ByteBuffer datagram, long sourceHigh, long sourceLow, int sourcePort) {
        int length = datagram.remaining();
        MemorySegment.copy(
                MemorySegment.ofBuffer(datagram),
                0,
                memory,
                DATA + (long) slot * DATAGRAM_BYTES_MAX,
                length);
        long name = name(slot);
        memory.set(ValueLayout.JAVA_SHORT, name, (short) Native.AF_INET6);
        memory.set(ValueLayout.JAVA_BYTE, name + 2, (byte) (sourcePort >>> 8));
        memory.set(ValueLayout.JAVA_BYTE, name + 3, (byte) sourcePort);
        memory.set(BIG_LONG, name + 8, sourceHigh);
        memory.set(BIG_LONG, name + 16, sourceLow);
        memory.set(INT, MESSAGES + (long) slot * MESSAGE_BYTES + MESSAGE_LENGTH, length);
    }

    /**
     * Says that the batch is in the journal: empties all slots and begins the next batch. The order
     * matters to whoever finds the area after a kill between two of these steps: while a slot is
     * full, the batch can still be told by its number and its place.
     */
    public void clear() {
        clear(SLOTS);
    }

    /** As {@link #clear()}, when only the first {@code count} slots can hold anything. */
    public void clear(int count) {
        for (int slot = 0; slot < count; slot++) {
            memory.set(INT, MESSAGES + (long) slot * MESSAGE_BYTES + MESSAGE_LENGTH, 0);
            prepare(slot);
        }
        VarHandle.storeStoreFence();
        memory.set(LONG, 32, -1);
        VarHandle.storeStoreFence();
        memory.set(LONG, 24, batch() + 1);
    }

    @Override
    public void close() {
        arena.close();
    }
}
