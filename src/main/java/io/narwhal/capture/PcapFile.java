package io.narwhal.capture;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The classic capture file of libpcap, of either byte order, in micro- or nanoseconds. */
final class PcapFile implements PacketFile {
    static final int MICROS = 0xa1b2c3d4;
    static final int NANOS = 0xa1b23c4d;
    private static final int HEADER_BYTES = 24;
    private static final int PACKET_HEADER_BYTES = 16;
    // The upper bits tell of a frame check sequence behind each packet, which we never look at.
    private static final int LINK_TYPE_BITS = 0xffff;
    private static final VarHandle BIG =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LITTLE =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final FileInput in;
    private final VarHandle ints;
    private final boolean nanos;
    private boolean begun;
    private int linkType;
    private String broken = "";

    PcapFile(FileInput in, int magic) {
        this.in = in;
        boolean big = magic == MICROS || magic == NANOS;
        this.ints = big ? BIG : LITTLE;
        this.nanos = magic == NANOS || Integer.reverseBytes(magic) == NANOS;
    }

    /** Whether a file that begins with these four bytes is one. */
    static boolean isMagic(int magic) {
        int turned = Integer.reverseBytes(magic);
        return magic == MICROS || magic == NANOS || turned == MICROS || turned == NANOS;
    }

    @Override
    public Step next(Packet into) {
        if (!begun) {
            if (!in.has(HEADER_BYTES)) {
                return broken("the file ends within its header");
            }
            linkType = (int) ints.get(in.bytes(), in.offset() + 20) & LINK_TYPE_BITS;
            in.consume(HEADER_BYTES);
            begun = true;
        }
        if (!in.has(PACKET_HEADER_BYTES)) {
            return in.remaining() == 0 && in.failure().isEmpty()
                    ? Step.END
                    : broken("the file ends within the header of a packet");
        }
        int at = in.offset();
        long seconds = (int) ints.get(in.bytes(), at) & 0xffff_ffffL;
        long fraction = (int) ints.get(in.bytes(), at + 4) & 0xffff_ffffL;
        int captured = (int) ints.get(in.bytes(), at + 8);
        if (captured < 0 || captured > PACKET_BYTES_MAX) {
            return broken("a packet claims to have " + (captured & 0xffff_ffffL) + " bytes");
        }
        if (!in.has(PACKET_HEADER_BYTES + captured)) {
            return broken("the file ends within a packet of " + captured + " bytes");
        }
        long micros = seconds * 1_000_000 + (nanos ? fraction / 1_000 : fraction);
        into.set(in.bytes(), in.offset() + PACKET_HEADER_BYTES, captured, linkType, micros);
        in.consume(PACKET_HEADER_BYTES + captured);
        return Step.PACKET;
    }

    private Step broken(String what) {
        broken = what;
        return Step.BROKEN;
    }

    @Override
    public String broken() {
        return broken;
    }
}
