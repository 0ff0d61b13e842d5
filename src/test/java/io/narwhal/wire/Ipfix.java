package io.narwhal.wire;

import io.narwhal.record.Addresses;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Writes v5, v9 and IPFIX datagrams for tests, set by set. */
final class Ipfix {
    static final int EXPORT_SECONDS = 1_700_000_000;

    private final int version;
    private final ByteArrayOutputStream sets = new ByteArrayOutputStream();
    private final int sequence;
    private int domain = 7;
    private int seconds = EXPORT_SECONDS;
    private int uptimeMs = 100_000;
    private int count;

    private Ipfix(int version, int sequence) {
        this.version = version;
        this.sequence = sequence;
    }

    static Ipfix message(int sequence) {
        return new Ipfix(10, sequence);
    }

    static Ipfix v9(int sequence) {
        return new Ipfix(9, sequence);
    }

    Ipfix domain(int value) {
        domain = value;
        return this;
    }

    Ipfix seconds(int value) {
        seconds = value;
        return this;
    }

    Ipfix uptimeMs(int value) {
        uptimeMs = value;
        return this;
    }

    /** Template {@code id}: octets and packets of 4 bytes each. */
    Ipfix template(int id) {
        return set(version == 9 ? 0 : 2, id, 2, 1, 4, 2, 4);
    }

    /** Template {@code id} of other fields: pairs of element and length. */
    Ipfix template(int id, int... fields) {
        int[] words = new int[fields.length + 2];
        words[0] = id;
        words[1] = fields.length / 2;
        System.arraycopy(fields, 0, words, 2, fields.length);
        return set(version == 9 ? 0 : 2, words);
    }

    /** IPFIX options template {@code id}: exporting process, and a total of it, 4 bytes each. */
    Ipfix optionsTemplate(int id, int element) {
        return set(3, id, 2, 1, 144, 4, element, 4);
    }

    private Ipfix set(int id, int... words) {
        count++;
        ByteBuffer out = ByteBuffer.allocate(4 + 2 * words.length);
        out.putShort((short) id).putShort((short) out.capacity());
        for (int word : words) {
            out.putShort((short) word);
        }
        sets.writeBytes(out.array());
        return this;
    }

    /** A set of {@code records} records of two numbers: octets from {@code first} on, and 1. */
    Ipfix data(int id, int records, int first) {
        count += records;
        ByteBuffer out = ByteBuffer.allocate(4 + 8 * records);
        out.putShort((short) id).putShort((short) out.capacity());
        for (int i = 0; i < records; i++) {
            out.putInt(first + i).putInt(1);
        }
        sets.writeBytes(out.array());
        return this;
    }

    /** A set of one record: a flow's number (IE 148, 4 bytes) and its total octets (IE 85, 8). */
    Ipfix totals(int id, int flow, long octets) {
        count++;
        ByteBuffer out = ByteBuffer.allocate(16);
        out.putShort((short) id).putShort((short) 16).putInt(flow).putLong(octets);
        sets.writeBytes(out.array());
        return this;
    }

    byte[] bytes() {
        byte[] body = sets.toByteArray();
        ByteBuffer out = ByteBuffer.allocate((version == 9 ? 20 : 16) + body.length);
        out.putShort((short) version);
        if (version == 9) {
            out.putShort((short) count).putInt(uptimeMs).putInt(seconds);
        } else {
            out.putShort((short) out.capacity()).putInt(seconds);
        }
        return out.putInt(sequence).putInt(domain).put(body).array();
    }

    /** A v5 datagram; its records have octets from {@code first} on, and one packet. */
    static byte[] v5(int sequence, int records, int first) {
        ByteBuffer out = ByteBuffer.allocate(24 + 48 * records);
        out.putShort((short) 5).putShort((short) records).putInt(100_000).putInt(EXPORT_SECONDS);
        out.putInt(16, sequence);
        for (int i = 0; i < records; i++) {
            out.putInt(24 + 48 * i + 16, 1);
            out.putInt(24 + 48 * i + 20, first + i);
        }
        return out.array();
    }

    /** As it arrives from a host. */
    static Pcap.Datagram from(int host, long arrivalMs, byte[] payload) {
        return new Pcap.Datagram(
                0, Addresses.ofIpv4(0xc0000200 + host), 2000, arrivalMs * 1000, payload);
    }
}
