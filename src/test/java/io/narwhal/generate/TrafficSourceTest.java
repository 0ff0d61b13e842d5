package io.narwhal.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Clock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

class TrafficSourceTest {
    private static final long START_MS = 1_767_225_600_000L;
    private static final InetSocketAddress NOWHERE = new InetSocketAddress("127.0.0.1", 9);

    private static TrafficPlan.Builder plan() {
        return TrafficPlan.to(NOWHERE).records(20_000).pairs(500).startMs(START_MS);
    }

    private record Run(Truth truth, RecordingSender sender, List<DatagramReader> readers) {}

    private static Run run(TrafficPlan.Builder builder) {
        TrafficPlan plan = builder.build();
        RecordingSender sender = new RecordingSender(plan.exporters());
        try (TrafficSource source = new TrafficSource(plan, sender, Clock.system())) {
            Truth truth = source.run(_ -> {});
            List<DatagramReader> readers = new ArrayList<>();
            for (List<byte[]> datagrams : sender.sent) {
                DatagramReader reader = new DatagramReader();
                datagrams.forEach(reader::read);
                readers.add(reader);
            }
            return new Run(truth, sender, readers);
        }
    }

    private static Map<String, List<Long>> sums(List<DatagramReader> readers) {
        Map<String, List<Long>> sums = new TreeMap<>();
        for (DatagramReader reader : readers) {
            for (DatagramReader.Read read : reader.records) {
                String pair = read.source() + " " + read.destination();
                List<Long> old = sums.getOrDefault(pair, List.of(0L, 0L, 0L));
                List<Long> sum =
                        List.of(
                                old.get(0) + read.number(1),
                                old.get(1) + read.number(2),
                                old.get(2) + 1);
                sums.put(pair, sum);
            }
        }
        return sums;
    }

    /** The addresses of the reader are written out; those of the truth as users read them. */
    private static Map<String, List<Long>> sums(Truth truth) {
        Map<String, List<Long>> sums = new TreeMap<>();
        truth.forEachPair((s, d, o, p, f) -> sums.put(full(s) + " " + full(d), List.of(o, p, f)));
        return sums;
    }

    private static String full(String address) {
        return new InetSocketAddress(address, 0).getAddress().getHostAddress();
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void theTruthIsTheSumOverWhatWasSent(Protocol protocol) {
        Run run = run(plan().protocols(protocol).exporters(4));

        assertThat(sums(run.readers)).isEqualTo(sums(run.truth));
        assertThat(run.truth.records()).isEqualTo(20_000);
        for (int i = 0; i < 4; i++) {
            Truth.Exporter told = run.truth.exporters().get(i);
            DatagramReader read = run.readers.get(i);
            assertThat(told.records()).isEqualTo(read.records.size());
            assertThat(told.datagrams()).isEqualTo(read.recordCounts.size());
            boolean hasDomain = protocol != Protocol.V1 && protocol != Protocol.V7;
            assertThat(told.domain()).isEqualTo((int) read.domain).isEqualTo(hasDomain ? i + 1 : 0);
            assertThat(told.octets())
                    .isEqualTo(read.records.stream().mapToLong(r -> r.number(1)).sum());
            assertThat(told.packets())
                    .isEqualTo(read.records.stream().mapToLong(r -> r.number(2)).sum());
        }
    }

    @Test
    void everyPairIsDistinctAndBothFamiliesAreThere() {
        Run run = run(plan().protocols(Protocol.IPFIX).pairs(50).ipv6Percent(40));

        Map<String, List<Long>> sums = sums(run.truth);
        assertThat(sums).hasSize(50);
        assertThat(sums.keySet().stream().filter(pair -> pair.contains(":"))).hasSize(20);
        List<DatagramReader.Read> records = run.readers.getFirst().records;
        long ipv6 = records.stream().filter(r -> r.fields().containsKey(27)).count();
        assertThat(ipv6).isEqualTo(records.size() * 40L / 100);
    }

    @Test
    void theSamePlanMakesTheSameBytesAndAnotherSeedOthers() {
        Run first = run(plan().exporters(3).withholdEvery(7));
        Run again = run(plan().exporters(3).withholdEvery(7));
        Run other = run(plan().exporters(3).withholdEvery(7).seed(2));

        for (int i = 0; i < 3; i++) {
            assertThat(again.sender.sent.get(i))
                    .containsExactlyElementsOf(first.sender.sent.get(i));
            assertThat(other.sender.sent.get(i).getFirst())
                    .isNotEqualTo(first.sender.sent.get(i).getFirst());
        }
        assertThat(again.truth.json()).isEqualTo(first.truth.json());
    }

    /** R34: v5 and v7 count flows, v9 and sFlow datagrams, IPFIX data records; v1 nothing. */
    @ParameterizedTest
    @EnumSource(value = Protocol.class, mode = EnumSource.Mode.EXCLUDE, names = "V1")
    void sequencesRunOverWhatIsWithheldAndTheTruthNamesWhatIsMissing(Protocol protocol) {
        Run run = run(plan().protocols(protocol).exporters(2).withholdEvery(5));

        assertThat(run.truth.records()).isEqualTo(20_000);
        for (int i = 0; i < 2; i++) {
            DatagramReader reader = run.readers.get(i);
            long missing = 0;
            int gaps = 0;
            boolean datagrams = protocol == Protocol.V9 || protocol == Protocol.SFLOW;
            long expected = protocol == Protocol.SFLOW ? 1 : 0;
            for (int d = 0; d < reader.sequences.size(); d++) {
                missing += reader.sequences.get(d) - expected;
                gaps += reader.sequences.get(d) > expected ? 1 : 0;
                long step = datagrams ? 1 : reader.recordCounts.get(d);
                expected = reader.sequences.get(d) + step;
            }
            assertThat(run.truth.exporters().get(i).missing()).isEqualTo(missing);
            assertThat(gaps)
                    .isBetween(reader.sequences.size() / 4 - 1, reader.sequences.size() / 4);
        }
        assertThat(sums(run.readers)).isEqualTo(sums(run.truth));
    }

    @Test
    void versionOneHasNoNumbersSoNothingIsKnownToBeMissing() {
        Run run = run(plan().protocols(Protocol.V1).exporters(2).withholdEvery(5));

        assertThat(run.truth.exporters()).allMatch(e -> e.missing() == 0);
        assertThat(run.truth.records()).isEqualTo(20_000);
        assertThat(sums(run.readers)).isEqualTo(sums(run.truth));
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, mode = EnumSource.Mode.EXCLUDE, names = "SFLOW")
    void timesAreAroundTheExportTimeAndSomeFlowsSpanAMinute(Protocol protocol) {
        Run run = run(plan().protocols(protocol).recordsPerSecond(2_000_000));
        DatagramReader reader = run.readers.getFirst();
        assertThat(reader.exportTimesMs.getFirst()).isEqualTo(START_MS);
        long last = reader.exportTimesMs.getLast();
        for (DatagramReader.Read read : reader.records) {
            assertThat(read.endMs()).isBetween(START_MS - 511, last + 1_000);
            assertThat(read.endMs() - read.startMs()).isBetween(0L, 68_000L);
        }
        assertThat(reader.records)
                .anyMatch(r -> r.startMs() / 60_000 < r.endMs() / 60_000)
                .anyMatch(r -> r.endMs() - r.startMs() > 60_000);
    }

    @Test
    void sflowHasTaggedFramesOfBothFamiliesTheAskedRateAndCountersNowAndThen() {
        Run run = run(plan().protocols(Protocol.SFLOW).exporters(4).samplingRate(512));

        for (DatagramReader reader : run.readers) {
            assertThat(reader.records)
                    .allMatch(r -> r.number(34) == 512)
                    .allMatch(r -> r.number(1) >= 64 && r.number(1) <= 1_522)
                    .anyMatch(r -> r.fields().containsKey(58))
                    .anyMatch(r -> !r.fields().containsKey(58))
                    .anyMatch(r -> r.fields().containsKey(27))
                    .anyMatch(r -> r.fields().containsKey(8));
            assertThat(reader.counterSamples)
                    .isBetween(reader.sequences.size() / 10, reader.sequences.size() / 10 + 1);
        }
    }

    @Test
    void theTimeInTheDatagramsAdvancesAtThePlannedRate() {
        Run run =
                run(
                        plan().protocols(Protocol.V5)
                                .exporters(1)
                                .records(24 * 1_000)
                                .recordsPerSecond(240_000));

        List<Long> times = run.readers.getFirst().exportTimesMs;
        assertThat(times.getLast() - times.getFirst()).isEqualTo(99);
    }

    @Test
    void exportersUseOneTemplateIdForDifferentLayouts() {
        Run run = run(plan().protocols(Protocol.IPFIX).exporters(4));

        assertThat(run.readers.stream().map(r -> r.template(256))).doesNotHaveDuplicates();
        assertThat(run.readers.stream().map(r -> r.template(257))).doesNotHaveDuplicates();
        assertThat(run.readers).allMatch(r -> r.undecodableSets == 0);
    }

    /** R4: data may come before its template. */
    @Test
    void templatesCanComeLateOnceAndAreRepeatedOtherwise() {
        Run run =
                run(
                        plan().protocols(Protocol.V9, Protocol.IPFIX)
                                .exporters(2)
                                .templatesAfterDatagrams(3)
                                .templateRefreshDatagrams(10)
                                .withholdEvery(4)
                                .templatesOnce(Set.of(1)));

        assertThat(run.readers).allMatch(r -> r.undecodableSets == 2 * 3);
        assertThat(run.readers.get(0).templateDatagrams).isGreaterThan(10);
        assertThat(run.readers.get(1).templateDatagrams).isEqualTo(1);
    }

    @Test
    void wideCountersPassThirtyTwoBits() {
        Run run = run(plan().protocols(Protocol.IPFIX).exporters(2));

        assertThat(run.readers.get(1).records).anyMatch(r -> r.number(1) > 0xffff_ffffL);
        assertThat(run.readers.get(0).records).noneMatch(r -> r.number(1) > 0xffff_ffffL);
    }

    @Test
    void theWidestDatagramsOfAllLayoutsFitIntoTheirSlots() {
        int records = 50;
        for (List<Protocol> protocols :
                List.of(List.of(Protocol.V9, Protocol.IPFIX), List.of(Protocol.SFLOW))) {
            int slot = Exporter.OVERHEAD_BYTES_MAX + records * Exporter.recordBytesMax(protocols);
            for (int ipv6Percent : List.of(0, 50, 100)) {
                Run run =
                        run(
                                plan().protocols(protocols.toArray(Protocol[]::new))
                                        .exporters(8)
                                        .recordsPerDatagram(protocols.size() == 1 ? 30 : records)
                                        .ipv6Percent(ipv6Percent));
                assertThat(run.sender.sent)
                        .allSatisfy(all -> assertThat(all).allMatch(d -> d.length <= slot));
            }
        }
    }

    @Test
    void theCsvHasAHeaderAndARowForEachPair() {
        Run run = run(plan().records(1_000).pairs(20).exporters(1).protocols(Protocol.V5));

        StringBuilder csv = new StringBuilder();
        run.truth.writeCsv(csv);

        List<String> lines = Arrays.asList(csv.toString().split("\n"));
        assertThat(lines.getFirst()).isEqualTo("src_addr,dst_addr,octets,packets,flows");
        assertThat(lines).hasSize(1 + sums(run.truth).size());
        assertThat(lines.get(1)).startsWith("10.0.0.1,198.18.0.1,");
        assertThat(lines.stream().skip(1).mapToLong(l -> Long.parseLong(l.split(",")[4])).sum())
                .isEqualTo(1_000);
    }

    @Test
    void aRateAndADurationMakeAReproducibleNumberOfRecords() {
        Run run = run(plan().durationMs(50).recordsPerSecond(100_000).exporters(2));

        assertThat(run.truth.records()).isEqualTo(5_000);
    }

    @Test
    void impossiblePlansAreRefusedByName() {
        assertThatThrownBy(() -> plan().recordsPerDatagram(31).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("recordsPerDatagram is 31; it can be 1 to 30");
        assertThatThrownBy(() -> plan().protocols(Protocol.V1).recordsPerDatagram(25).build())
                .hasMessage("recordsPerDatagram is 25; it can be 1 to 24");
        assertThatThrownBy(() -> plan().samplingRate(0).build())
                .hasMessageContaining("samplingRate is 0");
        assertThatThrownBy(() -> plan().exporters(201).build())
                .hasMessageContaining("exporters is 201");
        assertThatThrownBy(() -> plan().withholdEvery(1).build())
                .hasMessageContaining("withholdEvery is 1");
        assertThatThrownBy(() -> plan().ipv6Percent(100).build())
                .hasMessageContaining("v5 knows IPv4 alone");
        assertThatThrownBy(() -> plan().records(0).build()).hasMessageContaining("duration");
    }
}
