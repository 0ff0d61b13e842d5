package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StateWriter;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Positions;
import io.narwhal.transfer.Saved;
import io.narwhal.transfer.StreamId;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A manager on a simulated disk, two agents that outlive every cut, and the lane and the output
 * that take what the manager publishes. The agents send what is not saved, some of it as a possible
 * duplicate, and say later what became of that; one has usage that is not configured at first.
 */
final class PullWorld {
    private static final NodeLayout LAYOUT = new NodeLayout(Path.of("/data"));
    private static final JournalLimits LIMITS = new JournalLimits(2_048, 900, 0, 0);
    private static final UsageDefinition KNOWN =
            new UsageDefinition("by-src", List.of(Field.SRC_ADDR), 60_000, 60_000);
    private static final UsageDefinition UNKNOWN =
            new UsageDefinition("by-dst", List.of(Field.DST_ADDR), 60_000, 60_000);
    private static final int FRAMES = 24;

    /** A frame at an agent. */
    private record Frame(long position, long through, byte[] payload, boolean ambiguous) {}

    /** A journal of an agent, and what it knows of its manager. */
    private static final class Stream {
        final String link;
        final StreamId id;
        final List<Frame> frames = new ArrayList<>();
        final Set<Long> resolved = new HashSet<>();
        long acknowledged;

        Stream(String link, StreamId id) {
            this.link = link;
            this.id = id;
        }

        long end() {
            return frames.getLast().through();
        }

        /** Of every two possible duplicates one is the other manager's. */
        static boolean isDuplicate(Frame frame) {
            return frame.position() / 100 % 4 < 2;
        }
    }

    /** What outlives the manager's process. */
    private static final class Outside {
        final List<Stream> streams = new ArrayList<>();
        final List<String> taken = new ArrayList<>();
        final Map<PullState.Place, Long> read = new EnumMap<>(PullState.Place.class);
        final Map<String, Long> txn = new TreeMap<>();
        boolean configured;
    }

    final SimulatedDisk disk;
    private final Outside outside;
    private final Clock clock = new Time();

    PullWorld(SimulatedDisk disk) {
        this(disk, new Outside());
        outside.streams.add(received("edge-1", "flows"));
        outside.streams.add(received("edge-2", "flows"));
        outside.streams.add(usage("edge-3"));
    }

    private PullWorld(SimulatedDisk disk, Outside outside) {
        this.disk = disk;
        this.outside = outside;
    }

    /** The same world after a cut. */
    PullWorld after(boolean power, Random chance) {
        return new PullWorld(power ? disk.afterPowerCut(chance) : disk.afterKill(), outside);
    }

    private static Stream received(String link, String name) {
        var stream = new Stream(link, new StreamId(Journal.RECEIVED, name));
        for (int i = 0; i < FRAMES; i++) {
            var block = ByteBuffer.allocate(ReceivedBlock.HEADER_BYTES);
            new ReceivedBlock.Header(
                            ReceivedBlock.Kind.TICK, 0, 0, Transport.UDP, 0, i, 0, 0, 0, i, 0)
                    .write(block);
            boolean ambiguous = link.equals("edge-2") && i % 8 >= 3 && i % 8 < 6;
            stream.frames.add(new Frame(64 + 100L * i, 164 + 100L * i, block.array(), ambiguous));
        }
        return stream;
    }

    private static Stream usage(String link) {
        var stream = new Stream(link, new StreamId(Journal.USAGE, "flows"));
        for (int i = 0; i < FRAMES; i++) {
            var rows = new UsageRows(i % 6 > 3 ? UNKNOWN : KNOWN, UsageRows.Kind.CLOSED);
            rows.add(60_000L * i, new long[2], 0, new Dictionary(), i, 1, 1);
            var out = new StateWriter(256);
            rows.write(out);
            stream.frames.add(new Frame(64 + 100L * i, 164 + 100L * i, out.toBytes(), i % 7 == 5));
        }
        return stream;
    }

    private PullStore.Setup setup() {
        Map<PullState.Place, JournalSettings> journals = new EnumMap<>(PullState.Place.class);
        List<String> readers = List.of("taker", NodeConfig.PULL);
        journals.put(
                PullState.Place.RECEIVED,
                new JournalSettings(LAYOUT.received(NodeConfig.PULL), LIMITS, readers));
        journals.put(
                PullState.Place.USAGE,
                new JournalSettings(LAYOUT.usage(NodeConfig.PULLED), LIMITS, readers));
        journals.put(
                PullState.Place.PARKED,
                new JournalSettings(LAYOUT.parked(), LIMITS, List.of(NodeConfig.PULL)));
        return new PullStore.Setup(
                disk,
                clock,
                new CheckpointStore(disk, LAYOUT.checkpoints(), NodeConfig.PULL),
                journals,
                outside.configured ? List.of(KNOWN, UNKNOWN) : List.of(KNOWN),
                () -> 77,
                NodeConfig.PULL);
    }

    // ---- a life ----

    /** Until everything is saved and decided; at the end with the configuration that it lacks. */
    void run() {
        if (!outside.configured) {
            live();
            outside.configured = true;
        }
        live();
    }

    private void live() {
        disk.createDirectories(LAYOUT.run());
        PullStore.Setup setup = setup();
        try (PullStore store = opened(setup)) {
            acknowledgedIsSaved(store);
            int round = 0;
            boolean more = true;
            while (more) {
                more = false;
                for (Stream stream : outside.streams) {
                    more |= send(store, stream);
                    more |= resolve(store, stream);
                }
                while (!store.work()) {
                    disk.capacity(Long.MAX_VALUE);
                }
                if (++round % 2 == 0 || !more) {
                    store.commit();
                    acknowledge(store);
                    take();
                }
                if (round % 5 == 0 || !more) {
                    checkpoint(store);
                }
            }
            checkpoint(store);
            take();
        }
    }

    // As the component does: it waits until there is room.
    private PullStore opened(PullStore.Setup setup) {
        try {
            return PullStore.open(setup, PullState.of(setup.checkpoints().load()));
        } catch (DiskFull full) {
            disk.capacity(Long.MAX_VALUE);
            return PullStore.open(setup, PullState.of(setup.checkpoints().load()));
        }
    }

    private void checkpoint(PullStore store) {
        try {
            store.checkpoint();
        } catch (DiskFull full) {
            disk.capacity(Long.MAX_VALUE);
            store.checkpoint();
        }
    }

    // What a manager tells when a link opens is what frees data at the agent.
    private void acknowledgedIsSaved(PullStore store) {
        for (Stream stream : outside.streams) {
            assertThat(through(store, stream))
                    .as("%s %s", stream.link, stream.id)
                    .isGreaterThanOrEqualTo(stream.acknowledged);
        }
    }

    private static long through(PullStore store, Stream stream) {
        Saved saved = store.positions(stream.link).of(stream.id);
        return saved == null ? 0 : saved.through();
    }

    private boolean send(PullStore store, Stream stream) {
        long through = through(store, stream);
        List<Frame> some = new ArrayList<>();
        for (Frame frame : stream.frames) {
            boolean fits =
                    some.isEmpty()
                            || some.size() < 3 && some.getFirst().ambiguous() == frame.ambiguous();
            if (frame.position() >= through && fits) {
                some.add(frame);
            } else if (frame.position() >= through) {
                break;
            }
        }
        if (some.isEmpty()) {
            return false;
        }
        Positions positions = store.positions(stream.link);
        long txn = Math.max(outside.txn.getOrDefault(stream.link, 0L), positions.lastTxn()) + 1;
        outside.txn.put(stream.link, txn);
        var data = data(stream, some, txn);
        store.append(stream.link, data);
        positions.appended(
                stream.id, data.epoch(), data.incarnation(), data.from(), data.through(), txn);
        return true;
    }

    private static FromAgent.AccountingData data(Stream stream, List<Frame> some, long txn) {
        var frames = ByteBuffer.allocate(some.size() * 1_000);
        for (Frame frame : some) {
            frames.putInt(frame.payload().length).putInt(1);
            frames.putLong(frame.position() / 100 + 1).putLong(frame.position());
            frames.put(frame.payload());
        }
        Frame first = some.getFirst();
        return new FromAgent.AccountingData(
                txn,
                stream.id,
                7,
                11,
                first.position(),
                some.getLast().through(),
                1,
                1,
                some.size(),
                some.size(),
                false,
                first.ambiguous() ? "other" : "",
                frames.flip(),
                0,
                "");
    }

    // The agent repeats it until it is told that it is done, which follows a force.
    private boolean resolve(PullStore store, Stream stream) {
        boolean any = false;
        for (Frame frame : stream.frames) {
            boolean due =
                    frame.ambiguous()
                            && frame.through() <= stream.acknowledged - 200
                            && !stream.resolved.contains(frame.position());
            if (due || frame.ambiguous() && isLast(stream, frame)) {
                store.resolve(
                        stream.link,
                        new FromAgent.Resolve(
                                stream.id,
                                7,
                                frame.position(),
                                frame.through(),
                                Stream.isDuplicate(frame)));
                asked.add(() -> stream.resolved.add(frame.position()));
                any = true;
            }
        }
        return any;
    }

    private static boolean isLast(Stream stream, Frame frame) {
        return stream.acknowledged == stream.end() && !stream.resolved.contains(frame.position());
    }

    private final List<Runnable> asked = new ArrayList<>();

    private void acknowledge(PullStore store) {
        asked.forEach(Runnable::run);
        asked.clear();
        for (Stream stream : outside.streams) {
            stream.acknowledged = Math.max(stream.acknowledged, through(store, stream));
        }
    }

    // ---- who takes what counts ----

    private void take() {
        take(PullState.Place.RECEIVED, Journal.RECEIVED, LAYOUT.received(NodeConfig.PULL));
        take(PullState.Place.USAGE, Journal.USAGE, LAYOUT.usage(NodeConfig.PULLED));
    }

    private void take(PullState.Place place, Journal journal, Path directory) {
        try (var reader =
                JournalReader.open(disk, directory, outside.read.getOrDefault(place, 0L))) {
            while (reader.next() == JournalReader.Step.FRAME) {
                Origin origin =
                        Origin.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                outside.taken.add(name(origin.link(), journal, origin.position()));
                outside.read.put(place, reader.position());
            }
            try {
                reader.acknowledge("taker", reader.position());
            } catch (DiskFull full) {
                disk.capacity(Long.MAX_VALUE);
            }
        }
    }

    private static String name(String link, Journal journal, long position) {
        return link + " " + journal + " " + position;
    }

    /** Everything that counts was taken once, and the books say so. */
    void proven(String what) {
        List<String> expected = new ArrayList<>();
        for (Stream stream : outside.streams) {
            for (Frame frame : stream.frames) {
                if (!frame.ambiguous() || !Stream.isDuplicate(frame)) {
                    expected.add(name(stream.link, stream.id.journal(), frame.position()));
                }
            }
        }
        PullStore.Setup setup = setup();
        assertThat(outside.taken).as(what).containsExactlyInAnyOrderElementsOf(expected);
        try (PullStore store = PullStore.open(setup, PullState.of(setup.checkpoints().load()))) {
            assertThat(store.parked().entries()).as(what).isEmpty();
            for (Stream stream : outside.streams) {
                long dropped =
                        stream.frames.stream()
                                .filter(one -> one.ambiguous() && Stream.isDuplicate(one))
                                .count();
                assertThat(through(store, stream)).as(what).isEqualTo(stream.end());
                var counts = store.state().stream(stream.link, stream.id).counts();
                assertThat(counts.frames()).as("%s, %s", what, stream.link).isEqualTo(FRAMES);
                assertThat(counts.items()).as(what).isEqualTo(FRAMES);
                assertThat(counts.droppedFrames()).as(what).isEqualTo(dropped);
                assertThat(counts.uncounted()).as(what).isZero();
            }
        }
    }

    private static final class Time implements Clock {
        private long micros = 1_000_000;

        @Override
        public long wallMicros() {
            return micros++;
        }

        @Override
        public long monotonicNanos() {
            return micros++ * 1_000;
        }

        @Override
        public void sleepMillis(long millis) {
            micros += millis * 1_000;
        }
    }
}
