package io.narwhal.capture;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Makes capture files for tests, byte by byte. */
public final class Captures {
    /** 2026-11-22T10:00:00Z. */
    public static final long START_MICROS = 1_795_341_600_000_000L;

    public static final int ETHERNET = 1;
    public static final int RAW = 101;

    private Captures() {}

    /** A packet as a capture has it. */
    public record Captured(long micros, byte[] bytes) {}

    /** A classic pcap file of microseconds, big-endian. */
    public static byte[] pcap(int linkType, List<Captured> packets) {
        return pcap(ByteOrder.BIG_ENDIAN, false, linkType, packets);
    }

    public static byte[] pcap(
            ByteOrder order, boolean nanos, int linkType, List<Captured> packets) {
        var out = buffer(24 + packets.stream().mapToInt(one -> 16 + one.bytes().length).sum());
        out.order(order);
        out.putInt(nanos ? PcapFile.NANOS : PcapFile.MICROS);
        out.putShort((short) 2).putShort((short) 4).putInt(0).putInt(0);
        out.putInt(262_144).putInt(linkType);
        for (Captured one : packets) {
            long fraction = one.micros() % 1_000_000;
            out.putInt((int) (one.micros() / 1_000_000));
            out.putInt((int) (nanos ? fraction * 1_000 + 7 : fraction));
            out.putInt(one.bytes().length).putInt(one.bytes().length);
            out.put(one.bytes());
        }
        return out.array();
    }

    /** Blocks of a pcapng file, one behind the other. */
    public static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    public static byte[] section(ByteOrder order) {
        return block(
                order,
                PcapngFile.SECTION,
                buffer(16)
                        .order(order)
                        .putInt(0x1a2b3c4d)
                        .putShort((short) 1)
                        .putShort((short) 0)
                        .putLong(-1)
                        .array());
    }

    /** An interface whose times are in units of {@code resolution}, as the option has it. */
    public static byte[] iface(ByteOrder order, int linkType, int resolution, long offsetSeconds) {
        return block(
                order,
                1,
                buffer(8 + 8 + 12 + 4)
                        .order(order)
                        .putShort((short) linkType)
                        .putShort((short) 0)
                        .putInt(0)
                        .putShort((short) 9)
                        .putShort((short) 1)
                        .putInt(order == ByteOrder.BIG_ENDIAN ? resolution << 24 : resolution)
                        .putShort((short) 14)
                        .putShort((short) 8)
                        .putLong(offsetSeconds)
                        .putInt(0)
                        .array());
    }

    public static byte[] enhanced(ByteOrder order, int iface, long time, byte[] packet) {
        return block(
                order,
                6,
                buffer(20 + padded(packet.length))
                        .order(order)
                        .putInt(iface)
                        .putInt((int) (time >>> 32))
                        .putInt((int) time)
                        .putInt(packet.length)
                        .putInt(packet.length)
                        .put(packet)
                        .array());
    }

    public static byte[] obsolete(ByteOrder order, int iface, long time, byte[] packet) {
        return block(
                order,
                2,
                buffer(20 + padded(packet.length))
                        .order(order)
                        .putShort((short) iface)
                        .putShort((short) 0)
                        .putInt((int) (time >>> 32))
                        .putInt((int) time)
                        .putInt(packet.length)
                        .putInt(packet.length)
                        .put(packet)
                        .array());
    }

    public static byte[] simple(ByteOrder order, byte[] packet) {
        return block(
                order,
                3,
                buffer(4 + padded(packet.length))
                        .order(order)
                        .putInt(packet.length)
                        .put(packet)
                        .array());
    }

    public static byte[] block(ByteOrder order, int type, byte[] body) {
        int total = 12 + padded(body.length);
        return buffer(total)
                .order(order)
                .putInt(type)
                .putInt(total)
                .put(body)
                .putInt(total - 4, total)
                .array();
    }

    private static int padded(int length) {
        return length + 3 & ~3;
    }

    public static byte[] gzip(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    public static byte[] ethernet(int type, byte[] inner, int... tags) {
        var out = buffer(14 + 4 * tags.length + inner.length);
        out.put(new byte[] {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2});
        for (int tag : tags) {
            out.putShort((short) tag).putShort((short) 42);
        }
        return out.putShort((short) type).put(inner).array();
    }

    public static byte[] udp(int from, int to, byte[] payload) {
        return buffer(8 + payload.length)
                .putShort((short) from)
                .putShort((short) to)
                .putShort((short) (8 + payload.length))
                .putShort((short) 0)
                .put(payload)
                .array();
    }

    /** A whole IPv4 packet. */
    public static byte[] ipv4(int protocol, int from, int to, byte[] inner) {
        return ipv4(protocol, from, to, 0, 0, inner, 0);
    }

    /** Options of so many words; {@code flags} has the fragment's flags and place. */
    public static byte[] ipv4(
            int protocol,
            int from,
            int to,
            int identification,
            int flags,
            byte[] inner,
            int words) {
        int header = 20 + 4 * words;
        var out = buffer(header + inner.length);
        out.put((byte) (0x40 | header / 4)).put((byte) 0);
        out.putShort((short) (header + inner.length)).putShort((short) identification);
        out.putShort((short) flags).put((byte) 64).put((byte) protocol).putShort((short) 0);
        return out.putInt(from).putInt(to).position(header).put(inner).array();
    }

    public static byte[] ipv6(int next, long from, long to, byte[] inner) {
        return buffer(40 + inner.length)
                .putInt(0x6000_0000)
                .putShort((short) inner.length)
                .put((byte) next)
                .put((byte) 64)
                .putLong(0x2001_0db8_0000_0000L)
                .putLong(from)
                .putLong(0x2001_0db8_0000_0000L)
                .putLong(to)
                .put(inner)
                .array();
    }

    /** A fragment header and what follows it. */
    public static byte[] fragment6(
            int next, int identification, int place, boolean more, byte[] part) {
        return buffer(8 + part.length)
                .put((byte) next)
                .put((byte) 0)
                .putShort((short) (place | (more ? 1 : 0)))
                .putInt(identification)
                .put(part)
                .array();
    }

    /** The fragments of an IPv4 packet's payload, each but the last of so many bytes. */
    public static List<byte[]> fragments4(
            int from, int to, int identification, byte[] payload, int size) {
        List<byte[]> all = new ArrayList<>();
        for (int at = 0; at < payload.length; at += size) {
            int length = Math.min(size, payload.length - at);
            byte[] part = java.util.Arrays.copyOfRange(payload, at, at + length);
            int more = at + length < payload.length ? 0x2000 : 0;
            all.add(ipv4(17, from, to, identification, more | at / 8, part, 0));
        }
        return all;
    }

    /** A NetFlow v5 datagram of records that differ by {@code seed}. */
    public static byte[] v5(int seed, int records, long sequence) {
        var out = buffer(24 + 48 * records);
        out.putShort((short) 5).putShort((short) records).putInt(3_600_000);
        out.putInt((int) (START_MICROS / 1_000_000)).putInt(0).putInt((int) sequence).putInt(0);
        for (int i = 0; i < records; i++) {
            int at = out.position();
            out.putInt(0x0a00_0000 + seed).putInt(0xc612_0000 + i).putInt(0);
            out.putShort((short) 1).putShort((short) 2);
            out.putInt(10 + i).putInt(1_000 + seed * 10 + i);
            out.putInt(3_590_000).putInt(3_599_000);
            out.putShort((short) 1_024).putShort((short) 443);
            out.position(at + 38).put((byte) 6);
            out.position(at + 48);
        }
        return out.array();
    }

    /** An IPFIX message: a template of source, octets, packets on demand, and some records. */
    public static byte[] ipfix(boolean template, int seed, int records, long sequence) {
        int length = 16 + (template ? 20 : 0) + 4 + 12 * records;
        var out = buffer(length);
        out.putShort((short) 10).putShort((short) length);
        out.putInt((int) (START_MICROS / 1_000_000) + seed).putInt((int) sequence).putInt(7);
        if (template) {
            out.putShort((short) 2).putShort((short) 20).putShort((short) 256).putShort((short) 3);
            out.putShort((short) 8).putShort((short) 4);
            out.putShort((short) 1).putShort((short) 4);
            out.putShort((short) 2).putShort((short) 4);
        }
        out.putShort((short) 256).putShort((short) (4 + 12 * records));
        for (int i = 0; i < records; i++) {
            out.putInt(0x0a01_0000 + seed * 256 + i).putInt(500 + i).putInt(3);
        }
        return out.array();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes);
    }
}
