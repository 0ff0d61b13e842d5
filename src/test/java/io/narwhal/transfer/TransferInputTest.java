package io.narwhal.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Whatever comes, from the disk or from the other side, is an outcome and never a crash. */
class TransferInputTest {
    private static final StreamId STREAM = new StreamId(Journal.RECEIVED, "flows");

    private static ReaderState state() {
        ReaderState state = new ReaderState();
        state.opened = true;
        state.active = "m1";
        MemberState member = new MemberState();
        member.instance = "i";
        member.reserved = 9;
        state.members.put("m1", member);
        StreamState stream = new StreamState(7);
        stream.acknowledged(3, 0, 50, "m1");
        stream.acknowledged(4, 50, 90, "m2");
        stream.mark = 70;
        state.streams.put(STREAM, stream);
        state.doubts.add(new Doubt(STREAM, 7, 90, 120, "m2", List.of("m1"), Doubt.Outcome.OPEN));
        state.doubts.add(new Doubt(STREAM, 7, 50, 90, "m2", List.of(), Doubt.Outcome.COUNT));
        return state;
    }

    private static ReaderState read(byte[] bytes) {
        return switch (ReaderState.read(bytes)) {
            case ReaderState.Outcome.Read(var state) -> state;
            case ReaderState.Outcome.Malformed(var why) -> throw new AssertionError(why);
        };
    }

    @Test
    void theStateOfAReaderComesBackAsItWas() {
        byte[] bytes = state().toBytes();
        ReaderState back = read(bytes);
        assertThat(back.toBytes()).isEqualTo(bytes);
        assertThat(back.doubts).isEqualTo(state().doubts);
        assertThat(back.streams.get(STREAM).position).isEqualTo(90);
        assertThat(back.members.get("m1").txn).as("numbers of the block are skipped").isEqualTo(9);
    }

    @Test
    void bytesThatAreNoStateAreAnOutcome() {
        byte[] bytes = state().toBytes();
        for (int length = 0; length < bytes.length; length++) {
            assertThat(ReaderState.read(Arrays.copyOf(bytes, length)))
                    .isInstanceOf(ReaderState.Outcome.Malformed.class);
        }
        for (int i = 0; i < bytes.length * 8; i++) {
            byte[] flipped = bytes.clone();
            flipped[i / 8] ^= (byte) (1 << i % 8);
            assertThat(ReaderState.read(flipped)).isNotNull();
        }
    }

    @Test
    void aStateThatCannotBeReadIsAnAlarmAndTheAgentBegins() {
        List<TransferEvent> events = new ArrayList<>();
        AgentSettings settings = new AgentSettings("a", 0, "1", Map.of("m", List.of("m")), 1);
        Agent.open(settings, shelf(events), Map.of("m.received", new byte[] {9}), 0);
        assertThat(events).extracting(TransferEvent::kind).contains(TransferEvent.Kind.ALARM);
    }

    @Test
    void positionsComeBackAsTheyWereAndMalformedOnesSaySo() {
        Positions positions = new Positions();
        positions.appended(STREAM, 1, 5, 0, 40, 1);
        positions.appended(STREAM, 1, 6, 40, 80, 2);
        positions.appended(STREAM, 1, 7, 60, 70, 3);
        positions.appended(STREAM, 2, 8, 0, 10, 4);
        assertThat(positions.stores())
                .containsExactly(
                        new Saved(STREAM, 2, 10, List.of(new Incarnation(8, 0))),
                        new Saved(
                                STREAM,
                                1,
                                70,
                                List.of(
                                        new Incarnation(5, 0),
                                        new Incarnation(6, 40),
                                        new Incarnation(7, 60))),
                        new Saved(
                                STREAM,
                                1,
                                80,
                                List.of(new Incarnation(5, 0), new Incarnation(6, 40))));
        StateWriter to = new StateWriter(64);
        positions.write(to);
        byte[] bytes = to.toBytes();
        Positions back = Positions.read(new StateReader(bytes));
        assertThat(back.stores()).isEqualTo(positions.stores());
        assertThat(back.lastTxn()).isEqualTo(4);
        assertThatThrownBy(() -> Positions.read(new StateReader(bytes, 0, bytes.length - 1)))
                .isInstanceOf(StateReader.Malformed.class);
    }

    // ---- messages ----

    private static final class Dice {
        final SplittableRandom random;

        Dice(long seed) {
            random = new SplittableRandom(seed);
        }

        long number() {
            return switch (random.nextInt(8)) {
                case 0 -> 0;
                case 1 -> -1;
                case 2 -> Long.MAX_VALUE;
                case 3 -> Long.MIN_VALUE;
                case 4 -> random.nextLong();
                case 5 -> 100L * random.nextInt(5);
                default -> random.nextInt(4);
            };
        }

        StreamId stream() {
            return new StreamId(
                    random.nextInt(5) == 0 ? Journal.USAGE : Journal.RECEIVED,
                    random.nextInt(5) == 0 ? "other" : "flows");
        }

        List<Incarnation> lineage() {
            List<Incarnation> lineage = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                lineage.add(new Incarnation(random.nextInt(3), number()));
            }
            return lineage;
        }

        Occupancy occupancy() {
            return new Occupancy(number(), number(), number(), (int) number());
        }

        String name() {
            return random.nextInt(4) == 0 ? "" : random.nextInt(4) == 0 ? "x" : "m";
        }

        FromManager toAgent() {
            return switch (random.nextInt(8)) {
                case 0 -> {
                    List<Saved> saved = new ArrayList<>();
                    for (int i = random.nextInt(3); i > 0; i--) {
                        saved.add(new Saved(stream(), epoch(), number(), lineage()));
                    }
                    yield new FromManager.Open(
                            name(), 1, "i" + number(), stream().journal(), saved, number());
                }
                case 1 ->
                        new FromManager.SetThresholds(
                                number(),
                                new Thresholds(
                                        (int) number(),
                                        (int) number(),
                                        number(),
                                        number(),
                                        number()));
                case 2, 3 -> new FromManager.ProvideAccountingData(number(), number(), number());
                case 4 -> new FromManager.Acknowledge(number(), number());
                case 5 -> new FromManager.Resolved(stream(), epoch(), number(), number());
                case 6 -> new FromManager.Trouble(Code.BUSY, "", number());
                default -> new FromManager.Status();
            };
        }

        long epoch() {
            return random.nextInt(3) == 0 ? number() : 77;
        }

        FromAgent toManager() {
            return switch (random.nextInt(10)) {
                case 0 -> {
                    List<Stream> streams = new ArrayList<>();
                    for (int i = random.nextInt(3); i > 0; i--) {
                        streams.add(new Stream(stream(), epoch(), lineage(), number(), number()));
                    }
                    yield new FromAgent.Hello("a", 1, number(), streams, number(), "");
                }
                case 1 -> {
                    List<Resumption> all = new ArrayList<>();
                    Verdict[] verdicts = Verdict.values();
                    for (int i = random.nextInt(3); i > 0; i--) {
                        Verdict verdict = verdicts[random.nextInt(verdicts.length)];
                        long from = number();
                        all.add(
                                new Resumption(
                                        stream(), epoch(), from, verdict, number(), from, ""));
                    }
                    yield new FromAgent.Opened(all);
                }
                case 2 -> new FromAgent.ThresholdsResult(number(), false, "");
                case 3 -> new FromAgent.PullRequest(EnumSet.allOf(Reason.class), occupancy(), "");
                case 4, 5 -> data();
                case 6 -> new FromAgent.EndOfData(random.nextInt(4), number(), occupancy(), true);
                case 7 -> new FromAgent.Resolve(stream(), epoch(), number(), number(), true);
                case 8 -> new FromAgent.Status(occupancy());
                default -> new FromAgent.Trouble(Code.BUSY, "", number());
            };
        }

        private FromAgent.AccountingData data() {
            byte[] junk = new byte[random.nextInt(60)];
            for (int i = 0; i < junk.length; i++) {
                junk[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : 0);
            }
            ByteBuffer frames =
                    random.nextBoolean()
                            ? SimulatedTransfer.frame(0, 1, number())
                            : ByteBuffer.wrap(junk);
            return new FromAgent.AccountingData(
                    number(),
                    stream(),
                    epoch(),
                    number(),
                    number(),
                    number(),
                    number(),
                    number(),
                    number(),
                    number(),
                    true,
                    "",
                    frames,
                    number(),
                    random.nextInt(4) == 0 ? "gap" : "");
        }
    }

    private static Holding shelf(List<TransferEvent> events) {
        return new Holding() {
            @Override
            public List<Stream> streams(Journal journal) {
                List<Incarnation> lineage = List.of(new Incarnation(1, 0), new Incarnation(2, 100));
                return journal == Journal.USAGE
                        ? List.of()
                        : List.of(new Stream(STREAM, 77, lineage, 0, 300));
            }

            @Override
            public Slice read(StreamId stream, long from, long before, long records, int bytes) {
                assertThat(from).isBetween(0L, 299L);
                long end = Math.min(before, from + 100 - from % 100);
                ByteBuffer frame = SimulatedTransfer.frame(0, 1 + from, from);
                return new Slice.Frames(from, end, 1 + from, 1 + from, 1, 1, frame);
            }

            @Override
            public Occupancy occupancy(Journal journal, Map<StreamId, Long> acknowledged) {
                return new Occupancy(3, 300, 1, 10);
            }

            @Override
            public void save(String name, byte[] state) {}

            @Override
            public void free(String reader, StreamId stream, long through) {
                assertThat(through).isBetween(0L, 300L);
            }

            @Override
            public long wallMicros() {
                return 1;
            }

            @Override
            public void note(String reader, TransferEvent event) {
                events.add(event);
            }
        };
    }

    @Test
    void noMessageOfAManagerBreaksAnAgent() {
        for (long seed = 0; seed < 5_000; seed++) {
            Dice dice = new Dice(seed);
            List<FromAgent> said = new ArrayList<>();
            Map<String, List<String>> readers = Map.of("g", List.of("m", "x"));
            AgentSettings settings = new AgentSettings("a", 0, "1", readers, 100);
            Agent agent = Agent.open(settings, shelf(new ArrayList<>()), Map.of(), 0);
            AgentLink link = agent.connect("", said::add, 0);
            if (seed % 2 == 0) {
                link.receive(new FromManager.Open("m", 1, "i", Journal.RECEIVED, List.of(), 0), 0);
            }
            for (int step = 0; step < 20; step++) {
                try {
                    link.receive(dice.toAgent(), step);
                    link.work(step);
                    agent.tick(step);
                    agent.facts();
                } catch (RuntimeException e) {
                    throw new AssertionError("seed " + seed + " after " + said, e);
                }
            }
        }
    }

    @Test
    void noMessageOfAnAgentBreaksAManager() {
        for (long seed = 0; seed < 5_000; seed++) {
            Dice dice = new Dice(seed);
            Positions positions = new Positions();
            positions.appended(STREAM, 77, 1, 0, 100, 1);
            Manager manager = new Manager(new ManagerSettings("m", "i", 10_000), cellar(positions));
            Thresholds thresholds = new Thresholds(75, 50, 1, 0, 500);
            ManagerLink link =
                    manager.add(
                            new LinkSettings("l", "a", Journal.RECEIVED, 1, thresholds, 10, 1_000),
                            0);
            link.connected("a", _ -> {}, 0);
            if (seed % 2 == 0) {
                Stream stream = new Stream(STREAM, 77, List.of(new Incarnation(1, 0)), 0, 300);
                link.receive(new FromAgent.Hello("a", 1, 0, List.of(stream), 0, ""), 0);
                Resumption on = new Resumption(STREAM, 77, 100, Verdict.RESUMES, 100, 100, "");
                link.receive(new FromAgent.Opened(List.of(on)), 0);
            }
            for (int step = 1; step < 20; step++) {
                try {
                    link.receive(dice.toManager(), step);
                    manager.forced(manager.appended(), step);
                    manager.tick(step);
                    manager.facts();
                } catch (RuntimeException e) {
                    throw new AssertionError("seed " + seed, e);
                }
            }
        }
    }

    private static Saving cellar(Positions positions) {
        return new Saving() {
            @Override
            public Positions positions(String link) {
                return positions;
            }

            @Override
            public void append(String link, FromAgent.AccountingData data) {
                assertThat(data.through()).isGreaterThan(data.from());
            }

            @Override
            public void duplicate(String link, FromAgent.AccountingData data) {}

            @Override
            public void resumed(String link, Resumption resumption) {}

            @Override
            public void resolve(String link, FromAgent.Resolve resolve) {}

            @Override
            public Room room() {
                return new Room(100, 10_000);
            }

            @Override
            public void note(String link, TransferEvent event) {}
        };
    }
}
