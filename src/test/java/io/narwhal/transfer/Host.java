package io.narwhal.transfer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A simulated host with an agent. */
final class Host implements Holding {
    /** A frame of a journal. */
    record Frame(long position, long through, SimulatedTransfer.Rec rec, long sequence) {
        /** Some frames count for more than a small credit. */
        long records() {
            return sequence % 5 == 0 ? 4 : 1;
        }
    }

    /** A journal: what is on the disk. */
    static final class Store {
        final StreamId id;
        long epoch;
        List<Frame> frames = new ArrayList<>();
        List<Incarnation> lineage = new ArrayList<>();
        long first;
        long end;
        long sequence;
        int forced;

        Store(StreamId id, long epoch) {
            this.id = id;
            this.epoch = epoch;
        }

        Store copy() {
            Store copy = new Store(id, epoch);
            copy.frames = new ArrayList<>(frames.subList(0, forced));
            copy.lineage = new ArrayList<>(lineage);
            copy.first = first;
            copy.end = forcedEnd();
            copy.sequence = sequence;
            copy.forced = forced;
            return copy;
        }

        long forcedEnd() {
            return forced == 0 ? first : frames.get(forced - 1).through;
        }
    }

    private record Backup(
            List<Store> stores, Map<String, byte[]> states, Map<String, Long> freed) {}

    final SimulatedTransfer world;
    final String name;
    boolean lostStore;
    boolean replaced;
    final List<Connection> connections = new ArrayList<>();
    final Map<String, Long> sent = new HashMap<>();
    private List<Store> stores = new ArrayList<>();
    private Map<String, byte[]> states = new TreeMap<>();
    private Map<String, Long> freed = new HashMap<>();
    private final List<Backup> backups = new ArrayList<>();
    Agent agent;
    private boolean up;
    private boolean writing;
    private int generation;
    private final int capacity;
    private final boolean usage;
    private List<Stream> received = List.of();
    private List<Stream> used = List.of();
    private boolean stale = true;

    Host(SimulatedTransfer world, String name) {
        this.world = world;
        this.name = name;
        this.capacity = 20 + world.random.nextInt(60);
        this.usage = world.random.nextInt(4) == 0;
        format();
    }

    private void format() {
        stores = new ArrayList<>();
        states = new TreeMap<>();
        freed = new HashMap<>();
        int journals = usage ? 0 : world.random.nextInt(2);
        Journal kind = usage ? Journal.USAGE : Journal.RECEIVED;
        for (int i = 0; i <= journals; i++) {
            stores.add(new Store(new StreamId(kind, "j" + i), world.newId() << 20));
        }
    }

    Journal kind() {
        return usage ? Journal.USAGE : Journal.RECEIVED;
    }

    boolean reads(String reader, Journal journal) {
        return journal == kind();
    }

    // ---- life ----

    void start() {
        up = true;
        stale = true;
        AgentSettings settings = new AgentSettings(name, 0, "1", world.readers, 3_000);
        agent = Agent.open(settings, this, states, world.now);
        int mine = ++generation;
        world.say(name + " starts");
        world.after(world.random.nextInt(300), () -> write(mine));
        tick(mine);
    }

    private void write(int mine) {
        if (mine != generation) {
            return;
        }
        for (Store store : stores) {
            store.lineage.add(new Incarnation(world.newId(), store.end));
            store.forced = store.frames.size();
        }
        stale = true;
        writing = true;
        world.say(name + " writes on");
    }

    private void tick(int mine) {
        if (mine != generation) {
            return;
        }
        guarded(() -> agent.tick(world.now));
        world.after(world.quiet ? 500 : 150, () -> tick(mine));
    }

    /** Does something during which the host may die. */
    void guarded(Runnable what) {
        try {
            what.run();
        } catch (SimulatedTransfer.Crash e) {
            crash();
        }
    }

    boolean up() {
        return up;
    }

    void crash() {
        world.say(name + " crashes");
        up = false;
        writing = false;
        generation++;
        stale = true;
        for (Store store : stores) {
            int keep = store.forced;
            if (store.frames.size() > keep) {
                keep += world.random.nextInt(store.frames.size() - keep + 1);
            }
            while (store.frames.size() > keep) {
                store.frames.removeLast();
            }
            store.end = store.frames.isEmpty() ? store.first : store.frames.getLast().through;
            promise(store, keep);
        }
        List.copyOf(connections).forEach(connection -> connection.agentDied());
        connections.clear();
        int mine = generation;
        world.after(
                50 + world.random.nextInt(1_500),
                () -> {
                    if (mine == generation) {
                        start();
                    }
                });
    }

    void recover() {
        if (!up) {
            generation++;
            start();
        }
    }

    // ---- disasters ----

    void backUp() {
        Map<String, Long> copy = new HashMap<>(freed);
        backups.add(
                new Backup(stores.stream().map(Store::copy).toList(), new TreeMap<>(states), copy));
    }

    void restore() {
        if (backups.isEmpty() || world.groups || usage) {
            return;
        }
        crash();
        world.say(name + " is put back");
        replaced = true;
        Backup backup = backups.get(world.random.nextInt(backups.size()));
        List<Store> before = stores;
        stores = new ArrayList<>(backup.stores.stream().map(Store::copy).toList());
        states = new TreeMap<>(backup.states);
        freed = new HashMap<>(backup.freed);
        stale = true;
        gone(before);
    }

    void lose() {
        if (usage) {
            return;
        }
        crash();
        world.say(name + " loses its disk");
        lostStore = true;
        replaced = true;
        List<Store> before = stores;
        format();
        stale = true;
        gone(before);
    }

    private void gone(List<Store> before) {
        for (Store store : before) {
            for (Frame frame : store.frames) {
                boolean here =
                        stores.stream()
                                .anyMatch(
                                        now ->
                                                now.frames.stream()
                                                        .anyMatch(f -> f.rec == frame.rec));
                for (String reader : world.readers.keySet()) {
                    if (!here && frame.rec != null && !world.saved(frame.rec, reader)) {
                        frame.rec.excused.put(reader, "agent");
                    }
                }
            }
        }
    }

    // ---- collecting ----

    void collect() {
        if (!up || !writing) {
            return;
        }
        for (Store store : stores) {
            int count = world.random.nextInt(3);
            for (int i = 0; i < count; i++) {
                if (store.frames.size() >= capacity) {
                    world.refused++;
                } else {
                    append(store);
                }
            }
            if (world.random.nextInt(3) > 0) {
                promise(store, store.frames.size());
            }
        }
        guarded(() -> agent.tick(world.now));
    }

    private void append(Store store) {
        SimulatedTransfer.Rec rec =
                new SimulatedTransfer.Rec(this, store.id, store.epoch, store.end);
        long through = store.end + SimulatedTransfer.FRAME_WIDTH;
        store.frames.add(new Frame(store.end, through, rec, ++store.sequence));
        store.end = through;
    }

    /** Forces and publishes: from here on it is in custody. */
    private void promise(Store store, int count) {
        for (int i = store.forced; i < count; i++) {
            store.frames.get(i).rec.id = world.records.size();
            world.records.add(store.frames.get(i).rec);
        }
        store.forced = Math.max(store.forced, count);
        stale = true;
    }

    // ---- Holding ----

    @Override
    public List<Stream> streams(Journal journal) {
        if (stale) {
            List<Stream> all = new ArrayList<>();
            for (Store store : stores) {
                all.add(
                        new Stream(
                                store.id,
                                store.epoch,
                                store.lineage,
                                store.first,
                                store.forcedEnd()));
            }
            received = usage ? List.of() : List.copyOf(all);
            used = usage ? List.copyOf(all) : List.of();
            stale = false;
        }
        return journal == Journal.RECEIVED ? received : used;
    }

    private Store store(StreamId id) {
        return stores.stream().filter(one -> one.id.equals(id)).findFirst().orElseThrow();
    }

    @Override
    public Slice read(StreamId id, long from, long before, long recordsMax, int bytesMax) {
        world.mayCrash();
        if (!world.quiet && world.random.nextInt(200) == 0) {
            return new Slice.Unavailable(from, "no");
        }
        Store store = store(id);
        SimulatedTransfer.require(from >= store.first, "read of what is not held");
        int most = Math.clamp(bytesMax / 28, 1, 3);
        long weight = 0;
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < store.forced && frames.size() < most; i++) {
            Frame frame = store.frames.get(i);
            if (frame.position >= from && frame.position < before) {
                if (!frames.isEmpty() && weight + frame.records() > recordsMax) {
                    break;
                }
                weight += frame.records();
                frames.add(frame);
            }
        }
        if (frames.isEmpty()) {
            return new Slice.End(from);
        }
        ByteBuffer octets = ByteBuffer.allocate(28 * frames.size());
        for (Frame frame : frames) {
            octets.put(SimulatedTransfer.frame(frame.rec.id(), frame.sequence, frame.position));
        }
        return new Slice.Frames(
                frames.getFirst().position,
                frames.getLast().through,
                frames.getFirst().sequence,
                frames.getLast().sequence,
                frames.size(),
                weight,
                octets.flip());
    }

    @Override
    public Occupancy occupancy(Journal journal, Map<StreamId, Long> acknowledged) {
        if (journal != kind()) {
            return Occupancy.EMPTY;
        }
        long count = 0;
        for (Store store : stores) {
            long from = acknowledged.getOrDefault(store.id, 0L);
            for (int i = store.forced - 1; i >= 0 && store.frames.get(i).position >= from; i--) {
                count++;
            }
        }
        int fill = (int) Math.min(100, 100 * count / (capacity * stores.size()));
        return count == 0
                ? Occupancy.EMPTY
                : new Occupancy(count, count * 28, world.now * 1_000 - 1, fill);
    }

    @Override
    public void save(String state, byte[] bytes) {
        world.mayCrash();
        states.put(state, bytes);
        world.mayCrash();
    }

    @Override
    public void free(String reader, StreamId id, long through) {
        Store store = store(id);
        SimulatedTransfer.require(through <= store.forcedEnd(), "freed beyond the end");
        for (int i = 0; i < store.forced && store.frames.get(i).through <= through; i++) {
            SimulatedTransfer.Rec rec = store.frames.get(i).rec;
            boolean fine = world.saved(rec, reader) || rec.excused.containsKey(reader);
            SimulatedTransfer.require(
                    fine, "freed and not saved: record " + rec.id + " for " + reader);
        }
        freed.merge(reader + id, through, Math::max);
        long all = Long.MAX_VALUE;
        for (String each : world.readers.keySet()) {
            all = Math.min(all, freed.getOrDefault(each + id, 0L));
        }
        if (world.random.nextInt(3) == 0) {
            trim(store, all);
        }
        world.mayCrash();
    }

    private void trim(Store store, long to) {
        while (store.forced > 0 && store.frames.getFirst().through <= to) {
            store.first = store.frames.removeFirst().through;
            store.forced--;
            stale = true;
        }
    }

    @Override
    public long wallMicros() {
        return world.now * 1_000;
    }

    @Override
    public void note(String reader, TransferEvent event) {
        world.say(name + " " + reader + " " + event.kind() + " " + event.what());
    }

    // ---- rest ----

    boolean atRest() {
        for (LinkFacts facts : agent.facts()) {
            if (facts.state().equals("resync")) {
                return false;
            }
        }
        for (String reader : world.readers.keySet()) {
            if (agent.state(reader, kind()) != null && !settledFor(reader)) {
                return false;
            }
        }
        return true;
    }

    private boolean settledFor(String reader) {
        for (Store store : stores) {
            long at = agent.acknowledged(reader, kind()).getOrDefault(store.id, -1L);
            if (at < store.forcedEnd()) {
                return false;
            }
        }
        return agent.state(reader, kind()).doubtfulBytes() == 0;
    }

    String unrest() {
        StringBuilder why = new StringBuilder();
        for (Store store : stores) {
            for (String reader : world.readers.keySet()) {
                why.append(
                        "%s %s for %s: %s of %d; "
                                .formatted(
                                        name,
                                        store.id,
                                        reader,
                                        agent.acknowledged(reader, kind()).get(store.id),
                                        store.forcedEnd()));
            }
        }
        return why + agent.facts().toString();
    }
}
