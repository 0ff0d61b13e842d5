package io.narwhal.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Big-endian numbers in a datagram; columns of them, one number every {@code stride} bytes. */
final class Wire {
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Wire() {}

    static int u16(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at) & 0xffff;
    }

    static int i32(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static long u32(byte[] bytes, int at) {
        return (int) INT.get(bytes, at) & 0xffff_ffffL;
    }

    static long i64(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    /**
     * An unsigned number of 1 to 8 bytes (reduced-size encoding, RFC 7011 §6.2); 0 where a field of
     * variable length has none, or more than that.
     */
    static long number(byte[] bytes, int at, int width) {
        return switch (width) {
            case 1 -> bytes[at] & 0xff;
            case 2 -> u16(bytes, at);
            case 4 -> u32(bytes, at);
            case 8 -> i64(bytes, at);
            default -> odd(bytes, at, width);
        };
    }

    private static long odd(byte[] bytes, int at, int width) {
        long value = 0;
        for (int i = 0; i < width && width <= 8; i++) {
            value = value << 8 | bytes[at + i] & 0xff;
        }
        return value;
    }

    /** Reads a number of each record into {@code column[from..to)}. */
    static void numbers(
            byte[] bytes, int at, int width, int stride, long[] column, int from, int to) {
        switch (width) {
            case 1 -> bytes1(bytes, at, stride, column, from, to);
            case 2 -> bytes2(bytes, at, stride, column, from, to);
            case 4 -> bytes4(bytes, at, stride, column, from, to);
            case 8 -> bytes8(bytes, at, stride, column, from, to);
            default -> {
                for (int i = from, p = at; i < to; i++, p += stride) {
                    column[i] = odd(bytes, p, width);
                }
            }
        }
    }

    private static void bytes1(byte[] bytes, int at, int stride, long[] column, int from, int to) {
        for (int i = from, p = at; i < to; i++, p += stride) {
            column[i] = bytes[p] & 0xff;
        }
    }

    private static void bytes2(byte[] bytes, int at, int stride, long[] column, int from, int to) {
        for (int i = from, p = at; i < to; i++, p += stride) {
            column[i] = u16(bytes, p);
        }
    }

    private static void bytes4(byte[] bytes, int at, int stride, long[] column, int from, int to) {
        for (int i = from, p = at; i < to; i++, p += stride) {
            column[i] = u32(bytes, p);
        }
    }

    private static void bytes8(byte[] bytes, int at, int stride, long[] column, int from, int to) {
        for (int i = from, p = at; i < to; i++, p += stride) {
            column[i] = i64(bytes, p);
        }
    }

    /** Whether {@code bytes[from..to)} are all zero: padding. */
    static boolean zeros(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
