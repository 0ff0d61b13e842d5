package io.narwhal.capture;

import io.narwhal.record.Addresses;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Set;

/** Finds the UDP datagram in a packet, over IPv4 or IPv6, whole or in fragments. */
final class Datagrams {
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int UDP_HEADER_BYTES = 8;
    private static final int IPV4_HEADER_BYTES = 20;
    private static final int IPV6_HEADER_BYTES = 40;
    private static final int IPV6_FRAGMENT = 44;
    private static final int AUTHENTICATION = 51;
    private static final int EXTENSIONS_MAX = 16;

    /** The end of the year 2999. */
    private static final long MICROS_MAX = 32_503_680_000_000_000L;

    private final Set<Integer> ports;
    private final Counts counts;
    private final Reassembly reassembly;
    private long micros;
    private long clockMicros;

    /**
     * Takes datagrams to these ports; with none, all that begin like a flow protocol.
     *
     * @param counts is told the fate of each packet that is no datagram for us
     */
    Datagrams(Set<Integer> ports, Counts counts) {
        this.ports = ports;
        this.counts = counts;
        this.reassembly = new Reassembly(counts);
    }

    /**
     * Looks at a packet.
     *
     * @return whether the message is a datagram now; it is not counted yet. If not, the packet is,
     *     unless it waits for other fragments.
     */
    boolean take(Packet packet, Message into) {
        int at = LinkLayer.ipAt(packet);
        if (at < 0) {
            return skipped(
                    switch (at) {
                        case LinkLayer.NOT_IP -> Fate.NOT_IP;
                        case LinkLayer.CUT -> Fate.CUT_BY_CAPTURE;
                        default -> Fate.UNKNOWN_LINK;
                    });
        }
        micros = plausible(packet.micros());
        clockMicros = micros == Packet.NO_TIME ? clockMicros : micros;
        if (at >= packet.end()) {
            return skipped(Fate.CUT_BY_CAPTURE);
        }
        return switch (packet.bytes()[at] >> 4 & 15) {
            case 4 -> ipv4(packet.bytes(), at, packet.end(), into);
            case 6 -> ipv6(packet.bytes(), at, packet.end(), into);
            default -> skipped(Fate.NOT_IP);
        };
    }

    // A damaged file must not put the clock that closes bins where nothing can follow.
    private static long plausible(long micros) {
        return micros >= 0 && micros <= MICROS_MAX ? micros : Packet.NO_TIME;
    }

    /** The file is over. */
    void end() {
        reassembly.end();
    }

    private boolean ipv4(byte[] bytes, int at, int captured, Message into) {
        if (captured - at < IPV4_HEADER_BYTES) {
            return skipped(Fate.CUT_BY_CAPTURE);
        }
        int headerBytes = (bytes[at] & 15) * 4;
        int total = number(bytes, at + 2);
        if (total == 0) {
            total = captured - at; // left to the network card to fill in
        }
        if (headerBytes < IPV4_HEADER_BYTES || total < headerBytes) {
            return skipped(Fate.MALFORMED);
        }
        int next = bytes[at + 9] & 255;
        if (next != UDP) {
            return skipped(next == TCP ? Fate.TCP : Fate.NOT_UDP);
        }
        if (captured - at < total) {
            return skipped(Fate.CUT_BY_CAPTURE);
        }
        into.setAddresses(
                0,
                Addresses.ofIpv4((int) INTS.get(bytes, at + 12)),
                0,
                Addresses.ofIpv4((int) INTS.get(bytes, at + 16)));
        int flags = number(bytes, at + 6);
        int from = at + headerBytes;
        int length = total - headerBytes;
        boolean more = (flags & 0x2000) != 0;
        int place = (flags & 0x1fff) * 8;
        if (!more && place == 0) {
            return udp(bytes, from, from + length, into);
        }
        byte[] whole =
                reassembly.add(
                        key(into, number(bytes, at + 4), UDP),
                        bytes,
                        from,
                        length,
                        place,
                        more,
                        clockMicros);
        return whole != null && udp(whole, 0, whole.length, into);
    }

    private boolean ipv6(byte[] bytes, int at, int captured, Message into) {
        if (captured - at < IPV6_HEADER_BYTES) {
            return skipped(Fate.CUT_BY_CAPTURE);
        }
        into.setAddresses(
                (long) LONGS.get(bytes, at + 8),
                (long) LONGS.get(bytes, at + 16),
                (long) LONGS.get(bytes, at + 24),
                (long) LONGS.get(bytes, at + 32));
        int length = number(bytes, at + 4);
        int from = at + IPV6_HEADER_BYTES;
        int end = length == 0 ? captured : from + length;
        return behindIpv6(bytes[at + 6] & 255, bytes, from, end, captured, true, into);
    }

    /**
     * Follows extension headers (RFC 8200 §4) from one on.
     *
     * @param end where the packet ends, by its own length
     * @param captured where what was captured ends
     */
    private boolean behindIpv6(
            int first,
            byte[] bytes,
            int from,
            int end,
            int captured,
            boolean mayBeFragment,
            Message into) {
        int next = first;
        int at = from;
        for (int headers = 0; headers < EXTENSIONS_MAX; headers++) {
            if (next == UDP) {
                return end > captured ? skipped(Fate.CUT_BY_CAPTURE) : udp(bytes, at, end, into);
            }
            boolean fragment = next == IPV6_FRAGMENT && mayBeFragment;
            if (!fragment && !isExtension(next)) {
                return skipped(next == TCP ? Fate.TCP : Fate.NOT_UDP);
            }
            if (at + 8 > Math.min(end, captured)) {
                return skipped(at + 8 > end ? Fate.MALFORMED : Fate.CUT_BY_CAPTURE);
            }
            if (fragment) {
                return fragment(bytes, at, end, captured, into);
            }
            int words = bytes[at + 1] & 255;
            int of = next;
            next = bytes[at] & 255;
            at += of == AUTHENTICATION ? (words + 2) * 4 : (words + 1) * 8;
        }
        return skipped(Fate.MALFORMED);
    }

    private static boolean isExtension(int header) {
        return switch (header) {
            case 0, 43, 60, AUTHENTICATION, 135, 139, 140 -> true;
            default -> false;
        };
    }

    private boolean fragment(byte[] bytes, int at, int end, int captured, Message into) {
        int next = bytes[at] & 255;
        if (next != UDP && !isExtension(next)) {
            return skipped(next == TCP ? Fate.TCP : Fate.NOT_UDP);
        }
        if (end > captured) {
            return skipped(Fate.CUT_BY_CAPTURE);
        }
        int place = number(bytes, at + 2) & 0xfff8;
        boolean more = (bytes[at + 3] & 1) != 0;
        int from = at + 8;
        if (!more && place == 0) { // an "atomic" fragment is all there is (RFC 6946)
            return behindIpv6(next, bytes, from, end, captured, false, into);
        }
        byte[] whole =
                reassembly.add(
                        key(into, (int) INTS.get(bytes, at + 4), next),
                        bytes,
                        from,
                        end - from,
                        place,
                        more,
                        clockMicros);
        return whole != null && behindIpv6(next, whole, 0, whole.length, whole.length, false, into);
    }

    private static Reassembly.Key key(Message of, int identification, int next) {
        return new Reassembly.Key(
                of.sourceHigh(),
                of.sourceLow(),
                of.destinationHigh(),
                of.destinationLow(),
                identification,
                next);
    }

    private boolean udp(byte[] bytes, int at, int end, Message into) {
        if (end - at < UDP_HEADER_BYTES) {
            return skipped(Fate.MALFORMED);
        }
        int length = number(bytes, at + 4);
        if (length < UDP_HEADER_BYTES || at + length > end) {
            return skipped(Fate.MALFORMED);
        }
        into.setPorts(number(bytes, at), number(bytes, at + 2));
        into.setPayload(bytes, at + UDP_HEADER_BYTES, length - UDP_HEADER_BYTES);
        into.setMicros(micros == Packet.NO_TIME ? exportMicros(into) : micros);
        if (!ports.isEmpty() && !ports.contains(into.destinationPort())) {
            return skipped(Fate.OTHER_PORT);
        }
        boolean wanted = ports.isEmpty() ? isFlowExport(into) : into.length() > 0;
        return wanted || skipped(Fate.NOT_FLOW_EXPORT);
    }

    // NetFlow v1, v5, v7, v9 and IPFIX begin with their version; sFlow with four bytes of it.
    private static boolean isFlowExport(Message message) {
        if (message.length() < 4) {
            return false;
        }
        return switch (number(message.bytes(), message.offset())) {
            case 1, 5, 7, 9, 10 -> true;
            case 0 -> number(message.bytes(), message.offset() + 2) == 5;
            default -> false;
        };
    }

    /** When the exporter says that it sent the datagram; for captures without times. */
    private static long exportMicros(Message message) {
        if (message.length() < 12) {
            return Packet.NO_TIME;
        }
        int at =
                switch (number(message.bytes(), message.offset())) {
                    case 1, 5, 7, 9 -> 8;
                    case 10 -> 4;
                    default -> -1;
                };
        return at < 0
                ? Packet.NO_TIME
                : ((int) INTS.get(message.bytes(), message.offset() + at) & 0xffff_ffffL)
                        * 1_000_000;
    }

    private boolean skipped(Fate fate) {
        counts.add(fate);
        return false;
    }

    private static int number(byte[] bytes, int at) {
        return (short) SHORTS.get(bytes, at) & 0xffff;
    }
}
