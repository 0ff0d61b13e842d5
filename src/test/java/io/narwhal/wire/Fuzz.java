package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Fuzz targets: what must hold whatever bytes come (R6). Jazzer calls {@code fuzzerTestOneInput} of
 * the class that it is given; see docs/testing.md.
 *
 * <p>An input is a sequence of datagrams, each behind a byte of control and two of length:
 *
 * <pre>
 * control   bits 0-1 which exporter | bits 2-5 seconds since the one before, 7 for a long time
 *           bit 6 the time is told afterwards | bit 7 the state is written and read again afterwards
 * </pre>
 *
 * A length beyond the rest means the rest. Held against each input: only declared outcomes, so no
 * exception; the books balance after each datagram; a state that was read is written again as the
 * same bytes; no more records than bytes; no more memory than a bound that grows with the input.
 */
public final class Fuzz {
    private static final DecoderLimits TINY =
            new DecoderLimits(4, 8, 16, 4_000, 60_000, 30_000, 64, 30_000);

    /** What a datagram may cost however short it is: a problem told, an exporter made known. */
    private static final long ALLOCATED_BYTES = 64 << 10;

    /** And for each of its bytes: templates become objects and plans. */
    private static final long ALLOCATED_PER_BYTE = 1 << 10;

    private static final int LONG_TIME_MS = 90_000;
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Fuzz() {}

    /** What the datagrams of an input begin with. */
    enum Head {
        ANY,
        V1(0, 1),
        V5(0, 5),
        V7(0, 7),
        V9(0, 9),
        IPFIX(0, 10),
        SFLOW(0, 0, 0, 5);

        private final byte[] bytes;

        Head(int... bytes) {
            this.bytes = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                this.bytes[i] = (byte) bytes[i];
            }
        }

        void on(byte[] datagram) {
            System.arraycopy(bytes, 0, datagram, 0, Math.min(bytes.length, datagram.length));
            if (this == IPFIX && datagram.length >= 4) {
                datagram[2] = (byte) (datagram.length >> 8);
                datagram[3] = (byte) datagram.length;
            }
        }
    }

    /** Each of the others in turn: the first byte of the input says which. */
    public static final class Every {
        public static void fuzzerTestOneInput(byte[] input) {
            if (input.length > 0) {
                Head head = Head.values()[(input[0] & 255) % Head.values().length];
                run(head, Arrays.copyOfRange(input, 1, input.length));
            }
        }
    }

    /** Any bytes. */
    public static final class Any {
        public static void fuzzerTestOneInput(byte[] input) {
            run(Head.ANY, input);
        }
    }

    /** NetFlow version 1, whatever the first bytes say. */
    public static final class V1 {
        public static void fuzzerTestOneInput(byte[] input) {
            run(Head.V1, input);
        }
    }

    /** NetFlow version 5. */
    public static final class V5 {
        public static void fuzzerTestOneInput(byte[] input) {
            run(Head.V5, input);
        }
    }

    /** NetFlow version 7. */
    public static final class V7 {
        public static void fuzzerTestOneInput(byte[] input) {
            run(Head.V7, input);
        }
    }

    /** NetFlow version 9. */
    public static final class V9 {
        public static void fuzzerTestOneInput(byte[] input) {
            run(Head.V9, input);
        }
    }

    /** IPFIX, with the right length in its header, so that the fuzzer gets beyond it. */
    public static final class Ipfix {
        public static void fuzzerTestOneInput(byte[] input) {
            run(Head.IPFIX, input);
        }
    }

    /** sFlow version 5. */
    public static final class Sflow {
        public static void fuzzerTestOneInput(byte[] input) {
            run(Head.SFLOW, input);
        }
    }

    /**
     * Runs an input, and again with every record shown by the registered names of its fields, which
     * takes what memory it takes. The memory is judged the second time if need be: the first time a
     * class may have been loaded.
     */
    static void run(Head head, byte[] input) {
        if (!new Run(head, false).all(input).isEmpty()) {
            String excess = new Run(head, false).all(input);
            check(excess.isEmpty(), excess);
        }
        new Run(head, true).all(input);
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** One input, as the fuzzer writes it, out of datagrams. */
    static byte[] input(java.util.List<Pcap.Datagram> datagrams) {
        ByteBuffer out = ByteBuffer.allocate(datagrams.stream().mapToInt(Fuzz::size).sum());
        for (Pcap.Datagram datagram : datagrams) {
            out.put((byte) (0xc4 | datagram.port() & 3));
            out.putShort((short) datagram.payload().length).put(datagram.payload());
        }
        return out.array();
    }

    private static int size(Pcap.Datagram datagram) {
        return 3 + datagram.payload().length;
    }

    private static final class Run {
        private final Head head;
        private final Books books = new Books();
        private final RecordBlock block = RecordBlock.ofAllFields();
        private final Source source = new Source();
        private FlowDecoder decoder;
        private String excess = "";
        private long rows;
        private long bytesIn;
        private long nowMs = 1_700_000_000_000L;

        private final boolean shown;

        Run(Head head, boolean shown) {
            this.head = head;
            this.shown = shown;
            decoder = decoder();
        }

        private FlowDecoder decoder() {
            FlowDecoder made = new FlowDecoder(TINY, block, this::account, books);
            made.setWitness(shown ? new Viewer() : null);
            return made;
        }

        private void account(RecordBlock full) {
            long[] packets = full.column(Field.PACKETS);
            long[] octets = full.column(Field.OCTETS);
            for (int i = 0; i < full.size(); i++) {
                books.accounted().add(full.isReverse(i) ? 0 : 1, packets[i], octets[i]);
            }
            rows += full.size();
        }

        /** Runs the input; what is wrong with the memory that it took, or nothing. */
        String all(byte[] input) {
            int at = 0;
            while (input.length - at >= 3) {
                int control = input[at];
                int told = (input[at + 1] & 255) << 8 | input[at + 2] & 255;
                at += 3;
                int length = Math.min(told, input.length - at);
                datagram(Arrays.copyOfRange(input, at, at + length), control);
                at += length;
            }
            decoder.onWatermark(Long.MAX_VALUE / 2);
            decoder.flush();
            balanced();
            check(books.held().equals(new Tally()), "nothing is held for ever");
            return excess;
        }

        private void datagram(byte[] bytes, int control) {
            head.on(bytes);
            int step = control >> 2 & 15;
            nowMs += step == 7 ? LONG_TIME_MS : step * 1_000;
            source.set(0, Addresses.ofIpv4(1 + (control & 3)), 2_055, 0, Transport.UDP);
            bytesIn += bytes.length;
            long before = THREADS.getCurrentThreadAllocatedBytes();
            decoder.decode(bytes, 0, bytes.length, source, nowMs * 1_000);
            Rig.releaseAll(decoder);
            decoder.flush();
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (allocated > ALLOCATED_BYTES + ALLOCATED_PER_BYTE * bytes.length) {
                excess = allocated + " bytes of memory for a datagram of " + bytes.length;
            }
            check(rows <= 2 * bytesIn, "a record has a byte at least: " + rows + ", " + bytesIn);
            if ((control & 0x40) != 0) {
                decoder.onWatermark(nowMs);
                decoder.flush();
            }
            balanced();
            if ((control & 0x80) != 0) {
                restore();
            }
        }

        private void balanced() {
            check(books.difference().equals(new Tally()), "the books balance: " + books);
            decoder.exporters().forEach(e -> check(e.missing() >= 0, "missing >= 0: " + e));
        }

        private void restore() {
            byte[] state = state(decoder);
            decoder = decoder();
            StateReader in = new StateReader(state);
            decoder.restore(in);
            in.expectEnd();
            check(Arrays.equals(state(decoder), state), "a state read is written as it was");
        }

        private static byte[] state(FlowDecoder decoder) {
            StateWriter out = new StateWriter(1_000);
            decoder.snapshot(out);
            return out.toBytes();
        }
    }

    /** Looks at all fields of all records. */
    private static final class Viewer implements RecordWitness {
        @Override
        public void onFlow(int row, Supplier<Map<String, Object>> fields) {
            look(fields.get());
        }

        @Override
        public void onOther(Kind kind, Supplier<Map<String, Object>> fields) {
            look(fields.get());
        }

        private static void look(Map<String, Object> fields) {
            check(!fields.containsKey(""), "a field has a name");
            check(fields.toString() != null, "a field can be written");
        }
    }
}
