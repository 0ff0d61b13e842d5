package io.narwhal.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Big-endian bytes in memory that grow as they are written: snapshots, journal payloads. Writers
 * put things in canonical order, so that equal states give equal bytes.
 */
public final class StateWriter {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes;
    private int size;

    /** An empty writer with room for this many bytes before it first grows. */
    public StateWriter(int capacityBytes) {
        bytes = new byte[Math.max(64, capacityBytes)];
    }

    /** Writes the low 8 bits. */
    public StateWriter putByte(int value) {
        room(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /** Writes 1 or 0. */
    public StateWriter putBoolean(boolean value) {
        return putByte(value ? 1 : 0);
    }

    /** Writes the low 16 bits. */
    public StateWriter putShort(int value) {
        return putByte(value >>> 8).putByte(value);
    }

    /** Writes 4 bytes. */
    public StateWriter putInt(int value) {
        room(4);
        INT.set(bytes, size, value);
        size += 4;
        return this;
    }

    /** Writes 8 bytes. */
    public StateWriter putLong(long value) {
        room(8);
        LONG.set(bytes, size, value);
        size += 8;
        return this;
    }

    /** Writes {@code count} longs without their count. */
    public StateWriter putLongs(long[] values, int from, int count) {
        room(Math.multiplyExact(8, count));
        ByteBuffer.wrap(bytes, size, 8 * count).asLongBuffer().put(values, from, count);
        size += 8 * count;
        return this;
    }

    /** Writes raw bytes without their length. */
    public StateWriter putRaw(byte[] values, int from, int count) {
        room(count);
        System.arraycopy(values, from, bytes, size, count);
        size += count;
        return this;
    }

    /** Writes a 4-byte length and the bytes. */
    public StateWriter putBytes(byte[] values) {
        return putInt(values.length).putRaw(values, 0, values.length);
    }

    /** Writes a 4-byte length and the text in UTF-8. */
    public StateWriter putString(String text) {
        return putBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Overwrites 4 bytes that were written before. */
    public void setInt(int at, int value) {
        Check.that(at >= 0 && at + 4 <= size, "setInt within what was written");
        INT.set(bytes, at, value);
    }

    /** Bytes written so far. */
    public int size() {
        return size;
    }

    /** The array behind this writer: valid up to {@link #size()} and until the next put. */
    public byte[] array() {
        return bytes;
    }

    /** A copy of what was written. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    /** Forgets what was written and keeps the room. */
    public void clear() {
        size = 0;
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            long wanted = Math.max((long) size + more, bytes.length * 2L);
            Check.that((long) size + more <= Integer.MAX_VALUE - 64, "a snapshot fits 2 GiB");
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 64));
        }
    }
}
