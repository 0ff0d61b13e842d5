package io.narwhal.wire;

import io.narwhal.record.Addresses;
import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Transport;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;

/** Prints how fast v9 datagrams of 24 records decode, and what a record allocates. */
final class DecodeSpeed {
    private static final int DATAGRAMS = 1_000_000;
    private static final int RECORDS = 24;
    private static final int[][] FIELDS = {
        {8, 4}, {12, 4}, {15, 4}, {10, 4}, {14, 4}, {2, 4}, {1, 4}, {22, 4}, {21, 4}, {7, 2},
        {11, 2}, {6, 1}, {4, 1}, {5, 1}, {16, 4}, {17, 4}, {9, 1}, {13, 1}, {48, 2}
    };

    private DecodeSpeed() {}

    public static void main(String[] args) {
        List<Field> usual =
                List.of(
                        Field.SRC_ADDR,
                        Field.DST_ADDR,
                        Field.SRC_PORT,
                        Field.DST_PORT,
                        Field.PROTOCOL,
                        Field.OCTETS,
                        Field.PACKETS,
                        Field.START,
                        Field.END);
        for (int round = 0; round < 4; round++) {
            run("9 fields", new RecordBlock(usual));
            run("all fields", RecordBlock.ofAllFields());
        }
    }

    private static void run(String what, RecordBlock block) {
        long[] taken = new long[1];
        var decoder =
                new FlowDecoder(
                        DecoderLimits.DEFAULTS, block, b -> taken[0] += b.size(), new Books());
        byte[] template = template();
        Source source = new Source().set(0, Addresses.ofIpv4(1), 9995, 0, Transport.UDP);
        decoder.decode(template, 0, template.length, source, 1);
        byte[] data = data();
        var sequence = ByteBuffer.wrap(data);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long begin = System.nanoTime();
        for (int i = 0; i < DATAGRAMS; i++) {
            sequence.putInt(12, i + 1);
            decoder.decode(data, 0, data.length, source, i);
        }
        decoder.flush();
        double seconds = (System.nanoTime() - begin) / 1e9;
        allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        System.out.printf(
                "%s: %.1f M records/s, %.4f bytes allocated per record, missing %d%n",
                what,
                taken[0] / seconds / 1e6,
                (double) allocated / taken[0],
                decoder.exporters().getFirst().missing());
    }

    private static ByteBuffer header(int count, int sequence) {
        return ByteBuffer.allocate(1500)
                .putShort((short) 9)
                .putShort((short) count)
                .putInt(100_000)
                .putInt(1_700_000_000)
                .putInt(sequence)
                .putInt(1);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        return java.util.Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static byte[] template() {
        ByteBuffer out = header(1, 0).putShort((short) 0).putShort((short) (8 + 4 * FIELDS.length));
        out.putShort((short) 256).putShort((short) FIELDS.length);
        for (int[] field : FIELDS) {
            out.putShort((short) field[0]).putShort((short) field[1]);
        }
        return bytes(out);
    }

    private static byte[] data() {
        int width = 0;
        for (int[] field : FIELDS) {
            width += field[1];
        }
        ByteBuffer out = header(RECORDS, 1).putShort((short) 256);
        out.putShort((short) (4 + RECORDS * width));
        for (int i = 0; i < RECORDS * width; i++) {
            out.put((byte) (i * 7));
        }
        return bytes(out);
    }
}
