package io.narwhal.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link StateWriter} wrote. Bytes come here only after their checksum was found right,
 * so a read past the end is a {@link Malformed} format, and says at which byte.
 */
public final class StateReader {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int at;

    /** Reads the whole array. */
    public StateReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /** Reads {@code length} bytes from {@code from}. */
    public StateReader(byte[] bytes, int from, int length) {
        Check.that(
                from >= 0 && length >= 0 && from + length <= bytes.length, "a range of the array");
        this.bytes = bytes;
        this.at = from;
        this.end = from + length;
    }

    /**
     * Bytes of another format or version than the reader expects, although their checksum is right.
     */
    public static final class Malformed extends RuntimeException {
        /** The message says what was expected and where. */
        public Malformed(String message) {
            super(message);
        }
    }

    /** Reads 8 bits, 0 to 255. */
    public int getByte() {
        need(1);
        return bytes[at++] & 0xff;
    }

    /** Reads what {@link StateWriter#putBoolean} wrote. */
    public boolean getBoolean() {
        int value = getByte();
        if (value > 1) {
            throw new Malformed("byte " + (at - 1) + ": a boolean is 0 or 1, not " + value);
        }
        return value == 1;
    }

    /** Reads 16 bits, 0 to 65535. */
    public int getShort() {
        return getByte() << 8 | getByte();
    }

    /** Reads 4 bytes. */
    public int getInt() {
        need(4);
        int value = (int) INT.get(bytes, at);
        at += 4;
        return value;
    }

    /** Reads 8 bytes. */
    public long getLong() {
        need(8);
        long value = (long) LONG.get(bytes, at);
        at += 8;
        return value;
    }

    /** Reads {@code count} longs into the array. */
    public void getLongs(long[] into, int from, int count) {
        need(8L * count);
        ByteBuffer.wrap(bytes, at, 8 * count).asLongBuffer().get(into, from, count);
        at += 8 * count;
    }

    /** Reads raw bytes. */
    public byte[] getRaw(int count) {
        need(count);
        byte[] raw = new byte[count];
        System.arraycopy(bytes, at, raw, 0, count);
        at += count;
        return raw;
    }

    /** Reads what {@link StateWriter#putBytes} wrote. */
    public byte[] getBytes() {
        return getRaw(getCount(1));
    }

    /** Reads what {@link StateWriter#putString} wrote. */
    public String getString() {
        return new String(getBytes(), StandardCharsets.UTF_8);
    }

    /**
     * Reads a 4-byte count of things that take at least {@code bytesEach}; a count that the rest
     * cannot hold is malformed, so no length that lies makes us allocate.
     */
    public int getCount(int bytesEach) {
        int count = getInt();
        if (count < 0 || (long) count * bytesEach > end - at) {
            throw new Malformed(
                    "byte " + (at - 4) + ": a count of " + count + " does not fit the rest");
        }
        return count;
    }

    /** Bytes not yet read. */
    public int remaining() {
        return end - at;
    }

    /** Says that the format has nothing more to read. */
    public void expectEnd() {
        if (at != end) {
            throw new Malformed("byte " + at + ": " + (end - at) + " bytes behind the end");
        }
    }

    private void need(long count) {
        if (count < 0 || count > end - at) {
            throw new Malformed(
                    "byte " + at + ": " + count + " bytes wanted, " + (end - at) + " left");
        }
    }
}
