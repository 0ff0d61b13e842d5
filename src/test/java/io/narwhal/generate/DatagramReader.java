package io.narwhal.generate;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads datagrams for the tests, by the RFCs and with offsets counted by hand; shares no line with
 * the code that made them nor with Narwhal's decoders. One for each exporter.
 */
final class DatagramReader {
    /** A record by element number; the others under the same numbers. */
    record Read(Map<Integer, byte[]> fields, long startMs, long endMs) {
        long number(int element) {
            return new BigInteger(1, fields.get(element)).longValueExact();
        }

        String source() {
            return address(fields.containsKey(8) ? 8 : 27);
        }

        String destination() {
            return address(fields.containsKey(12) ? 12 : 28);
        }

        private String address(int element) {
            try {
                return InetAddress.getByAddress(fields.get(element)).getHostAddress();
            } catch (UnknownHostException e) {
                throw new AssertionError(e);
            }
        }
    }

    private record Element(int id, int length) {}

    private final Map<Integer, List<Element>> templates = new HashMap<>();
    final List<Read> records = new ArrayList<>();
    final List<Long> sequences = new ArrayList<>();
    final List<Integer> recordCounts = new ArrayList<>();
    final List<Long> exportTimesMs = new ArrayList<>();
    int undecodableSets;
    int templateDatagrams;
    int counterSamples;
    long domain;

    void read(byte[] datagram) {
        ByteBuffer in = ByteBuffer.wrap(datagram);
        int before = records.size();
        switch (in.getShort(0)) {
            case 0 -> readSflow(in);
            case 1 -> readFixed(in, 16, 48, V1_PLACES);
            case 5 -> readFixed(in, 24, 48, V5_PLACES);
            case 7 -> readFixed(in, 24, 52, V5_PLACES);
            case 9 -> readV9(in);
            case 10 -> readIpfix(in);
            default -> throw new AssertionError("version " + in.getShort(0));
        }
        recordCounts.add(records.size() - before);
    }

    private static long unsigned(ByteBuffer in, int at) {
        return in.getInt(at) & 0xffff_ffffL;
    }

    /** Element, place in the record, length. */
    private static final int[][] V5_PLACES = {
        {8, 0, 4}, {12, 4, 4}, {15, 8, 4}, {10, 12, 2}, {14, 14, 2}, {2, 16, 4},
        {1, 20, 4}, {7, 32, 2}, {11, 34, 2}, {6, 37, 1}, {4, 38, 1}, {5, 39, 1},
        {16, 40, 2}, {17, 42, 2}, {9, 44, 1}, {13, 45, 1}
    };

    private static final int[][] V1_PLACES = {
        {8, 0, 4}, {12, 4, 4}, {15, 8, 4}, {10, 12, 2}, {14, 14, 2}, {2, 16, 4},
        {1, 20, 4}, {7, 32, 2}, {11, 34, 2}, {4, 38, 1}, {5, 39, 1}, {6, 40, 1}
    };

    private void readFixed(ByteBuffer in, int header, int width, int[][] places) {
        int count = in.getShort(2);
        if (in.capacity() != header + width * count) {
            throw new AssertionError("length " + in.capacity() + " for " + count + " records");
        }
        long nowMs = unsigned(in, 8) * 1000 + in.getInt(12) / 1_000_000;
        exportTimesMs.add(nowMs);
        sequences.add(header == 16 ? 0 : unsigned(in, 16));
        domain = header == 16 ? 0 : in.get(21) & 255;
        long bootMs = nowMs - unsigned(in, 4);
        for (int at = header; at < in.capacity(); at += width) {
            Map<Integer, byte[]> fields = new TreeMap<>();
            for (int[] place : places) {
                fields.put(place[0], slice(in, at + place[1], place[2]));
            }
            records.add(
                    new Read(
                            fields,
                            bootMs + unsigned(in, at + 24),
                            bootMs + unsigned(in, at + 28)));
        }
    }

    /** sFlow version 5, an IPv4 agent; the frame's length is 1, one packet is 2. */
    private void readSflow(ByteBuffer in) {
        if (in.getInt(0) != 5 || in.getInt(4) != 1) {
            throw new AssertionError("not sFlow version 5 of an IPv4 agent");
        }
        domain = unsigned(in, 12);
        sequences.add(unsigned(in, 16));
        exportTimesMs.add(0L);
        int at = 28;
        for (int left = in.getInt(24); left > 0; left--) {
            int format = in.getInt(at);
            if (format == 1 || format == 3) {
                readFlowSample(in, at + 8, format == 3);
            } else {
                counterSamples++;
            }
            at += 8 + in.getInt(at + 4);
        }
        if (at != in.capacity()) {
            throw new AssertionError("sFlow samples end at " + at + " of " + in.capacity());
        }
    }

    private void readFlowSample(ByteBuffer in, int at, boolean expanded) {
        Map<Integer, byte[]> fields = new TreeMap<>();
        int rate = at + (expanded ? 12 : 8);
        fields.put(34, slice(in, rate, 4));
        fields.put(10, slice(in, rate + (expanded ? 16 : 12), 4));
        fields.put(14, slice(in, rate + (expanded ? 24 : 16), 4));
        int record = rate + (expanded ? 32 : 24);
        if (in.getInt(record) != 1 || in.getInt(record + 8) != 1) {
            throw new AssertionError("the first record is no Ethernet header");
        }
        fields.put(1, slice(in, record + 12, 4));
        fields.put(2, new byte[] {1});
        readFrame(in, record + 24, fields);
        records.add(new Read(fields, 0, 0));
    }

    private static void readFrame(ByteBuffer in, int frame, Map<Integer, byte[]> fields) {
        int ip = frame + 14;
        if (in.getShort(frame + 12) == (short) 0x8100) {
            fields.put(58, slice(in, frame + 14, 2));
            ip += 4;
        }
        boolean ipv4 = in.getShort(ip - 2) == 0x0800;
        fields.put(4, slice(in, ip + (ipv4 ? 9 : 6), 1));
        fields.put(ipv4 ? 8 : 27, ipv4 ? slice(in, ip + 12, 4) : slice(in, ip + 8, 16));
        fields.put(ipv4 ? 12 : 28, ipv4 ? slice(in, ip + 16, 4) : slice(in, ip + 24, 16));
        fields.put(7, slice(in, ip + (ipv4 ? 20 : 40), 2));
        fields.put(11, slice(in, ip + (ipv4 ? 22 : 42), 2));
    }

    private void readV9(ByteBuffer in) {
        long nowMs = unsigned(in, 8) * 1000;
        exportTimesMs.add(nowMs);
        sequences.add(unsigned(in, 12));
        domain = unsigned(in, 16);
        int before = records.size();
        int templatesRead = readSets(in, 20, 0, nowMs - unsigned(in, 4));
        int told = in.getShort(2);
        int found = records.size() - before + templatesRead;
        if (undecodableSets == 0 && told != found) {
            throw new AssertionError("v9 header counts " + told + ", found " + found);
        }
    }

    private void readIpfix(ByteBuffer in) {
        if (in.getShort(2) != in.capacity()) {
            throw new AssertionError("IPFIX length " + in.getShort(2) + " of " + in.capacity());
        }
        exportTimesMs.add(unsigned(in, 4) * 1000);
        sequences.add(unsigned(in, 8));
        domain = unsigned(in, 12);
        readSets(in, 16, 2, 0);
    }

    private int readSets(ByteBuffer in, int from, int templateSet, long bootMs) {
        int at = from;
        int templatesRead = 0;
        while (at < in.capacity()) {
            int id = in.getShort(at);
            int length = in.getShort(at + 2);
            if (id == templateSet) {
                templatesRead += readTemplates(in, at + 4, at + length);
            } else if (templates.containsKey(id)) {
                readRecords(in, at + 4, at + length, templates.get(id), bootMs);
            } else {
                undecodableSets++;
            }
            at += length;
        }
        templateDatagrams += templatesRead > 0 ? 1 : 0;
        return templatesRead;
    }

    private int readTemplates(ByteBuffer in, int from, int to) {
        int at = from;
        int read = 0;
        while (at < to) {
            List<Element> elements = new ArrayList<>();
            int count = in.getShort(at + 2);
            for (int i = 0; i < count; i++) {
                elements.add(new Element(in.getShort(at + 4 + 4 * i), in.getShort(at + 6 + 4 * i)));
            }
            templates.put((int) in.getShort(at), elements);
            at += 4 + 4 * count;
            read++;
        }
        return read;
    }

    /** The layout of a template as text, to tell two apart. */
    String template(int id) {
        return String.valueOf(templates.get(id));
    }

    private void readRecords(ByteBuffer in, int from, int to, List<Element> layout, long bootMs) {
        int size = layout.stream().mapToInt(Element::length).sum();
        int at = from;
        while (at + size <= to) {
            Map<Integer, byte[]> fields = new TreeMap<>();
            for (Element element : layout) {
                fields.put(element.id, slice(in, at, element.length));
                at += element.length;
            }
            Read raw = new Read(fields, 0, 0);
            boolean absolute = fields.containsKey(152);
            records.add(
                    new Read(
                            fields,
                            absolute ? raw.number(152) : bootMs + raw.number(22),
                            absolute ? raw.number(153) : bootMs + raw.number(21)));
        }
    }

    private static byte[] slice(ByteBuffer in, int at, int length) {
        return Arrays.copyOfRange(in.array(), at, at + length);
    }
}
