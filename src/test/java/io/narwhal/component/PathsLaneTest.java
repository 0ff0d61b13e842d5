package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.Recorder;
import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.base.Clock;
import io.narwhal.base.SentDatagrams;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.component.Agents.Agent;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.generate.Protocol;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.Truth;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.RequestWriter;
import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;
import io.narwhal.session.Holders;
import io.narwhal.session.SessionLimits;
import io.narwhal.wire.CopiesReport;
import io.narwhal.wire.DecoderLimits;
import io.narwhal.wire.ExporterReport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** A lane that reads what agents received: each path by itself, each record once. */
class PathsLaneTest {
    private static final long BEGIN_MS = 1_795_341_600_000L;
    private static final UsageDefinition BY_PAIR =
            new UsageDefinition("by-pair", List.of(Field.SRC_ADDR, Field.DST_ADDR), 60_000, 5_000);
    private static final UsageDefinition BY_SESSION =
            new UsageDefinition(
                    "by-session",
                    List.of(Field.SESSION_ID, Field.DIRECTION),
                    3_600_000,
                    3_600_000,
                    false,
                    UsageDefinition.Counts.SESSIONS);

    private final List<byte[]> rows = new ArrayList<>();
    private final Map<String, Long> octetsByPair = new TreeMap<>();
    private Lane lane = new Lane(work(100_000));

    private static Lane.Work work(int copies) {
        var few = DecoderLimits.DEFAULTS;
        return new Lane.Work(
                List.of(BY_PAIR, BY_SESSION),
                CustomerTable.empty(),
                few,
                AggregationLimits.DEFAULT,
                List.of(),
                SessionLimits.DEFAULTS,
                Holders.none(),
                LineWork.NONE,
                copies);
    }

    private void take(UsageRows frame) {
        var bytes = new StateWriter(64);
        frame.write(bytes);
        rows.add(bytes.toBytes());
        if (!frame.definition().equals(BY_PAIR)) {
            return;
        }
        for (int row = 0; row < frame.size(); row++) {
            octetsByPair.merge(
                    frame.text(row, 0) + "," + frame.text(row, 1), frame.octets(row), Long::sum);
        }
    }

    private void apply(byte[] frame) {
        lane.apply(frame, 0, frame.length, Crew.ALONE, this::take);
    }

    private void end() {
        lane.endStep(Crew.ALONE, this::take);
        lane.aggregations().forEach(one -> one.openRows(this::take));
        assertThat(lane.books().difference()).isEqualTo(new Tally());
        for (var one : lane.aggregations()) {
            assertThat(one.charged()).isEqualTo(lane.expected(one.definition()));
        }
    }

    private byte[] state() {
        var out = new StateWriter(1 << 16);
        lane.snapshot(out);
        return out.toBytes();
    }

    private static List<Recorder.Sent> v5(int... numbers) {
        return Arrays.stream(numbers)
                .mapToObj(
                        number -> {
                            byte[] payload = new byte[24 + 48];
                            payload[1] = 5;
                            payload[3] = 1;
                            payload[4 + 3] = 100; // uptime
                            int seconds = (int) (BEGIN_MS / 1_000);
                            for (int i = 0; i < 4; i++) {
                                payload[8 + i] = (byte) (seconds >>> 24 - 8 * i);
                            }
                            payload[18] = (byte) (number >> 8);
                            payload[19] = (byte) number;
                            payload[24 + 3] = 1;
                            payload[24 + 7] = 2;
                            payload[24 + 19] = 1;
                            payload[24 + 23] = 10;
                            return new Recorder.Sent(0, payload);
                        })
                .toList();
    }

    // --- Truth ------------------------------------------------------------------------------

    private record Traffic(List<Recorder.Sent> sent, Truth truth) {
        static Traffic of(long seed, Protocol... protocols) {
            List<Recorder.Sent> all = new ArrayList<>();
            var plan =
                    TrafficPlan.to(new InetSocketAddress("127.0.0.1", 2055))
                            .protocols(protocols)
                            .exporters(protocols.length * 2)
                            .records(20_000)
                            .recordsPerSecond(100_000)
                            .recordsPerDatagram(10)
                            .pairs(200)
                            .startMs(BEGIN_MS)
                            .seed(seed)
                            .build();
            try (var source = new TrafficSource(plan, new Taking(all), Clock.system())) {
                Truth truth = source.run(_ -> {});
                return new Traffic(all, truth);
            }
        }
    }

    private static final class Taking extends SentDatagrams {
        private final List<Recorder.Sent> sent;

        Taking(List<Recorder.Sent> sent) {
            this.sent = sent;
        }

        @Override
        public void send(int socket, int[] lengths, int count) {
            for (int slot = 0; slot < count; slot++) {
                byte[] payload = new byte[lengths[slot]];
                datagram(slot, lengths[slot]).get(payload);
                sent.add(new Recorder.Sent(socket, payload));
            }
        }
    }

    private static final Protocol[] ALL = {
        Protocol.V1, Protocol.V5, Protocol.V7, Protocol.V9, Protocol.IPFIX, Protocol.SFLOW
    };

    /** Which paths lost a datagram: 1, 2, both (only if they may) or none. */
    private static int loss(Random random, boolean maybeBoth) {
        int dice = random.nextInt(20);
        return dice < 3 ? 1 : dice < 6 ? 2 : maybeBoth && dice == 6 ? 3 : 0;
    }

    /** Frames of both paths in an order of their own: any lag, up to the whole run. */
    private static List<byte[]> interleaved(Random random, List<byte[]> one, List<byte[]> two) {
        List<byte[]> frames = new ArrayList<>();
        int lag = random.nextInt(one.size() + 1);
        int i = 0;
        int j = 0;
        while (i < one.size() || j < two.size()) {
            boolean first = i < one.size() && (j >= two.size() || i < j + lag);
            int run = 1 + random.nextInt(5);
            for (int k = 0; k < run; k++) {
                if (first && i < one.size()) {
                    frames.add(one.get(i++));
                } else if (!first && j < two.size()) {
                    frames.add(two.get(j++));
                }
            }
        }
        return frames;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatEitherPathHasIsChargedOnceAndEqualsTheTruth(long seed) {
        System.out.println("PathsLaneTest seed=" + seed);
        var random = new Random(seed);
        Traffic traffic = Traffic.of(seed, ALL);
        List<Recorder.Sent> one = new ArrayList<>();
        List<Recorder.Sent> two = new ArrayList<>();
        for (Recorder.Sent sent : traffic.sent()) {
            int lost = loss(random, false);
            if ((lost & 1) == 0) {
                one.add(sent);
            }
            if ((lost & 2) == 0) {
                two.add(sent);
            }
        }
        var first = new Agent("edge-1", "flows", 11);
        var second = new Agent("edge-2", "flows", 22);
        List<byte[]> frames =
                interleaved(
                        random,
                        Agents.received(first, BEGIN_MS, one),
                        Agents.received(second, BEGIN_MS + 7, two));
        for (int i = 0; i < frames.size(); i++) {
            apply(frames.get(i));
            if (random.nextInt(40) == 0) {
                lane.endStep(Crew.ALONE, this::take);
                lane = new Lane(work(100_000), new StateReader(state()));
            }
        }
        end();

        Books books = lane.books();
        assertThat(books.accounted().records()).isEqualTo(traffic.truth().records());
        assertThat(books.accounted().octets()).isEqualTo(traffic.truth().octets());
        assertThat(books.held().records()).isZero();
        assertThat(books.rejected().records()).isZero();
        assertThat(books.duplicate().records())
                .isEqualTo(books.received().records() - traffic.truth().records());
        traffic.truth()
                .forEachPair(
                        (source, destination, octets, packets, flows) ->
                                assertThat(octetsByPair.remove(source + "," + destination))
                                        .isEqualTo(octets));
        assertThat(octetsByPair).isEmpty();
        assertThat(lane.losses().datagrams()).isEqualTo(one.size() + (long) two.size());
        assertThat(lane.losses().datagramsJournalled()).isEqualTo(lane.losses().datagrams());
        assertThat(copies().mapToLong(CopiesReport::forgotten).sum()).isZero();
        assertThat(copies().mapToLong(CopiesReport::uncompared).sum()).isZero();
        assertThat(exporters(1)).isNotEmpty().allMatch(report -> report.missing() >= 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void whatBothLostIsMissingAndWithWhatIsAccountedItIsTheTruth(long seed) {
        System.out.println("PathsLaneTest seed=" + seed);
        var random = new Random(seed);
        Traffic traffic = Traffic.of(seed, Protocol.V5, Protocol.V9);
        List<Recorder.Sent> one = new ArrayList<>();
        List<Recorder.Sent> two = new ArrayList<>();
        long everywhere = 0;
        int[] seen = new int[8];
        int[] total = new int[8];
        traffic.sent().forEach(sent -> total[sent.exporter()]++);
        for (Recorder.Sent sent : traffic.sent()) {
            int number = seen[sent.exporter()]++;
            boolean isInside = number > 0 && number < total[sent.exporter()] - 1;
            int lost = isInside ? loss(random, true) : 0; // templates come with the first
            if ((lost & 1) == 0) {
                one.add(sent);
            }
            if ((lost & 2) == 0) {
                two.add(sent);
            }
            everywhere += lost == 3 ? records(sent) : 0;
        }
        List<byte[]> frames =
                interleaved(
                        random,
                        Agents.received(new Agent("edge-1", "flows", 11), BEGIN_MS, one),
                        Agents.received(new Agent("edge-2", "flows", 22), BEGIN_MS, two));
        frames.forEach(this::apply);
        end();

        assertThat(everywhere).isPositive();
        assertThat(lane.books().accounted().records() + everywhere)
                .isEqualTo(traffic.truth().records());
        // What each path missed by itself is what it was not sent.
        for (int path = 1; path <= 2; path++) {
            long lost = traffic.sent().size() - (path == 1 ? one.size() : two.size());
            long missing =
                    exporters(path)
                            .mapToLong(
                                    report ->
                                            report.protocol().label().equals("netflow-v5")
                                                    ? report.missing()
                                                    : 0)
                            .sum();
            assertThat(missing).isPositive();
            assertThat(lost).isPositive();
        }
    }

    private static int records(Recorder.Sent sent) {
        byte[] bytes = sent.payload();
        return bytes[1] == 5 ? bytes[3] : bytes[3] & 0xff;
    }

    private Stream<CopiesReport> copies() {
        return lane.decoders().stream().flatMap(one -> one.copies().stream());
    }

    private Stream<ExporterReport> exporters(int path) {
        return lane.decoders().stream()
                .flatMap(one -> one.exporters().stream())
                .filter(report -> report.path() == path);
    }

    // --- The same bytes ---------------------------------------------------------------------

    private record Result(List<String> rows, List<String> states) {}

    @Test
    void r20_threadsAndRestartsChangeNoByte() {
        Traffic traffic = Traffic.of(9, ALL);
        var random = new Random(9);
        List<Recorder.Sent> one =
                traffic.sent().stream().filter(_ -> random.nextInt(9) > 0).toList();
        List<Recorder.Sent> two =
                traffic.sent().stream().filter(_ -> random.nextInt(9) > 0).toList();
        List<byte[]> frames =
                interleaved(
                        random,
                        Agents.received(new Agent("edge-1", "flows", 11), BEGIN_MS, one),
                        Agents.received(new Agent("edge-2", "flows", 22), BEGIN_MS, two));
        Result alone = run(frames, 1, 0);
        assertThat(run(frames, 2, 0)).isEqualTo(alone);
        assertThat(run(frames, 5, 3)).isEqualTo(alone);
        assertThat(run(frames, 1, 1)).isEqualTo(alone);
    }

    // So few that the shards take room from each other all the time.
    private static Result run(List<byte[]> frames, int threads, int restartEvery) {
        var work = work(150);
        var lane = new Lane(work);
        List<String> rows = new ArrayList<>();
        List<String> states = new ArrayList<>();
        int steps = 0;
        try (var crew = new Crew(threads)) {
            for (byte[] frame : frames) {
                if (lane.apply(frame, 0, frame.length, crew, one -> rows.add(digest(one)))) {
                    var state = new StateWriter(1 << 16);
                    lane.snapshot(state);
                    states.add(digest(state));
                    if (restartEvery > 0 && ++steps % restartEvery == 0) {
                        lane = new Lane(work, new StateReader(state.toBytes()));
                    }
                }
            }
            lane.endStep(crew, one -> rows.add(digest(one)));
        }
        int remembered = lane.decoders().stream().mapToInt(one -> one.copiesRemembered()).sum();
        assertThat(remembered).isBetween(100, 150 + 2 * Step.FRAMES_MAX * 8);
        return new Result(rows, states);
    }

    private static String digest(UsageRows frame) {
        var bytes = new StateWriter(64);
        frame.write(bytes);
        return digest(bytes);
    }

    private static String digest(StateWriter bytes) {
        var crc = new CRC32C();
        crc.update(bytes.array(), 0, bytes.size());
        return bytes.size() + ":" + HexFormat.of().toHexDigits(crc.getValue());
    }

    // --- One path by itself -----------------------------------------------------------------

    @Test
    void oneAgentAloneIsAccountedAsIfItWereThisHost() {
        Traffic traffic = Traffic.of(12, ALL);
        var agent = new Agent("edge-1", "flows", 11);
        var here = new Lane(work(100));
        for (int i = 0; i < traffic.sent().size(); i += 8) {
            List<Recorder.Sent> some =
                    traffic.sent().subList(i, Math.min(i + 8, traffic.sent().size()));
            apply(agent.datagrams(BEGIN_MS + i, some));
        }
        var local = new Agent("", "", 0);
        for (int i = 0; i < traffic.sent().size(); i += 8) {
            List<Recorder.Sent> some =
                    traffic.sent().subList(i, Math.min(i + 8, traffic.sent().size()));
            byte[] block = local.block(ReceivedBlock.Kind.DATAGRAMS, BEGIN_MS + i, some);
            here.apply(block, 0, block.length, Crew.ALONE, _ -> {});
        }
        end();
        here.endStep(Crew.ALONE, _ -> {});

        assertThat(lane.books().received()).isEqualTo(here.books().received());
        assertThat(lane.books().accounted()).isEqualTo(here.books().accounted());
        assertThat(lane.books().duplicate()).isEqualTo(here.books().duplicate());
        assertThat(lane.paths().name(1)).isEqualTo("edge-1/flows");
        assertThat(here.paths().count()).isZero();
    }

    @Test
    void theCloseOfOneAgentClosesNothingAndThatOfAllClosesEveryBin() {
        var first = new Agent("edge-1", "flows", 11);
        var second = new Agent("edge-2", "flows", 22);
        apply(first.datagrams(BEGIN_MS, v5(1)));
        apply(second.datagrams(BEGIN_MS, v5(2)));
        apply(first.mark(ReceivedBlock.Kind.CLOSE, BEGIN_MS + 1));
        assertThat(rows).isEmpty();
        apply(second.mark(ReceivedBlock.Kind.CLOSE, BEGIN_MS + 2));
        assertThat(rows).hasSize(1);
    }

    @Test
    void theCloseOfThisHostClosesEveryBin() {
        var first = new Agent("edge-1", "flows", 11);
        apply(first.datagrams(BEGIN_MS, v5(1)));
        apply(new Agent("", "", 0).block(ReceivedBlock.Kind.CLOSE, BEGIN_MS + 1, List.of()));
        assertThat(rows).hasSize(1);
    }

    @Test
    void whatAnAgentThatWasCutOffBringsLateIsAddedToBinsThatClosed() {
        var first = new Agent("edge-1", "flows", 11);
        var second = new Agent("edge-2", "flows", 22);
        apply(first.datagrams(BEGIN_MS, v5(1)));
        apply(first.mark(ReceivedBlock.Kind.TICK, BEGIN_MS + 10_000_000));
        assertThat(rows).isNotEmpty();
        apply(second.datagrams(BEGIN_MS, v5(1, 2)));
        apply(second.mark(ReceivedBlock.Kind.TICK, BEGIN_MS + 1));

        assertThat(lane.watermarkMs()).isEqualTo(BEGIN_MS + 10_000_000);
        end();
        assertThat(octetsByPair.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(20);
    }

    @Test
    void aGapIsDamageOfItsPath() {
        var first = new Agent("edge-1", "flows", 11);
        var second = new Agent("edge-2", "flows", 22);
        apply(first.datagrams(BEGIN_MS, v5(1)));
        first.block(ReceivedBlock.Kind.DATAGRAMS, BEGIN_MS, v5(2, 3)); // never comes
        apply(first.gap(1_000));
        apply(first.datagrams(BEGIN_MS, v5(4)));
        apply(second.datagrams(BEGIN_MS, v5(4)));
        end();

        assertThat(lane.losses().damagedBytes()).isEqualTo(1_000);
        assertThat(lane.losses().datagramsJournalled()).isEqualTo(5);
        assertThat(lane.losses().datagrams()).isEqualTo(3);
        assertThat(lane.watermarkMs()).isEqualTo(BEGIN_MS);
        assertThat(lane.paths().losses(1).damagedBytes()).isEqualTo(1_000);
    }

    @Test
    void anAgentThatIsRebornAndOneThatIsJoinedLateOweNothing() {
        var agent = new Agent("edge-1", "flows", 11);
        agent.block(ReceivedBlock.Kind.DATAGRAMS, BEGIN_MS, v5(1, 2, 3)); // before we knew it
        apply(agent.datagrams(BEGIN_MS, v5(4)));
        agent.reborn();
        apply(agent.datagrams(BEGIN_MS, v5(5)));
        end();
        assertThat(lane.losses().datagramsJournalled()).isEqualTo(2);
        assertThat(lane.losses().datagrams()).isEqualTo(2);
    }

    @Test
    void kernelDropsOfAllPathsAddUp() {
        var first = new Agent("edge-1", "flows", 11);
        var second = new Agent("edge-2", "flows", 22);
        first.kernelDrops = 5;
        second.kernelDrops = 7;
        apply(first.datagrams(BEGIN_MS, v5(1)));
        apply(second.datagrams(BEGIN_MS, v5(1)));
        apply(first.datagrams(BEGIN_MS, v5(2)));
        end();
        assertThat(lane.losses().kernelDropped()).isEqualTo(12);
    }

    @Test
    void whatWasSetAsideIsRecycledByItsPathAndCountsUnlessTheOtherSuppliedIt() {
        var first = new Agent("edge-1", "flows", 11);
        var second = new Agent("edge-2", "flows", 22);
        var zeroth = new BitSet();
        zeroth.set(0);
        lane.setAside(Map.of(100L, zeroth, 200L, zeroth));
        byte[] one = first.datagrams(BEGIN_MS, v5(1));
        byte[] two = first.datagrams(BEGIN_MS, v5(2));
        lane.apply(one, 0, one.length, 100, Crew.ALONE, this::take);
        lane.apply(two, 0, two.length, 200, Crew.ALONE, this::take);
        apply(second.datagrams(BEGIN_MS, v5(1)));
        lane.endStep(Crew.ALONE, this::take);
        assertThat(lane.books().held().records()).isEqualTo(2);
        assertThat(lane.books().accounted().records()).isOne();

        lane.recycle(
                1,
                List.of(
                        new HeldDatagram(100, 0, 0, 1, one, List.of()),
                        new HeldDatagram(200, 0, 0, 1, two, List.of())),
                Set.of(),
                Crew.ALONE,
                this::take);
        end();
        assertThat(lane.books().held().records()).isZero();
        assertThat(lane.books().accounted().records()).isEqualTo(2);
        assertThat(lane.books().duplicate().records()).isOne();
        assertThat(exporters(1)).hasSize(1);
    }

    @Test
    void damageInTheManagersOwnJournalStaysItsOwn() {
        apply(new Agent("edge-1", "flows", 11).datagrams(BEGIN_MS, v5(1)));
        lane.onDamage(99);
        end();
        assertThat(lane.losses().damagedBytes()).isEqualTo(99);
    }

    // --- RADIUS -----------------------------------------------------------------------------

    private static Recorder.Sent request(int status, long atMs, long up, int identifier) {
        byte[] packet = new byte[Attribute.PACKET_BYTES_MAX];
        int length =
                new RequestWriter()
                        .begin(packet, 0, identifier)
                        .integer(Attribute.ACCT_STATUS_TYPE, status)
                        .text(Attribute.ACCT_SESSION_ID, "s1")
                        .integer(Attribute.ACCT_INPUT_OCTETS, (int) up)
                        .integer(Attribute.EVENT_TIMESTAMP, (int) (atMs / 1_000))
                        .end(("secret" + identifier).getBytes(StandardCharsets.US_ASCII));
        return new Recorder.Sent(0, Arrays.copyOf(packet, length));
    }

    @Test
    void requestsThatTwoCollectorsTookCountOnceWhateverTheirSecretAndOrder() {
        var first = new Agent("edge-1", "radius", 11);
        var second = new Agent("edge-2", "radius", 22);
        apply(first.requests(BEGIN_MS, List.of(request(1, BEGIN_MS, 0, 1))));
        apply(first.requests(BEGIN_MS + 60_000, List.of(request(3, BEGIN_MS + 60_000, 100, 2))));
        // The second has all, and what the first never got.
        apply(second.requests(BEGIN_MS, List.of(request(1, BEGIN_MS, 0, 71))));
        apply(second.requests(BEGIN_MS + 60_000, List.of(request(3, BEGIN_MS + 60_000, 100, 72))));
        apply(second.requests(BEGIN_MS + 90_000, List.of(request(2, BEGIN_MS + 90_000, 250, 73))));
        end();

        assertThat(lane.requests().accounted().octets()).isEqualTo(250);
        assertThat(lane.requests().duplicate().records()).isEqualTo(2);
        assertThat(lane.sessions()).hasSize(1);
        assertThat(lane.decoders()).hasSize(1);
    }
}
