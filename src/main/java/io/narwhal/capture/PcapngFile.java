package io.narwhal.capture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A capture file of the newer kind (pcapng): sections of either byte order, several interfaces,
 * enhanced, simple and obsolete packet blocks. Other blocks are passed over.
 */
final class PcapngFile implements PacketFile {
    static final int SECTION = 0x0a0d0d0a;
    private static final int INTERFACE = 1;
    private static final int OBSOLETE_PACKET = 2;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;
    private static final int BYTE_ORDER = 0x1a2b3c4d;
    private static final int BLOCK_HEADER_BYTES = 8;
    private static final int BLOCK_BYTES_MIN = 12;
    private static final int INTERFACES_MAX = 65_536;
    private static final int OPTION_RESOLUTION = 9;
    private static final int OPTION_OFFSET = 14;

    private final FileInput in;
    private final List<Interface> interfaces = new ArrayList<>();
    private ByteOrder order = ByteOrder.BIG_ENDIAN;
    private String broken = "";

    /** Where packets were captured, and in which unit its times are. */
    private record Interface(int linkType, int snapBytes, int resolution, long offsetSeconds) {
        long micros(long time) {
            int exponent = resolution & 127;
            return offsetSeconds * 1_000_000
                    + (resolution < 128 ? ofTens(time, exponent) : ofTwos(time, exponent));
        }

        private static long ofTens(long time, int exponent) {
            long micros = time;
            for (int digits = 6; digits < exponent; digits++) {
                micros = Long.divideUnsigned(micros, 10);
            }
            for (int digits = exponent; digits < 6; digits++) {
                micros *= 10;
            }
            return micros;
        }

        private static long ofTwos(long time, int exponent) {
            if (exponent >= Long.SIZE) {
                return 0;
            }
            long fraction = exponent == 0 ? 0 : time & (-1L >>> Long.SIZE - exponent);
            int bits = exponent;
            if (bits > 40) { // so that the product below fits
                fraction >>>= bits - 40;
                bits = 40;
            }
            return (time >>> exponent) * 1_000_000 + (fraction * 1_000_000 >>> bits);
        }
    }

    PcapngFile(FileInput in) {
        this.in = in;
    }

    @Override
    public Step next(Packet into) {
        while (true) {
            if (!in.has(BLOCK_HEADER_BYTES)) {
                return in.remaining() == 0 && in.failure().isEmpty()
                        ? Step.END
                        : broken("the file ends within the header of a block");
            }
            int type = header().getInt(0);
            if (type == SECTION && !beginSection()) {
                return Step.BROKEN;
            }
            long total = header().getInt(4) & 0xffff_ffffL;
            if (total < BLOCK_BYTES_MIN || total % 4 != 0) {
                return broken("a block claims to have " + total + " bytes");
            }
            Step step = block(header().getInt(0), total, into);
            if (step == Step.BROKEN || step == Step.PACKET) {
                return step;
            }
        }
    }

    private ByteBuffer header() {
        return ByteBuffer.wrap(in.bytes(), in.offset(), in.remaining()).slice().order(order);
    }

    private boolean beginSection() {
        if (!in.has(BLOCK_BYTES_MIN)) {
            broken = "the file ends within the header of a section";
            return false;
        }
        int mark = header().order(ByteOrder.BIG_ENDIAN).getInt(8);
        if (mark != BYTE_ORDER && Integer.reverseBytes(mark) != BYTE_ORDER) {
            broken = "a section has no byte-order mark";
            return false;
        }
        order = mark == BYTE_ORDER ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        interfaces.clear();
        return true;
    }

    /** END: the block is passed, and had no packet. */
    private Step block(int type, long total, Packet into) {
        boolean known =
                type == INTERFACE
                        || type == OBSOLETE_PACKET
                        || type == SIMPLE_PACKET
                        || type == ENHANCED_PACKET;
        if (!known) {
            return in.skip(total) ? Step.END : broken("the file ends within a block");
        }
        if (total > PACKET_BYTES_MAX) {
            return broken("a block claims to have " + total + " bytes");
        }
        if (!in.has((int) total)) {
            return broken("the file ends within a block of " + total + " bytes");
        }
        ByteBuffer block = header().limit((int) total - 4);
        Step step =
                switch (type) {
                    case INTERFACE -> beginInterface(block);
                    case SIMPLE_PACKET -> simplePacket(block, into);
                    case OBSOLETE_PACKET -> packet(block, block.getShort(8) & 0xffff, into);
                    default -> packet(block, enhancedInterface(block), into);
                };
        if (step != Step.BROKEN) {
            in.consume((int) total);
        }
        return step;
    }

    private static int enhancedInterface(ByteBuffer block) {
        return block.limit() < 12 ? -1 : block.getInt(8);
    }

    private Step beginInterface(ByteBuffer block) {
        if (block.limit() < 16 || interfaces.size() >= INTERFACES_MAX) {
            return broken("an interface block is too short, or one too many");
        }
        int resolution = 6;
        long offsetSeconds = 0;
        int at = 16;
        while (at + 4 <= block.limit()) {
            int code = block.getShort(at) & 0xffff;
            int length = block.getShort(at + 2) & 0xffff;
            if (code == 0 || at + 4 + length > block.limit()) {
                break;
            }
            if (code == OPTION_RESOLUTION && length == 1) {
                resolution = block.get(at + 4) & 255;
            } else if (code == OPTION_OFFSET && length == 8) {
                offsetSeconds = block.getLong(at + 4);
            }
            at += 4 + (length + 3 & ~3);
        }
        interfaces.add(
                new Interface(
                        block.getShort(8) & 0xffff, block.getInt(12), resolution, offsetSeconds));
        return Step.END;
    }

    // Enhanced and obsolete packet blocks differ in how they name the interface, which is known.
    private Step packet(ByteBuffer block, int number, Packet into) {
        if (block.limit() < 28) {
            return broken("a packet block is too short");
        }
        if (number < 0 || number >= interfaces.size()) {
            return broken("a packet names an interface that the section does not have");
        }
        long time = (long) block.getInt(12) << 32 | block.getInt(16) & 0xffff_ffffL;
        int captured = block.getInt(20);
        if (captured < 0 || captured > block.limit() - 28) {
            return broken("a packet is longer than its block");
        }
        Interface on = interfaces.get(number);
        into.set(in.bytes(), in.offset() + 28, captured, on.linkType(), on.micros(time));
        return Step.PACKET;
    }

    private Step simplePacket(ByteBuffer block, Packet into) {
        if (block.limit() < 12 || interfaces.isEmpty()) {
            return broken("a simple packet block is too short, or before any interface");
        }
        Interface on = interfaces.getFirst();
        long captured = Math.min(block.getInt(8) & 0xffff_ffffL, block.limit() - 12);
        if (on.snapBytes() != 0) {
            captured = Math.min(captured, on.snapBytes() & 0xffff_ffffL);
        }
        into.set(in.bytes(), in.offset() + 12, (int) captured, on.linkType(), Packet.NO_TIME);
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
