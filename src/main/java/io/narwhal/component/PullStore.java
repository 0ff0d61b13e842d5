package io.narwhal.component;

import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFull;
import io.narwhal.base.StateWriter;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.journal.JournalFull;
import io.narwhal.journal.JournalSettings;
import io.narwhal.record.Origin;
import io.narwhal.record.UsageDefinition;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Positions;
import io.narwhal.transfer.Resumption;
import io.narwhal.transfer.Saving;
import io.narwhal.transfer.Slice;
import io.narwhal.transfer.TransferEvent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Saves what was pulled. Position and data are one write: each frame says where it stood at the
 * agent, so what is saved is what the journals hold, and the checkpoint only spares reading them
 * from the beginning.
 *
 * <p>What finds no room waits in memory, in order, and nothing more is asked for meanwhile; as
 * nothing of it is acknowledged, the agents keep it.
 */
final class PullStore implements Saving, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PullStore.class);

    /** Frames that are moved between journals at once, before links are looked after again. */
    private static final int MOVE_FRAMES = 64;

    private static final int STEPS_MAX = 1_000;

    /** Kept free on the disk for the lanes and outputs that are to make room. */
    private static final long DISK_RESERVE_BYTES = 64L << 20;

    private static final byte[] NOTHING = new byte[0];

    /**
     * What it is to save, and where.
     *
     * @param journals the kinds that links pull, and always the one of parked data
     * @param usage what the node defines
     * @param identities numbers unlike any other
     * @param reader the name by which the journals wait for it
     */
    record Setup(
            Disk disk,
            Clock clock,
            CheckpointStore checkpoints,
            Map<PullState.Place, JournalSettings> journals,
            List<UsageDefinition> usage,
            LongSupplier identities,
            String reader) {}

    /** Something to be saved, in order. */
    private interface Task {
        /** Goes on with it; whether it is done. */
        boolean step();
    }

    private final Setup setup;
    private final PulledUsage usage;
    private final PullJournals journals;
    private final PullState state;
    private final PullParked parked = new PullParked();
    private final Deque<Task> tasks = new ArrayDeque<>();
    private final StateWriter scratch = new StateWriter(1 << 12);
    private String waiting = "";
    private String noRoom = "";
    private boolean dirty;
    private boolean due = true;

    private PullStore(Setup setup, PullJournals journals, PullState state) {
        this.setup = setup;
        this.usage = new PulledUsage(setup.usage());
        this.journals = journals;
        this.state = state;
    }

    /**
     * Opens the journals and reads what stands in them behind the checkpoint.
     *
     * @param state what the checkpoint says
     */
    static PullStore open(Setup setup, PullState state) {
        var journals = new PullJournals(setup);
        try {
            var store = new PullStore(setup, journals, state);
            store.recover();
            return store;
        } catch (RuntimeException e) {
            journals.close();
            throw e;
        }
    }

    private void recover() {
        Map<PullState.Place, Path> directories = new EnumMap<>(PullState.Place.class);
        setup.journals().forEach((place, one) -> directories.put(place, one.directory()));
        var scan = new PullScan(setup.disk(), directories, state, usage, parked);
        scan.run();
        places().forEach(place -> state.setEnd(place, journals.end(place)));
        // The journal of what counts knows of these, that of what is parked does not.
        scan.moved().forEach(frame -> tasks.add(() -> marked(frame, PullParked.Outcome.MOVED)));
        if (state.instance().isEmpty()) {
            state.setInstance(Long.toHexString(setup.identities().getAsLong()));
        }
        dirty = true;
        tellMissing();
    }

    private void tellMissing() {
        parked.missing().forEach(one -> LOG.warn("usage is held, not delivered: {}", one));
    }

    // ---- what the links ask of it ----

    @Override
    public Positions positions(String link) {
        return state.positions(link);
    }

    @Override
    public Map<String, Positions> known() {
        return state.positions();
    }

    @Override
    public void append(String link, FromAgent.AccountingData data) {
        add(data.gap().isEmpty() ? new Append(link, data) : () -> gap(link, data));
    }

    @Override
    public String refusal(FromAgent.AccountingData data) {
        PullState.Place place = PullState.Place.of(data.stream().journal());
        int most =
                journals.settings(place).limits().frameBytesMax()
                        - PullParked.HEADER_BYTES
                        - Origin.BYTES_MAX;
        int largest = largest(data.frames());
        return largest <= most
                ? ""
                : "%s has a frame of %d bytes and this node can save %d: %s"
                        .formatted(
                                data.stream(),
                                largest,
                                most,
                                largest <= LaneRecovery.FRAME_BYTES_MAX
                                        ? "set journals.%s.segment to %d bytes or more"
                                                .formatted(
                                                        data.stream().journal() == Journal.RECEIVED
                                                                ? "received"
                                                                : "usage",
                                                        2L * largest)
                                        : "the agent must write frames of %d bytes at the most"
                                                .formatted(LaneRecovery.FRAME_BYTES_MAX));
    }

    private static int largest(ByteBuffer frames) {
        int largest = 0;
        int at = frames.position();
        while (frames.limit() - at >= Slice.Frames.FRAME_HEADER_BYTES) {
            int length = frames.getInt(at);
            largest = Math.max(largest, length);
            at += Slice.Frames.FRAME_HEADER_BYTES + length;
        }
        return largest;
    }

    @Override
    public void duplicate(String link, FromAgent.AccountingData data) {
        state.stream(link, data.stream()).duplicate(data.items());
        dirty = true;
    }

    @Override
    public void resumed(String link, Resumption resumption) {
        var positions = new StateWriter(256);
        state.positions(link).write(positions);
        boolean lost = resumption.lostTo() > resumption.lostFrom();
        long from = lost ? resumption.lostFrom() : resumption.from();
        long through = lost ? resumption.lostTo() : resumption.from();
        var origin =
                new Origin(
                        resumption.epoch(),
                        0,
                        from,
                        through,
                        0,
                        state.positions(link).lastTxn(),
                        lost ? Origin.GAP : Origin.GAP | Origin.ELSEWHERE,
                        link,
                        resumption.id().name());
        var note =
                new PullNote(
                        resumption.verdict().name().toLowerCase(Locale.ROOT),
                        resumption.detail(),
                        setup.clock().wallMicros(),
                        false,
                        new PullNote.Parted(
                                resumption.epoch(), resumption.from(), positions.toBytes()));
        add(() -> noted(resumption.id().journal(), origin, note));
    }

    @Override
    public void resolve(String link, FromAgent.Resolve resolve) {
        add(() -> resolved(link, resolve));
    }

    @Override
    public Room room() {
        if (!tasks.isEmpty()) {
            return new Room(0, 0);
        }
        long journal = journals.room();
        long disk =
                setup.disk()
                        .room(journals.settings(PullState.Place.PARKED).directory())
                        .map(room -> room.freeBytes() - DISK_RESERVE_BYTES)
                        .orElse(Long.MAX_VALUE);
        // Origin and headers of small frames take as much as the frames.
        long bytes = Math.max(0, Math.min(journal, disk) / 2);
        noRoom =
                bytes > 0
                        ? ""
                        : disk < journal
                                ? "the disk is nearly full"
                                : "the capacity of the journals is reached";
        return new Room(bytes > 0 ? Long.MAX_VALUE : 0, bytes);
    }

    @Override
    public void note(String link, TransferEvent event) {
        switch (event.kind()) {
            case ALARM, LOST -> LOG.error("{}: {}", link, event.what());
            case VERDICT, FAILOVER, AMBIGUOUS, TROUBLE -> LOG.warn("{}: {}", link, event.what());
            case RESOLVED, ADMINISTERED -> LOG.info("{}: {}", link, event.what());
        }
        tell(link, event.kind().label(), event.what());
    }

    private void tell(String link, String what, String detail) {
        state.tell(new PullEvent(setup.clock().wallMicros(), link, "", what, detail));
        dirty = true;
    }

    private void add(Task task) {
        dirty = true;
        tasks.add(task);
        if (tasks.size() == 1) {
            work();
        }
    }

    // ---- saving ----

    /**
     * Goes on with what waits for room, or takes longer.
     *
     * @return whether everything is appended
     */
    boolean work() {
        try {
            for (int left = STEPS_MAX; left > 0 && !isDone(); left--) {
                if (tasks.isEmpty()) {
                    tasks.add(this::moveDue);
                }
                if (tasks.getFirst().step()) {
                    tasks.removeFirst();
                }
            }
            waiting = "";
        } catch (DiskFull | JournalFull full) {
            waiting = String.valueOf(full.getMessage());
        }
        return isDone();
    }

    private boolean isDone() {
        return tasks.isEmpty() && !due;
    }

    /** Why nothing can be saved now; empty when it can. */
    String waiting() {
        return waiting.isEmpty() ? noRoom : waiting;
    }

    /** What the configuration lacks for usage that is kept. */
    List<String> missing() {
        return parked.missing();
    }

    /** Makes everything appended durable and visible. */
    void commit() {
        journals.commit();
    }

    private PullFrame frame(Journal journal, Origin origin, int items, int octets) {
        return new PullFrame(journal, origin, items, octets, null);
    }

    /** The frames of a message, one after the other; what finds no room is tried again. */
    private final class Append implements Task {
        private final String link;
        private final FromAgent.AccountingData data;
        private final ByteBuffer frames;

        Append(String link, FromAgent.AccountingData data) {
            this.link = link;
            this.data = data;
            this.frames = data.frames().duplicate();
        }

        @Override
        public boolean step() {
            while (frames.remaining() >= Slice.Frames.FRAME_HEADER_BYTES) {
                int at = frames.position();
                int length = frames.getInt(at);
                int items = frames.getInt(at + 4);
                int next = at + Slice.Frames.FRAME_HEADER_BYTES + length;
                Check.that(
                        length >= 0 && next <= frames.limit(),
                        "frames of a message are whole, as was found when it came");
                long through = next < frames.limit() ? frames.getLong(next + 16) : data.through();
                var origin =
                        new Origin(
                                data.epoch(),
                                data.incarnation(),
                                frames.getLong(at + 16),
                                through,
                                frames.getLong(at + 8),
                                data.txn(),
                                data.resent() ? Origin.RESENT : 0,
                                link,
                                data.stream().name());
                save(origin, frames.slice(next - length, length), items);
                frames.position(next);
            }
            return true;
        }

        private void save(Origin origin, ByteBuffer payload, int items) {
            Journal journal = data.stream().journal();
            String missing = missing(journal, payload);
            boolean ambiguous = !data.possibleDuplicateOf().isEmpty();
            int octets = payload.remaining();
            if (!ambiguous && missing.isEmpty()) {
                journals.append(PullState.Place.of(journal), NOTHING, origin, payload, items);
            } else {
                long at =
                        journals.append(
                                PullState.Place.PARKED,
                                header(PullParked.DATA, journal, ambiguous ? 1 : 0),
                                origin,
                                payload,
                                items);
                boolean isNew = !missing.isEmpty() && parked.missing().isEmpty();
                parked.add(
                        PullParked.Key.of(journal, origin),
                        new PullParked.Entry(at, items, octets, ambiguous, missing));
                if (isNew) {
                    tell(link, "held", "usage is kept and not delivered: " + missing);
                    tellMissing();
                }
            }
            state.book(frame(journal, origin, items, octets));
        }

        private String missing(Journal journal, ByteBuffer payload) {
            int most = journal == Journal.RECEIVED ? PulledUsage.HEAD_BYTES : Integer.MAX_VALUE;
            byte[] bytes = new byte[Math.min(payload.remaining(), most)];
            payload.duplicate().get(bytes);
            return usage.missing(journal, bytes, 0, bytes.length);
        }
    }

    private static byte[] header(int what, Journal journal, int detail) {
        return new byte[] {(byte) what, (byte) journal.ordinal(), (byte) detail, 0};
    }

    private boolean gap(String link, FromAgent.AccountingData data) {
        var origin =
                new Origin(
                        data.epoch(),
                        data.incarnation(),
                        data.from(),
                        data.through(),
                        data.firstSequence(),
                        data.txn(),
                        data.elsewhere() ? Origin.GAP | Origin.ELSEWHERE : Origin.GAP,
                        link,
                        data.stream().name());
        var note =
                new PullNote(
                        data.elsewhere() ? "elsewhere" : "lost",
                        data.gap(),
                        setup.clock().wallMicros(),
                        data.elsewhere(),
                        null);
        return noted(data.stream().journal(), origin, note);
    }

    private boolean noted(Journal journal, Origin origin, PullNote note) {
        scratch.clear();
        note.write(scratch);
        journals.append(
                PullState.Place.of(journal),
                NOTHING,
                origin,
                ByteBuffer.wrap(scratch.array(), 0, scratch.size()),
                0);
        state.book(new PullFrame(journal, origin, 0, 0, note));
        return true;
    }

    // ---- what was parked ----

    private boolean resolved(String link, FromAgent.Resolve resolve) {
        var from = new PullParked.Key(link, resolve.stream(), resolve.epoch(), resolve.from());
        var some = parked.ambiguous(from, resolve.through(), MOVE_FRAMES);
        if (some.isEmpty()) {
            return true;
        }
        if (resolve.duplicate()) {
            some.forEach(one -> mark(one.getKey(), one.getValue(), PullParked.Outcome.DUPLICATE));
            return false;
        }
        move(some.stream().filter(one -> one.getValue().missing().isEmpty()).toList());
        some.stream()
                .filter(one -> !one.getValue().missing().isEmpty())
                .forEach(one -> mark(one.getKey(), one.getValue(), PullParked.Outcome.OURS));
        return false;
    }

    // What the configuration had lacked and has now.
    private boolean moveDue() {
        var some = parked.due(MOVE_FRAMES);
        due = !some.isEmpty();
        move(some);
        return !due;
    }

    // First where it counts, forced; then the mark. Who comes between finds it where it counts.
    private void move(Collection<Map.Entry<PullParked.Key, PullParked.Entry>> some) {
        List<Map.Entry<PullParked.Key, PullParked.Entry>> moved = new ArrayList<>();
        try {
            for (var one : some) {
                moveOne(one.getKey(), one.getValue());
                moved.add(one);
            }
        } finally {
            // Not the rest: it is still parked. These must not be moved once more.
            tasksFor(moved);
        }
    }

    private void tasksFor(List<Map.Entry<PullParked.Key, PullParked.Entry>> moved) {
        for (var one : moved) {
            parked.remove(one.getKey());
            PullFrame frame = marker(one.getKey());
            tasks.add(() -> marked(frame, PullParked.Outcome.MOVED));
        }
    }

    private void moveOne(PullParked.Key key, PullParked.Entry entry) {
        byte[] bytes =
                PullParked.payload(
                        setup.disk(),
                        journals.settings(PullState.Place.PARKED).directory(),
                        entry.at());
        Journal journal = key.id().journal();
        if (bytes.length == 0) {
            LOG.error("{} {}: what was parked there cannot be read any more", key.link(), key.id());
            Origin lost = marker(key).origin();
            var note =
                    new PullNote(
                            "lost",
                            "parked data was damaged before it could count",
                            setup.clock().wallMicros(),
                            false,
                            null);
            scratch.clear();
            note.write(scratch);
            journals.append(
                    PullState.Place.of(journal),
                    NOTHING,
                    with(lost, Origin.GAP | Origin.PARKED),
                    ByteBuffer.wrap(scratch.array(), 0, scratch.size()),
                    0);
            return;
        }
        int at = PullParked.HEADER_BYTES;
        Origin origin = Origin.read(bytes, at, bytes.length - at);
        int payload = at + origin.payloadOffset();
        journals.append(
                PullState.Place.of(journal),
                NOTHING,
                with(origin, origin.flags() | Origin.PARKED),
                ByteBuffer.wrap(bytes, payload, bytes.length - payload).slice(),
                entry.items());
    }

    private static Origin with(Origin origin, int flags) {
        return new Origin(
                origin.epoch(),
                origin.incarnation(),
                origin.position(),
                origin.through(),
                origin.sequence(),
                origin.txn(),
                flags,
                origin.link(),
                origin.stream());
    }

    // A mark names the frame by where it comes from.
    private PullFrame marker(PullParked.Key key) {
        var origin =
                new Origin(
                        key.epoch(),
                        0,
                        key.position(),
                        key.position(),
                        0,
                        0,
                        0,
                        key.link(),
                        key.id().name());
        return frame(key.id().journal(), origin, 0, 0);
    }

    private void mark(PullParked.Key key, PullParked.Entry entry, PullParked.Outcome outcome) {
        marked(marker(key), outcome);
        switch (outcome) {
            case MOVED -> parked.remove(key);
            case DUPLICATE -> {
                parked.remove(key);
                state.stream(key.link(), key.id()).dropped(entry.items());
            }
            case OURS -> parked.ours(key);
        }
    }

    private boolean marked(PullFrame frame, PullParked.Outcome outcome) {
        journals.append(
                PullState.Place.PARKED,
                header(PullParked.MARK, frame.journal(), outcome.ordinal()),
                frame.origin(),
                ByteBuffer.allocate(0),
                0);
        return true;
    }

    // ---- the checkpoint ----

    /** Whether there is something that the checkpoint does not hold, and all of it is saved. */
    boolean isDirty() {
        return dirty && tasks.isEmpty();
    }

    /**
     * Makes what is known durable, and lets go of what nobody needs any more.
     *
     * @throws DiskFull when there is no room; it may be tried again
     */
    void checkpoint() {
        Check.that(tasks.isEmpty(), "everything that is known is saved");
        journals.commit();
        for (PullState.Place place : places()) {
            state.setEnd(place, journals.end(place));
        }
        state.setParkedFrom(parked.oldest(state.end(PullState.Place.PARKED).position()));
        scratch.clear();
        state.write(scratch);
        setup.checkpoints().save(scratch.array(), scratch.size());
        dirty = false;
        for (PullState.Place place : places()) {
            long position =
                    place == PullState.Place.PARKED
                            ? state.parkedFrom()
                            : state.end(place).position();
            journals.acknowledge(place, setup.reader(), position);
        }
        journals.trim();
    }

    private List<PullState.Place> places() {
        return List.copyOf(new EnumMap<>(setup.journals()).keySet());
    }

    /** Nothing more will come: the lane may close what is open. */
    void closeIntake(ByteBuffer block) {
        journals.appendOwn(PullState.Place.RECEIVED, block);
        journals.commit();
        dirty = true;
    }

    /** What is known. */
    PullState state() {
        return state;
    }

    /** What is parked. */
    PullParked parked() {
        return parked;
    }

    /** The journals, for whoever tells how they were found. */
    PullJournals journals() {
        return journals;
    }

    @Override
    public void close() {
        journals.close();
    }
}
