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
    /** A record by element number; version 5 under the same numbers. */
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
    long domain;

    void read(byte[] datagram) {
        ByteBuffer in = ByteBuffer.wrap(datagram);
        int before = records.size();
        switch (in.getShort(0)) {
            case 5 -> readV5(in);
            case 9 -> readV9(in);
            case 10 -> readIpfix(in);
            default -> throw new AssertionError("version " + in.getShort(0));
        }
        recordCounts.add(records.size() - before);
    }

    private static long unsigned(ByteBuffer in, int at) {
        return in.getInt(at) & 0xffff_ffffL;
    }

    private void readV5(ByteBuffer in) {
        int count = in.getShort(2);
        if (in.capacity() != 24 + 48 * count) {
            throw new AssertionError("v5 length " + in.capacity() + " for " + count + " records");
        }
        long nowMs = unsigned(in, 8) * 1000 + in.getInt(12) / 1_000_000;
        exportTimesMs.add(nowMs);
        sequences.add(unsigned(in, 16));
        domain = in.get(21) & 255;
        long bootMs = nowMs - unsigned(in, 4);
        for (int at = 24; at < in.capacity(); at += 48) {
            Map<Integer, byte[]> fields = new TreeMap<>();
            int[][] places = {
                {8, 0, 4}, {12, 4, 4}, {15, 8, 4}, {10, 12, 2}, {14, 14, 2}, {2, 16, 4},
                {1, 20, 4}, {7, 32, 2}, {11, 34, 2}, {6, 37, 1}, {4, 38, 1}, {5, 39, 1},
                {16, 40, 2}, {17, 42, 2}, {9, 44, 1}, {13, 45, 1}
            };
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
