package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.Recorder;
import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.base.Clock;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StateWriter;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.config.NodeConfig;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.generate.Protocol;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.record.Field;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.session.Holders;
import io.narwhal.session.SessionLimits;
import io.narwhal.transfer.Agent;
import io.narwhal.transfer.AgentLink;
import io.narwhal.transfer.AgentSettings;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;
import io.narwhal.transfer.Holding;
import io.narwhal.transfer.Incarnation;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.LinkSettings;
import io.narwhal.transfer.Manager;
import io.narwhal.transfer.ManagerLink;
import io.narwhal.transfer.ManagerSettings;
import io.narwhal.transfer.ManagerState;
import io.narwhal.transfer.Occupancy;
import io.narwhal.transfer.Slice;
import io.narwhal.transfer.Stream;
import io.narwhal.transfer.StreamId;
import io.narwhal.transfer.Thresholds;
import io.narwhal.transfer.TransferEvent;
import io.narwhal.wire.DecoderLimits;

import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * R46 (the same result whether a chain runs on one host or is cut): an agent and a manager, with
 * their real state machines and the manager's real saving, joined by queues instead of sockets; a
 * lane reads what the manager published, and gives the same rows as one that read at the agent.
 */
class PullLoopTest {
    private static final long BEGIN_MS = 1_795_341_600_000L;
    private static final NodeLayout LAYOUT = new NodeLayout(Path.of("/data"));
    private static final StreamId FLOWS = new StreamId(Journal.RECEIVED, "flows");
    private static final UsageDefinition BY_PAIR =
            new UsageDefinition("by-pair", List.of(Field.SRC_ADDR, Field.DST_ADDR), 60_000, 5_000);

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final List<byte[]> frames = frames();

    private static List<byte[]> frames() {
        var plan =
                TrafficPlan.to(new InetSocketAddress("127.0.0.1", 2055))
                        .protocols(Protocol.V5, Protocol.V9, Protocol.IPFIX)
                        .exporters(6)
                        .records(20_000)
                        .recordsPerSecond(100_000)
                        .recordsPerDatagram(10)
                        .pairs(200)
                        .startMs(BEGIN_MS)
                        .seed(1)
                        .build();
        var collector = new Agents.Agent("edge-1", "flows", 1);
        List<Recorder.Sent> sent = Recorder.record(plan);
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < sent.size(); i += 8) {
            frames.add(
                    collector.block(
                            ReceivedBlock.Kind.DATAGRAMS,
                            BEGIN_MS + i,
                            sent.subList(i, Math.min(i + 8, sent.size()))));
        }
        frames.add(collector.block(ReceivedBlock.Kind.CLOSE, BEGIN_MS + 600_000, List.of()));
        return frames;
    }

    @Test
    void aChainThatIsCutAtReceivedGivesTheSameRows() {
        assertThat(pulled(Integer.MAX_VALUE)).isEqualTo(accounted(frames));
    }

    @Test
    void connectionsThatBreakAgainAndAgainChangeNothing() {
        assertThat(pulled(7)).isEqualTo(accounted(frames));
    }

    @Test
    void aFrameThatNoJournalHereTakesStopsItsLinkAndIsKeptByTheAgent() {
        int largest = frames.stream().mapToInt(one -> one.length).max().orElseThrow();
        var checkpoints = new CheckpointStore(disk, LAYOUT.checkpoints(), NodeConfig.PULL);
        PullStore.Setup setup = setup(checkpoints, new JournalLimits(1 << 20, largest, 0, 0));
        var at = new AgentStore(frames);
        try (PullStore store = PullStore.open(setup, new PullState())) {
            var loop = new Loop(store, at, Integer.MAX_VALUE);
            for (int i = 0; i < 3; i++) {
                loop.nowMs += 20_000;
                loop.connection(20_000);
                assertThat(loop.link.state()).isEqualTo(ManagerState.DISCONNECTED);
                assertThat(loop.link.connectAtMs() - loop.nowMs)
                        .as("it is not tried again at once")
                        .isGreaterThan(5_000);
            }
            assertThat(loop.link.refused())
                    .contains("received/flows has a frame of")
                    .contains("set journals.received.segment to");
            assertThat(at.freed).as("only what lies before the first frame").isEqualTo(64);
            assertThat(store.state().events())
                    .filteredOn(event -> event.detail().contains("journals.received.segment"))
                    .as("it is told once")
                    .hasSize(1);
            store.commit();
            store.checkpoint();
        }
        // With what it asks for, nothing is missing.
        assertThat(pulled(Integer.MAX_VALUE)).isEqualTo(accounted(frames));
    }

    private List<String> accounted(List<byte[]> all) {
        var rows = new ArrayList<String>();
        var lane =
                new Lane(
                        new Lane.Work(
                                List.of(BY_PAIR),
                                CustomerTable.empty(),
                                DecoderLimits.DEFAULTS,
                                AggregationLimits.DEFAULT,
                                List.of(),
                                SessionLimits.DEFAULTS,
                                Holders.none(),
                                LineWork.NONE,
                                100_000));
        for (byte[] frame : all) {
            lane.apply(frame, 0, frame.length, Crew.ALONE, one -> told(one, rows));
        }
        lane.endStep(Crew.ALONE, one -> told(one, rows));
        assertThat(lane.books().difference()).isEqualTo(new Tally());
        assertThat(lane.books().accounted().records()).isEqualTo(20_000);
        // In which order a lane adds up what several exporters sent is its own affair.
        rows.sort(null);
        return rows;
    }

    private static void told(io.narwhal.record.UsageRows one, List<String> rows) {
        for (int row = 0; row < one.size(); row++) {
            rows.add(
                    "%s %d %s %s %d %d %d"
                            .formatted(
                                    one.kind(),
                                    one.binStartMs(row),
                                    one.text(row, 0),
                                    one.text(row, 1),
                                    one.octets(row),
                                    one.packets(row),
                                    one.flows(row)));
        }
    }

    // ---- both sides ----

    private List<String> pulled(int messagesOfConnection) {
        var at = new AgentStore(frames);
        var checkpoints = new CheckpointStore(disk, LAYOUT.checkpoints(), NodeConfig.PULL);
        PullStore.Setup setup = setup(checkpoints, JournalLimits.DEFAULT);
        try (PullStore store = PullStore.open(setup, PullState.of(checkpoints.load()))) {
            new Loop(store, at, messagesOfConnection).run();
            store.checkpoint();
            assertThat(store.state().stream("edge-1", FLOWS).counts().uncounted()).isZero();
        }
        return accounted(published());
    }

    private PullStore.Setup setup(CheckpointStore checkpoints, JournalLimits limits) {
        Clock clock = Clock.system();
        Map<PullState.Place, JournalSettings> journals = new EnumMap<>(PullState.Place.class);
        journals.put(
                PullState.Place.RECEIVED,
                new JournalSettings(
                        LAYOUT.received(NodeConfig.PULL), limits, List.of(NodeConfig.PULL)));
        journals.put(
                PullState.Place.PARKED,
                new JournalSettings(LAYOUT.parked(), limits, List.of(NodeConfig.PULL)));
        return new PullStore.Setup(
                disk, clock, checkpoints, journals, List.of(BY_PAIR), () -> 77, NodeConfig.PULL);
    }

    private List<byte[]> published() {
        List<byte[]> all = new ArrayList<>();
        try (var reader = JournalReader.open(disk, LAYOUT.received(NodeConfig.PULL), 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                byte[] frame = new byte[reader.payloadLength()];
                System.arraycopy(reader.bytes(), reader.payloadOffset(), frame, 0, frame.length);
                all.add(frame);
            }
        }
        return all;
    }

    /** Carries messages between the two, and breaks off every so many. */
    private static final class Loop {
        private final PullStore store;
        private final AgentStore at;
        private final int messagesOfConnection;
        private final Manager manager;
        private final ManagerLink link;
        private final Agent agent;
        private long nowMs = 1_000;

        Loop(PullStore store, AgentStore at, int messagesOfConnection) {
            this.store = store;
            this.at = at;
            this.messagesOfConnection = messagesOfConnection;
            manager = new Manager(new ManagerSettings("central", "1", 64 << 20), store);
            link =
                    manager.add(
                            new LinkSettings(
                                    "edge-1",
                                    "edge-1",
                                    Journal.RECEIVED,
                                    1_000,
                                    new Thresholds(75, 50, 0, 0, 5_000),
                                    3_000,
                                    1 << 20),
                            nowMs);
            agent =
                    Agent.open(
                            new AgentSettings(
                                    "edge-1",
                                    0,
                                    "1",
                                    Map.of("central", List.of("central")),
                                    30_000),
                            at,
                            Map.of(),
                            nowMs);
        }

        void run() {
            for (int connection = 0; at.freed < at.end(); connection++) {
                assertThat(connection).isLessThan(2_000);
                nowMs = Math.max(nowMs, link.connectAtMs());
                connection(messagesOfConnection);
            }
        }

        private void connection(int messagesOfConnection) {
            Deque<FromAgent> toManager = new ArrayDeque<>();
            Deque<FromManager> toAgent = new ArrayDeque<>();
            AgentLink here = agent.connect("central", toManager::add, nowMs);
            link.connected("edge-1", toAgent::add, nowMs);
            for (int left = messagesOfConnection;
                    left > 0
                            && at.freed < at.end()
                            && link.state() != ManagerState.DISCONNECTED; ) {
                nowMs += 50;
                while (!toManager.isEmpty() && left-- > 0) {
                    link.receive(toManager.removeFirst(), nowMs);
                }
                assertThat(store.work()).isTrue();
                long mark = manager.appended();
                store.commit();
                manager.forced(mark, nowMs);
                manager.tick(nowMs);
                while (!toAgent.isEmpty()) {
                    here.receive(toAgent.removeFirst(), nowMs);
                }
                here.work(nowMs);
                agent.tick(nowMs);
            }
            link.disconnected("broken", nowMs);
            here.disconnected("broken", nowMs);
        }
    }

    /** An agent's journal in memory. */
    private static final class AgentStore implements Holding {
        private static final int FRAME = 1 << 12;
        private final List<byte[]> frames;
        private final Map<String, byte[]> states = new HashMap<>();
        private long freed;

        AgentStore(List<byte[]> frames) {
            this.frames = frames;
        }

        private static long position(int frame) {
            return 64 + (long) frame * FRAME;
        }

        long end() {
            return position(frames.size());
        }

        @Override
        public List<Stream> streams(Journal journal) {
            return journal == Journal.RECEIVED
                    ? List.of(new Stream(FLOWS, 5, List.of(new Incarnation(3, 0)), 64, end()))
                    : List.of();
        }

        @Override
        public Slice read(StreamId stream, long from, long before, long recordsMax, int bytesMax) {
            int first = (int) ((from - 64) / FRAME);
            if (first >= frames.size()) {
                return new Slice.End(end());
            }
            var out = new StateWriter(1 << 12);
            int next = first;
            long records = 0;
            while (next < frames.size()
                    && position(next) < before
                    && (next == first
                            || records + 80 <= recordsMax
                                    && out.size() + 24 + frames.get(next).length <= bytesMax)) {
                byte[] frame = frames.get(next);
                out.putInt(frame.length).putInt(1);
                out.putLong(next + 1).putLong(position(next)).putRaw(frame, 0, frame.length);
                records += 80;
                next++;
            }
            return new Slice.Frames(
                    position(first),
                    position(next),
                    first + 1,
                    next,
                    next - first,
                    Math.min(records, recordsMax),
                    ByteBuffer.wrap(out.toBytes()));
        }

        @Override
        public Occupancy occupancy(Journal journal, Map<StreamId, Long> acknowledged) {
            long bytes = end() - acknowledged.getOrDefault(FLOWS, 64L);
            return new Occupancy(bytes / FRAME * 80, bytes, bytes == 0 ? 0 : 1, 10);
        }

        @Override
        public long wallMicros() {
            return 1;
        }

        @Override
        public void save(String name, byte[] state) {
            states.put(name, state);
        }

        @Override
        public void free(String reader, StreamId stream, long through) {
            freed = through;
        }

        @Override
        public void note(String reader, TransferEvent event) {
            System.out.println(reader + ": " + event);
        }
    }
}
