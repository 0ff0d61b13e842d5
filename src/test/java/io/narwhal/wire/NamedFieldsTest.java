package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Books;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whole records by the names of their fields: every case of {@code vectors/names}. */
class NamedFieldsTest {
    private static final Path FOLDER = Path.of("src/test/resources/vectors/names");

    @TestFactory
    Stream<DynamicTest> everyVector() throws IOException {
        return Vector.readAll(FOLDER).stream()
                .map(one -> DynamicTest.dynamicTest(one.name(), () -> run(one)));
    }

    private static void run(Vector vector) {
        var seen = new Seen(registry(vector));
        var source = new Vector.Source();
        int checked = 0;
        for (Vector.Step step : vector.steps()) {
            source.apply(step);
            switch (step.word()) {
                case "datagram" -> seen.decode(source.datagram(step.bytes()));
                case "flow", "options" -> {
                    assertThat(seen.next()).isEqualTo(step.word() + " {" + step.rest() + "}");
                    checked++;
                }
                case "from", "at", "elements" -> {}
                default -> throw new AssertionError("what is '" + step.word() + "'?");
            }
        }
        assertThat(seen.left()).isEmpty();
        assertThat(checked).isPositive();
    }

    private static Registry registry(Vector vector) {
        String rows =
                vector.steps().stream()
                        .filter(step -> step.word().equals("elements"))
                        .map(step -> step.rest() + "\n")
                        .collect(Collectors.joining("", "enterprise,element,name,type\n", ""));
        var read = ElementTable.read("elements.csv", rows.getBytes(StandardCharsets.UTF_8));
        return Registry.shipped().with(List.of(((ElementTable.Outcome.Loaded) read).table()));
    }

    /** Sees what a decoder decodes. */
    private static final class Seen implements RecordWitness {
        private final Deque<String> told = new ArrayDeque<>();
        private final List<Integer> rows = new ArrayList<>();
        private final RecordBlock block = RecordBlock.ofAllFields();
        private final FlowDecoder decoder;

        Seen(Registry registry) {
            decoder = new FlowDecoder(DecoderLimits.DEFAULTS, block, _ -> {}, new Books());
            decoder.setWitness(this, registry);
        }

        void decode(Pcap.Datagram datagram) {
            byte[] payload = datagram.payload();
            var source = new Source();
            source.set(datagram.high(), datagram.low(), datagram.port(), 0, Transport.UDP);
            decoder.decode(payload, 0, payload.length, source, datagram.arrivalMicros());
            decoder.flush();
        }

        void decodeWithoutFlush(byte[] datagram) {
            var source = new Source().set(0, 1, 2000, 0, Transport.UDP);
            decoder.decode(datagram, 0, datagram.length, source, 1_700_000_000_000_000L);
        }

        String next() {
            return told.isEmpty() ? "nothing more" : told.removeFirst();
        }

        Deque<String> left() {
            return told;
        }

        @Override
        public void onFlow(int row, Supplier<Map<String, Object>> fields) {
            assertThat(row).isLessThan(block.size());
            rows.add(row);
            told.add("flow " + fields.get());
        }

        @Override
        public void onOther(Kind kind, Supplier<Map<String, Object>> fields) {
            assertThat(kind).isEqualTo(Kind.OPTIONS);
            told.add("options " + fields.get());
        }
    }

    @Test
    void everyFlowIsToldWithItsRowAlsoWhenTheBlockFillsUpOnTheWay() {
        var seen = new Seen(Registry.shipped());
        int records = 1500;
        for (int sent = 0; sent < records; sent += 300) {
            seen.decodeWithoutFlush(ports(sent, 300));
        }

        assertThat(seen.rows).hasSize(records);
        for (int i = 0; i < records; i++) {
            assertThat(seen.rows.get(i)).isEqualTo(i % RecordBlock.CAPACITY);
            assertThat(seen.next()).isEqualTo("flow {sourceTransportPort=" + i + "}");
        }
    }

    @Test
    void aListWithTooManyItemsIsShownAsItsBytes() {
        for (int items : new int[] {ListReader.ITEMS_MAX, ListReader.ITEMS_MAX + 1}) {
            var seen = new Seen(Registry.shipped());
            seen.decodeWithoutFlush(list(items));

            if (items <= ListReader.ITEMS_MAX) {
                assertThat(seen.next()).startsWith("flow {basicList={semantic=ordered, element=p");
            } else {
                assertThat(seen.next()).startsWith("flow {basicList={undecodable=0400040001");
            }
        }
    }

    private static byte[] ports(int from, int count) {
        var set = ByteBuffer.allocate(2 * count);
        for (int i = 0; i < count; i++) {
            set.putShort((short) (from + i));
        }
        return message(7, 2, set.array());
    }

    private static byte[] list(int items) {
        var set = ByteBuffer.allocate(8 + items).put((byte) 255).putShort((short) (5 + items));
        set.put((byte) 4).putShort((short) 4).putShort((short) 1);
        return message(291, Template.VARIABLE, set.array());
    }

    /** An IPFIX message with a template of one field, and a set of its records. */
    private static byte[] message(int element, int width, byte[] records) {
        int length = 16 + 12 + 4 + records.length;
        var message = ByteBuffer.allocate(length);
        message.putShort((short) 10).putShort((short) length).putInt(1_700_000_000).putLong(7);
        message.putShort((short) 2).putShort((short) 12).putShort((short) 256).putShort((short) 1);
        message.putShort((short) element).putShort((short) width);
        message.putShort((short) 256).putShort((short) (4 + records.length)).put(records);
        return message.array();
    }
}
