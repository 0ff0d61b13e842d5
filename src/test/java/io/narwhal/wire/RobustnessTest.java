package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** Bad bytes are an outcome that the books count (R6): no exception, no hang, nothing uncounted. */
class RobustnessTest {
    private static final int CASES = 100_000;
    private static final int CASES_PER_DECODER = 500;
    private static final DecoderLimits TINY =
            new DecoderLimits(8, 12, 12, 2000, 60_000, 20_000, 5, 20_000);

    /** Reads what the decoder shows, which must not fail either. */
    private static final RecordWitness READER =
            new RecordWitness() {
                @Override
                public void onFlow(int row, Supplier<Map<String, Object>> fields) {
                    assertThat(fields.get()).isNotEmpty();
                }

                @Override
                public void onOther(Kind kind, Supplier<Map<String, Object>> fields) {
                    assertThat(fields.get()).isNotEmpty();
                }
            };

    @Test
    void r6MutatedDatagramsLeaveTheBooksBalanced() throws IOException {
        long seed = Long.getLong("narwhal.seed", 20_260_101L);
        System.out.println("RobustnessTest: -Dnarwhal.seed=" + seed);
        var random = new Random(seed);
        List<Pcap.Datagram> valid = new ArrayList<>();
        for (Vector vector : Vector.readAll(VectorTest.FOLDER)) {
            valid.addAll(vector.datagrams());
        }
        long records = 0;
        long rejected = 0;
        for (int done = 0; done < CASES; done += CASES_PER_DECODER) {
            Books books = run(valid, random, done);
            records += books.accounted().records();
            rejected += books.rejected().records();
        }
        assertThat(records).as("some still decode").isGreaterThan(CASES / 10);
        assertThat(rejected).as("some do not").isGreaterThan(CASES / 10);
    }

    /** Every datagram of the vectors, cut behind each of its bytes. */
    @Test
    void r6DatagramsThatAreCutAnywhereLeaveTheBooksBalanced() throws IOException {
        var books = new Books();
        var source = new Source();
        var block = RecordBlock.ofAllFields();
        var decoder = new FlowDecoder(TINY, block, full -> account(full, books), books);
        decoder.setWitness(READER);
        long datagrams = 0;
        for (Vector vector : Vector.readAll(VectorTest.FOLDER)) {
            for (Pcap.Datagram datagram : vector.datagrams()) {
                source.set(datagram.high(), datagram.low(), datagram.port(), 0, Transport.UDP);
                for (int length = 0; length <= datagram.payload().length; length++) {
                    byte[] cut = Arrays.copyOf(datagram.payload(), length);
                    decoder.decode(cut, 0, length, source, datagram.arrivalMicros());
                    datagrams++;
                }
                Rig.releaseAll(decoder);
                decoder.flush();
                assertThat(books.difference()).as(vector.name()).isEqualTo(new Tally());
            }
        }
        assertThat(decoder.counts().datagrams()).isEqualTo(datagrams);
        assertThat(decoder.counts().rejected()).isBetween(datagrams / 10, datagrams - 100);
    }

    private static Books run(List<Pcap.Datagram> valid, Random random, int first) {
        var books = new Books();
        var source = new Source();
        var block = RecordBlock.ofAllFields();
        var decoder = new FlowDecoder(TINY, block, full -> account(full, books), books);
        decoder.setWitness(READER);
        for (int i = 0; i < CASES_PER_DECODER; i++) {
            Pcap.Datagram datagram = valid.get(random.nextInt(valid.size()));
            byte[] bytes = mutate(datagram.payload(), valid, random);
            int offset = random.nextInt(4);
            byte[] placed = new byte[offset + bytes.length + random.nextInt(4)];
            random.nextBytes(placed);
            System.arraycopy(bytes, 0, placed, offset, bytes.length);
            long arrivalMs = 1_700_000_000_000L + i * 1000L;
            decoder.decode(
                    placed,
                    offset,
                    bytes.length,
                    source.set(datagram.high(), datagram.low(), datagram.port(), 0, Transport.UDP),
                    arrivalMs * 1000);
            Rig.releaseAll(decoder);
            decoder.onWatermark(arrivalMs);
            decoder.flush();
            assertThat(books.difference())
                    .as("case %d: %s", first + i, decoder.problems())
                    .isEqualTo(new Tally());
        }
        assertWithinLimits(decoder);
        decoder.onWatermark(Long.MAX_VALUE / 2);
        assertThat(books.held()).isEqualTo(new Tally());
        return books;
    }

    private static void assertWithinLimits(FlowDecoder decoder) {
        assertThat(decoder.exporters().stream().filter(report -> report.retired() == 0))
                .hasSizeLessThanOrEqualTo(TINY.exporters());
        assertThat(decoder.exporters())
                .allMatch(report -> report.templates() <= TINY.templatesPerExporter())
                .allMatch(report -> report.missing() >= 0 && report.received() >= 0);
    }

    private static void account(RecordBlock block, Books books) {
        for (int i = 0; i < block.size(); i++) {
            books.accounted()
                    .add(
                            block.isReverse(i) ? 0 : 1,
                            block.column(Field.PACKETS)[i],
                            block.column(Field.OCTETS)[i]);
        }
    }

    private static byte[] mutate(byte[] original, List<Pcap.Datagram> valid, Random random) {
        byte[] bytes = original.clone();
        for (int left = random.nextInt(4); left > 0 && bytes.length > 0; left--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes[at] = random.nextBoolean() ? 0 : (byte) 0xff;
                case 3 -> bytes = Arrays.copyOf(bytes, at);
                case 4 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(40));
                case 5 -> {
                    byte[] other = valid.get(random.nextInt(valid.size())).payload();
                    int length = Math.min(bytes.length - at, other.length);
                    System.arraycopy(other, 0, bytes, at, length);
                }
                default -> throw new AssertionError();
            }
        }
        return bytes;
    }
}
