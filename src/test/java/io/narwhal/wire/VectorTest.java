package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Addresses;
import io.narwhal.record.Reason;
import io.narwhal.record.Tally;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Every case of the files under {@code vectors/wire}; {@link Vector} says what a line means. */
class VectorTest {
    static final Path FOLDER = Path.of("src/test/resources/vectors/wire");

    @TestFactory
    Stream<DynamicTest> everyVector() throws IOException {
        return Vector.readAll(FOLDER).stream()
                .map(one -> DynamicTest.dynamicTest(one.name(), () -> new Run(one).all()));
    }

    /** One case. */
    private static final class Run {
        private final Vector vector;
        private final Rig rig;
        private final Vector.Source source = new Vector.Source();
        private int checked;
        private int flowsSeen;
        private int othersSeen;
        private long rejectedBefore;

        Run(Vector vector) {
            this.vector = vector;
            this.rig = new Rig(limits(vector), rules(vector));
            rig.watch();
        }

        private static DecoderLimits limits(Vector vector) {
            DecoderLimits d = DecoderLimits.DEFAULTS;
            Map<String, String> said = new LinkedHashMap<>();
            vector.steps().stream()
                    .filter(step -> step.word().equals("limits"))
                    .forEach(step -> said.putAll(pairs(step.rest())));
            return new DecoderLimits(
                    (int) value(said, "templatesPerExporter", d.templatesPerExporter()),
                    (int) value(said, "fieldsPerTemplate", d.fieldsPerTemplate()),
                    (int) value(said, "exporters", d.exporters()),
                    value(said, "heldBytes", d.heldBytes()),
                    value(said, "heldMs", d.heldMs()),
                    value(said, "exporterIdleMs", d.exporterIdleMs()),
                    (int) value(said, "totalFlows", d.totalFlows()),
                    value(said, "stateBytes", d.stateBytes()));
        }

        private static List<SamplingRule> rules(Vector vector) {
            return vector.steps().stream()
                    .filter(step -> step.word().equals("sampling"))
                    .map(step -> rule(step.rest().split(" ")))
                    .toList();
        }

        // PREFIX/LENGTH INTERFACE RATE always|unknown
        private static SamplingRule rule(String[] words) {
            String[] prefix = words[0].split("/");
            InetAddress address = InetAddress.ofLiteral(prefix[0]);
            return new SamplingRule(
                    Addresses.high(address),
                    Addresses.low(address),
                    Integer.parseInt(prefix[1]) + (address instanceof Inet4Address ? 96 : 0),
                    Long.parseLong(words[1]),
                    Long.parseLong(words[2]),
                    words[3].equals("always"));
        }

        private static long value(Map<String, String> said, String key, long otherwise) {
            return said.containsKey(key) ? Long.parseLong(said.get(key)) : otherwise;
        }

        void all() {
            for (Vector.Step step : vector.steps()) {
                source.apply(step);
                step(step);
                assertThat(rig.books.difference()).as("books").isEqualTo(new Tally());
            }
            assertNoMoreRecords();
        }

        private void step(Vector.Step step) {
            switch (step.word()) {
                case "limits", "sampling", "from", "at", "over" -> {}
                case "datagram" -> {
                    before();
                    rig.decode(source.datagram(step.bytes()), source.transport);
                }
                case "began" -> rig.decoder.sessionBegan(source.session());
                case "ended" -> {
                    before();
                    rig.decoder.sessionEnded(source.session());
                }
                case "all-ended" -> {
                    before();
                    rig.decoder.sessionsEnded(0, source.transport, 0);
                }
                case "watermark" -> {
                    before();
                    rig.decoder.onWatermark(Long.parseLong(step.rest()));
                }
                case "record" -> record(false, pairs(step.rest()));
                case "reverse" -> record(true, pairs(step.rest()));
                case "flow" -> seen(rig.seenFlows.get(flowsSeen++), pairs(step.rest()));
                case "other" -> seen(rig.seenOthers.get(othersSeen++), pairs(step.rest()));
                case "rejected" -> rejected(step.rest().split(" "));
                case "books" -> books(pairs(step.rest()));
                case "problem" -> problem(step.rest().split(" "));
                case "exporter" -> exporter(step.rest());
                default -> throw new IllegalArgumentException(step.word());
            }
        }

        private void before() {
            assertNoMoreRecords();
            rejectedBefore = rig.books.rejected().records();
        }

        private void assertNoMoreRecords() {
            assertThat(rig.rows.subList(checked, rig.rows.size())).as("more records").isEmpty();
        }

        private void record(boolean reverse, Map<String, String> wanted) {
            assertThat(rig.rows).as("records").hasSizeGreaterThan(checked);
            Rig.Row row = rig.rows.get(checked++);
            assertThat(row.isReverse()).as("reverse").isEqualTo(reverse);
            Map<String, String> found = new LinkedHashMap<>();
            wanted.keySet().forEach(key -> found.put(key, row.text(key)));
            assertThat(found).isEqualTo(wanted);
        }

        private static void seen(Map<String, Object> fields, Map<String, String> wanted) {
            Map<String, String> found = new LinkedHashMap<>();
            wanted.keySet()
                    .forEach(
                            key ->
                                    found.put(
                                            key, String.valueOf(fields.get(key)).replace(" ", "")));
            assertThat(found).as(fields.toString()).isEqualTo(wanted);
        }

        private void rejected(String[] words) {
            Reason reason = Reason.valueOf(constant(words[0]));
            long records = Long.parseLong(words[1]);
            assertThat(rig.books.rejected().records() - rejectedBefore).isEqualTo(records);
            assertThat(rig.books.rejected(reason).records()).isGreaterThanOrEqualTo(records);
        }

        private void books(Map<String, String> wanted) {
            Map<String, String> found = new LinkedHashMap<>();
            found.put("received", Long.toString(rig.books.received().records()));
            found.put("held", Long.toString(rig.books.held().records()));
            if (wanted.containsKey("duplicate")) {
                found.put("duplicate", Long.toString(rig.books.duplicate().records()));
            }
            assertThat(found).isEqualTo(wanted);
        }

        private void problem(String[] words) {
            Problem newest = rig.decoder.problems().getLast();
            assertThat(newest.kind()).isEqualTo(Problem.Kind.valueOf(constant(words[0])));
            assertThat(newest.atByte()).as(newest.toString()).isEqualTo(Integer.parseInt(words[1]));
        }

        private void exporter(String rest) {
            List<ExporterReport> reports =
                    rig.decoder.exporters().stream()
                            .filter(report -> report.exporter().equals(source.address))
                            .filter(
                                    report ->
                                            report.sourcePort() == source.port
                                                    || report.sflow() != null)
                            .toList();
            if (rest.equals("none")) {
                assertThat(reports).isEmpty();
                return;
            }
            assertThat(reports).hasSize(1);
            Map<String, String> wanted = pairs(rest);
            Map<String, String> found = new LinkedHashMap<>();
            wanted.keySet().forEach(key -> found.put(key, value(reports.getFirst(), key)));
            assertThat(found).isEqualTo(wanted);
        }

        private static String value(ExporterReport report, String key) {
            return switch (key) {
                case "protocol" -> report.protocol().label();
                case "domain" -> Long.toString(report.domain());
                case "received" -> Long.toString(report.received());
                case "missing" -> Long.toString(report.missing());
                case "datagrams" -> Long.toString(report.datagrams());
                case "records" -> Long.toString(report.records());
                case "optionsRecords" -> Long.toString(report.optionsRecords());
                case "templates" -> Integer.toString(report.templates());
                case "templateRecords" -> Long.toString(report.templateRecords());
                case "resets" -> Long.toString(report.resets());
                case "samplingRateKnown" -> Boolean.toString(report.samplingRateKnown());
                case "totalFlows" -> Integer.toString(report.totalFlows());
                case "forgottenTotals" -> Long.toString(report.forgottenTotals());
                case "clampedTimes" -> Long.toString(report.clampedTimes());
                case "clockSkewMs" -> Long.toString(report.clockSkewMs());
                case "clockSkewMaxMs" -> Long.toString(report.clockSkewMaxMs());
                case "duplicates" -> Long.toString(report.duplicates());
                case "unit" -> report.sequenceUnit().name();
                case "heldSets" -> Integer.toString(report.heldSets());
                default -> value(Objects.requireNonNull(report.sflow()), key);
            };
        }

        private static String value(SflowReport report, String key) {
            return switch (key) {
                case "agent" -> report.agent();
                case "flowSamples" -> Long.toString(report.flowSamples());
                case "missingSamples" -> Long.toString(report.missingSamples());
                case "counterSamples" -> Long.toString(report.counterSamples());
                case "discardedPackets" -> Long.toString(report.discardedPackets());
                case "otherSamples" -> Long.toString(report.otherSamples());
                case "notFollowed" -> Long.toString(report.notFollowed());
                case "effectiveRate" -> Long.toString(report.effectiveRate());
                case "drops" -> Long.toString(report.drops());
                case "sources" -> Integer.toString(report.sources().size());
                default -> throw new IllegalArgumentException(key);
            };
        }

        private static String constant(String label) {
            return label.toUpperCase(Locale.ROOT).replace('-', '_');
        }

        private static Map<String, String> pairs(String text) {
            Map<String, String> pairs = new LinkedHashMap<>();
            for (String pair : text.split(" ")) {
                String[] parts = pair.split("=", 2);
                pairs.put(parts[0], parts[1]);
            }
            return pairs;
        }
    }
}
