package io.narwhal.session;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

/** Numbers of as many bytes as they need, seven bits each, the lowest first. */
final class Variable {
    private Variable() {}

    static void put(StateWriter out, long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            out.putByte((int) left & 0x7f | 0x80);
            left >>>= 7;
        }
        out.putByte((int) left);
    }

    static long get(StateReader in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int octet = in.getByte();
            value |= (octet & 0x7fL) << shift;
            if (octet < 0x80) {
                return value;
            }
        }
        throw new StateReader.Malformed("a number of more than ten bytes");
    }

    /** A number below a bound. */
    static int get(StateReader in, int bound) {
        long value = get(in);
        if (value < 0 || value >= bound) {
            throw new StateReader.Malformed("the number " + value + " is not below " + bound);
        }
        return (int) value;
    }
}
