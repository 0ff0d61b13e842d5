package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.component.HeldList;
import io.narwhal.component.Lane;
import io.narwhal.component.LaneRecovery;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Paths;
import io.narwhal.config.NodeConfig;
import io.narwhal.enhance.Enhancement;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalTrimmed;
import io.narwhal.record.Books;
import io.narwhal.record.Dictionary;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RecordBlock;
import io.narwhal.wire.FlowDecoder;
import io.narwhal.wire.RecordWitness;
import io.narwhal.wire.Registry;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Decodes the received journals once more, from the oldest frame that is still there to the newest
 * one that is published: one collector after the other, in the order of the configuration, each in
 * the order received. Memory does not grow with the journals.
 *
 * <p>A journal from which nothing was deleted is read by a decoder that knows nothing. From any
 * other one, templates may be gone that later data needs, so its decoder begins with those of the
 * newest checkpoint. Records that had to wait for their template come when it comes, and count as
 * arrived then.
 */
public final class ReceivedRecords {
    private final NodeConfig config;
    private final Disk disk;
    private static final int ROOM_EVERY_FRAMES = 64;
    private static final int TEXTS_MAX = 1 << 16;

    private static final BitSet NONE = new BitSet();

    private final Lane.Work work;
    private final Dictionary dictionary = new Dictionary();
    private String via = "";
    private Enhancement enhancement;

    /**
     * Which datagrams' records are wanted.
     *
     * @param fromMicros that arrived at or after this time, µs since 1970
     * @param toMicros and before this one
     */
    public record Arrival(long fromMicros, long toMicros) {
        /** All of them. */
        public static final Arrival ANY = new Arrival(Long.MIN_VALUE, Long.MAX_VALUE);

        boolean has(long micros) {
            return micros >= fromMicros && micros < toMicros;
        }
    }

    /** Takes the records. */
    public interface Sink {
        /**
         * The next records; the block is only lent.
         *
         * @return whether more are wanted
         */
        boolean onBlock(RecordBlock block);
    }

    /** Takes the records as their exporters sent them. */
    public interface WholeSink {
        /**
         * The next records; the block is only lent.
         *
         * @param fields what the exporter sent, by row and name; empty where that is not known
         * @return whether more are wanted
         */
        boolean onBlock(RecordBlock block, List<Map<String, Object>> fields);

        /**
         * The next record that is no flow: {@code kind}, {@code exporter}, {@code arrival}, and
         * what the exporter sent, by name.
         *
         * @return whether more are wanted
         */
        boolean onOther(Map<String, Object> record);
    }

    /**
     * Kinds of records that are wanted.
     *
     * @param flows flow records
     * @param others and these
     */
    public record Kinds(boolean flows, Set<RecordWitness.Kind> others) {
        /** Keeps a copy. */
        public Kinds {
            others = Set.copyOf(others);
        }
    }

    /** Reads the customers table, if there is one, and nothing else yet. */
    public ReceivedRecords(NodeConfig config, Disk disk) {
        this.config = config;
        this.disk = disk;
        this.work = LaneRecovery.work(config, disk);
        this.enhancement = new Enhancement(work.customers(), dictionary);
    }

    // Sessions are many, so that their texts must not add up while a journal is read.
    private void forgetTexts() {
        if (dictionary.size() > TEXTS_MAX) {
            dictionary.clear();
            enhancement = new Enhancement(work.customers(), dictionary);
        }
    }

    /** The texts of the columns of the block that was handed on last. */
    public Dictionary dictionary() {
        return dictionary;
    }

    /** Whether records may come by agents, so that there is something to say of {@link #via}. */
    public boolean hasPaths() {
        return config.lanes().contains(NodeConfig.PULL);
    }

    /**
     * Link and journal of the agent that the block or record that was handed on last came by; empty
     * of this host's own collectors.
     */
    public String via() {
        return via;
    }

    /**
     * Hands all wanted records to the sink.
     *
     * @param notes is told, in a line each, what cannot be read
     */
    public void read(Arrival wanted, Sink sink, Consumer<String> notes) {
        read(wanted, new Takers(sink, null), notes);
    }

    /**
     * Hands all wanted records to the sink, with all that the exporters sent by its names in {@link
     * Registry}, of which {@code elements} of the configuration are part.
     *
     * @param notes is told, in a line each, what cannot be read
     */
    public void readWhole(Arrival wanted, Kinds kinds, WholeSink sink, Consumer<String> notes) {
        var whole = new WholeReading(kinds, sink, ElementTables.registry(config, disk));
        read(wanted, new Takers(whole::onBlock, whole), notes);
    }

    /** Who takes the records; {@code whole} is null when columns suffice. */
    private record Takers(Sink sink, @Nullable WholeReading whole) {}

    private void read(Arrival wanted, Takers takers, Consumer<String> notes) {
        for (String lane : config.lanes()) {
            var reading = new Reading(lane, wanted, takers);
            reading.read(notes);
            if (reading.enough) {
                return;
            }
        }
    }

    /** One journal. */
    private final class Reading {
        private final Path directory;
        private final Map<Long, BitSet> held;
        private final Arrival wanted;
        private final Sink sink;
        private final @Nullable WholeReading whole;
        private final ReceivedBlock received = new ReceivedBlock();
        private final FlowDecoder decoder;
        private Paths paths = new Paths();
        private final RecordBlock requests = RecordBlock.ofAllFields();
        private final RequestReading requestReading;
        private final LineReading lineReading;
        private boolean inRange;
        private long frames;
        private boolean enough;
        private long octets;
        private String templatesLost = "";

        Reading(String collector, Arrival wanted, Takers takers) {
            var layout = new NodeLayout(config.data());
            this.directory = layout.received(collector);
            this.held = HeldList.load(disk, layout, collector).held();
            this.wanted = wanted;
            this.sink = takers.sink();
            this.whole = takers.whole();
            this.decoder =
                    new FlowDecoder(
                            work.decoder(),
                            work.sampling(),
                            RecordBlock.ofAllFields(),
                            this::take,
                            new Books());
            this.requestReading =
                    new RequestReading(
                            requests, dictionary, RadiusDictionaries.of(config, collector, disk));
            this.lineReading = new LineReading(config, collector, requests, dictionary);
            if (isTrimmed()) {
                templatesLost = beginWithCheckpoint(collector);
            }
            if (whole != null) {
                whole.attach(decoder, received);
            }
        }

        private boolean isTrimmed() {
            try (var reader = JournalReader.open(disk, directory, 0)) {
                return reader.next() == JournalReader.Step.FRAME && reader.sequence() > 1;
            }
        }

        /** Why it could not; empty when it could. */
        private String beginWithCheckpoint(String collector) {
            String output = config.ledger();
            try {
                Lane lane = LaneView.read(config, disk, collector, output).lane();
                lane.decoders().forEach(this::restore);
                paths = lane.paths();
            } catch (LaneView.CheckpointLost e) {
                return String.valueOf(e.getMessage());
            }
            // What the checkpoint holds back stands in the journal too, and is read again.
            decoder.forgetHeld();
            return "";
        }

        private void restore(FlowDecoder shard) {
            var state = new StateWriter(1 << 16);
            shard.snapshot(state);
            decoder.restore(new StateReader(state.toBytes()));
        }

        void read(Consumer<String> notes) {
            if (!templatesLost.isEmpty()) {
                notes.accept(
                        directory
                                + ": read without the templates of its deleted beginning: "
                                + templatesLost);
            }
            // 0 begins at the oldest frame, so a journal trimmed while we read goes on there.
            while (!readFromOldest(notes)) {
                notes.accept(
                        directory
                                + ": was trimmed while it was read; going on at its oldest frame");
            }
        }

        private boolean readFromOldest(Consumer<String> notes) {
            try (var reader = JournalReader.open(disk, directory, 0)) {
                long end = reader.publishedPosition();
                while (!enough && reader.position() < end) {
                    switch (reader.next()) {
                        case FRAME -> frame(reader);
                        case DAMAGED -> notes.accept(reader.damage().line());
                        case END -> end = 0;
                    }
                }
                flush();
                return true;
            } catch (JournalTrimmed e) {
                flush();
                return false;
            }
        }

        private void frame(JournalReader reader) {
            received.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
            int path = paths.number(received);
            if (path != received.source().path() || !via.equals(paths.name(path))) {
                flush();
                received.source().setPath(path);
                via = paths.name(path);
            }
            if (received.isGap()) {
                return;
            }
            long arrival = received.arrivalMicros();
            if (wanted.has(arrival) != inRange) {
                flush();
                inRange = !inRange;
                if (whole != null) {
                    whole.want(inRange);
                }
            }
            if (received.kind().isSessions()) {
                decoder.onSessions(received);
            }
            BitSet aside = held.getOrDefault(reader.framePosition(), NONE);
            if (received.kind() == ReceivedBlock.Kind.REQUESTS) {
                requests(aside);
                return;
            }
            if (received.kind() == ReceivedBlock.Kind.LINES) {
                lines();
                return;
            }
            if (requests.size() > 0) {
                flush();
            }
            for (int index = 0; received.next(); index++) {
                if (aside.get(index)) {
                    continue;
                }
                decoder.decode(
                        received.bytes(),
                        received.offset(),
                        received.length(),
                        received.source(),
                        arrival);
                if (whole != null) {
                    enough |= whole.decoded(received.length());
                }
            }
            while (decoder.hasDue()) {
                decoder.goOn();
            }
            decoder.setClocks(paths.clocks());
            decoder.onWatermark(arrival / 1_000);
            if (++frames % ROOM_EVERY_FRAMES == 0) {
                decoder.setRoom(
                        Math.max(0, work.decoder().exporters() - decoder.scopes()),
                        Math.max(0, work.decoder().heldBytes() - decoder.heldBytes()),
                        Math.max(0, work.decoder().stateBytes() - decoder.stateBytes()));
            }
        }

        private void requests(BitSet aside) {
            if (requests.size() == 0) {
                decoder.flush(); // the flows before them come before them
            }
            for (int index = 0; !enough && received.next(); index++) {
                if (inRange && !aside.get(index) && requestReading.append(received)) {
                    if (whole != null) {
                        whole.onFlow(requests.size() - 1, requestReading.whole(received));
                        octets += received.length();
                    }
                    if (requests.room() == 0 || octets >= WholeReading.OCTETS_MAX) {
                        flush();
                    }
                }
            }
        }

        // Of files that began before the range the headers are needed, too.
        private void lines() {
            if (requests.size() == 0) {
                decoder.flush();
            } else if (requests.room() < 2) {
                flush();
            }
            while (!enough && received.next()) {
                int row = requests.size();
                if (lineReading.append(received)) {
                    if (!inRange) {
                        requests.setSize(row);
                        continue;
                    }
                    for (int i = row; whole != null && i < requests.size(); i++) {
                        whole.onFlow(i, lineReading.whole(received));
                    }
                    octets += received.length();
                    if (requests.room() < 2 || octets >= WholeReading.OCTETS_MAX) {
                        flush();
                    }
                }
            }
        }

        private void flush() {
            decoder.flush();
            if (requests.size() > 0) {
                take(requests);
                requests.clear();
                octets = 0;
                forgetTexts();
            }
        }

        private void take(RecordBlock block) {
            if (inRange && !enough) {
                enhancement.onBlock(block);
                enough = !sink.onBlock(block);
            }
            if (whole != null) {
                enough |= whole.taken();
            }
        }
    }
}
