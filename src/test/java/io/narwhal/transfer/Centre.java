package io.narwhal.transfer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A simulated host with a manager: its journal is a list, of which a crash keeps the forced part.
 */
final class Centre implements Saving {
    /** What is appended. */
    private sealed interface Entry {
        String link();

        record Data(String link, FromAgent.AccountingData data, int[] records) implements Entry {}

        record Resumed(String link, Resumption resumption, List<Incarnation> lineage)
                implements Entry {}

        record Resolved(String link, FromAgent.Resolve resolve) implements Entry {}
    }

    private record Parked(String link, StreamId stream, long epoch, long position) {}

    final SimulatedTransfer world;
    final String name;
    final List<Connection> connections = new ArrayList<>();
    int roomRecords = 50;
    boolean partitioned;
    private List<Entry> journal = new ArrayList<>();
    private int forced;
    private final List<Integer> backups = new ArrayList<>();
    private String instance;
    private Manager manager;
    private boolean up;
    private int generation;
    private boolean forcing;
    private int sizeAtRest;
    private Map<String, Positions> positions = new HashMap<>();
    private final Map<Integer, Integer> counted = new HashMap<>();
    private final Map<Integer, Parked> parked = new HashMap<>();
    private final Set<Integer> safe = new HashSet<>();

    Centre(SimulatedTransfer world, String name) {
        this.world = world;
        this.name = name;
        this.instance = "i" + world.newId();
    }

    // ---- life ----

    void start() {
        up = true;
        forcing = false;
        int mine = ++generation;
        world.say(name + " starts");
        replay();
        manager = new Manager(new ManagerSettings(name, instance, 28 * 60), this);
        for (Host agent : world.agents) {
            long every = 200 + world.random.nextInt(2_000);
            Thresholds thresholds =
                    new Thresholds(
                            world.random.nextInt(2) * 60,
                            30,
                            world.random.nextInt(2) * 5,
                            0,
                            100 + world.random.nextInt(900));
            thresholds =
                    thresholds.approachPercent() == 0
                            ? new Thresholds(0, 0, thresholds.records(), 0, 500)
                            : thresholds;
            manager.add(
                    new LinkSettings(
                            agent.name,
                            agent.name,
                            agent.kind(),
                            every,
                            thresholds,
                            1 + world.random.nextInt(20),
                            28L * (1 + world.random.nextInt(30))),
                    world.now);
        }
        tick(mine);
    }

    private void replay() {
        positions = new HashMap<>();
        counted.clear();
        parked.clear();
        safe.clear();
        forced = journal.size();
        for (Entry entry : journal) {
            Positions of = positions.computeIfAbsent(entry.link(), _ -> new Positions());
            switch (entry) {
                case Entry.Data(_, var data, _) ->
                        of.appended(
                                data.stream(),
                                data.epoch(),
                                data.incarnation(),
                                data.from(),
                                data.through(),
                                data.txn());
                case Entry.Resumed(_, var resumption, var lineage) ->
                        of.resumed(resumption, lineage);
                case Entry.Resolved _ -> {}
            }
            apply(entry);
        }
        journal.forEach(this::keep);
    }

    private void keep(Entry entry) {
        if (entry instanceof Entry.Data(_, _, var records)) {
            for (int record : records) {
                safe.add(record);
            }
        }
    }

    private void apply(Entry entry) {
        switch (entry) {
            case Entry.Data(var link, var data, var records) -> {
                long position = data.from();
                for (int record : records) {
                    if (data.possibleDuplicateOf().isEmpty()) {
                        counted.merge(record, 1, Integer::sum);
                    } else {
                        position = world.records.get(record).position;
                        parked.put(record, new Parked(link, data.stream(), data.epoch(), position));
                    }
                }
            }
            case Entry.Resumed _ -> {}
            case Entry.Resolved(var link, var resolve) -> decide(link, resolve);
        }
    }

    private void decide(String link, FromAgent.Resolve resolve) {
        for (Map.Entry<Integer, Parked> one : List.copyOf(parked.entrySet())) {
            Parked is = one.getValue();
            if (is.link.equals(link)
                    && is.stream.equals(resolve.stream())
                    && is.epoch == resolve.epoch()
                    && is.position >= resolve.from()
                    && is.position < resolve.through()) {
                parked.remove(one.getKey());
                if (!resolve.duplicate()) {
                    counted.merge(one.getKey(), 1, Integer::sum);
                }
            }
        }
    }

    private void tick(int mine) {
        if (mine != generation) {
            return;
        }
        guarded(
                () -> {
                    manager.tick(world.now);
                    connect();
                });
        world.after(world.quiet ? 300 : 100, () -> tick(mine));
    }

    private void connect() {
        for (ManagerLink link : manager.links()) {
            if (link.state() == ManagerState.DISCONNECTED && link.connectAtMs() <= world.now) {
                Host agent =
                        world.agents.stream()
                                .filter(one -> one.name.equals(link.name()))
                                .findFirst()
                                .orElseThrow();
                if (agent.up() && (world.quiet || !partitioned)) {
                    new Connection(world, agent, this, link).open();
                } else {
                    link.disconnected("refused", world.now);
                }
            }
        }
    }

    void guarded(Runnable what) {
        if (!up) {
            return;
        }
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
        generation++;
        while (journal.size() > forced) {
            journal.removeLast();
        }
        List.copyOf(connections).forEach(Connection::managerDied);
        connections.clear();
        int mine = generation;
        world.after(
                50 + world.random.nextInt(world.random.nextInt(4) == 0 ? 6_000 : 1_000),
                () -> {
                    if (mine == generation) {
                        start();
                    }
                });
    }

    void recover() {
        roomRecords = 50;
        partitioned = false;
        if (!up) {
            generation++;
            start();
        }
    }

    void forceSoon() {
        if (forcing || manager.appended() == 0) {
            return;
        }
        forcing = true;
        int mine = generation;
        boolean slow = !world.quiet && world.random.nextInt(12) == 0;
        world.after(5 + world.random.nextInt(slow ? 1_500 : 60), () -> force(mine));
    }

    private void force(int mine) {
        if (mine != generation) {
            return;
        }
        guarded(
                () -> {
                    forcing = false;
                    world.mayCrash();
                    long mark = manager.appended();
                    journal.subList(forced, journal.size()).forEach(this::keep);
                    forced = journal.size();
                    world.mayCrash();
                    manager.forced(mark, world.now);
                });
    }

    // ---- disasters ----

    void backUp() {
        backups.add(forced);
    }

    void lose() {
        crash();
        world.say(name + " loses its disk");
        cut(0);
        backups.clear();
        instance = "i" + world.newId();
    }

    void restore() {
        if (backups.isEmpty()) {
            return;
        }
        crash();
        int at = backups.get(world.random.nextInt(backups.size()));
        if (at < forced) {
            world.say(name + " is put back");
            cut(at);
        }
        backups.removeIf(backup -> backup > at);
    }

    String reader() {
        return world.readers.entrySet().stream()
                .filter(one -> one.getValue().contains(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    private void cut(int at) {
        String reader = reader();
        for (Entry entry : journal.subList(at, journal.size())) {
            if (entry instanceof Entry.Data(_, _, var records)) {
                for (int record : records) {
                    SimulatedTransfer.Rec rec = world.records.get(record);
                    rec.excused.put(reader, "manager");
                }
            }
        }
        journal = new ArrayList<>(journal.subList(0, at));
        forced = at;
        replay();
    }

    // ---- Saving ----

    @Override
    public Positions positions(String link) {
        return positions.computeIfAbsent(link, _ -> new Positions());
    }

    @Override
    public void append(String link, FromAgent.AccountingData data) {
        world.mayCrash();
        ByteBuffer frames = data.frames().duplicate();
        int[] records = new int[frames.remaining() / 28];
        for (int i = 0; i < records.length; i++) {
            records[i] = frames.getInt(28 * i + 24);
        }
        Entry entry = new Entry.Data(link, data, records);
        journal.add(entry);
        apply(entry);
        world.mayCrash();
    }

    @Override
    public void duplicate(String link, FromAgent.AccountingData data) {
        throw new SimulatedTransfer.Broken("an agent that was told sent it again");
    }

    @Override
    public void resumed(String link, Resumption resumption) {
        world.say(name + " " + link + " " + resumption);
        Saved now = positions(link).of(resumption.id());
        journal.add(new Entry.Resumed(link, resumption, now == null ? List.of() : now.lineage()));
    }

    @Override
    public void resolve(String link, FromAgent.Resolve resolve) {
        Entry entry = new Entry.Resolved(link, resolve);
        journal.add(entry);
        apply(entry);
    }

    @Override
    public Room room() {
        return new Room(roomRecords, roomRecords * 28L);
    }

    @Override
    public void note(String link, TransferEvent event) {
        world.say(name + " " + link + " " + event.kind() + " " + event.what());
    }

    // ---- what must hold ----

    /** An acknowledgement says that it is forced. */
    void acknowledges(String link, long txn) {
        for (Entry entry : journal.subList(forced, journal.size())) {
            boolean early =
                    entry instanceof Entry.Data(var of, var data, _)
                            && of.equals(link)
                            && data.txn() <= txn;
            SimulatedTransfer.require(!early, "acknowledged and not forced: " + txn);
        }
    }

    int counted(SimulatedTransfer.Rec rec) {
        return counted.getOrDefault(rec.id(), 0);
    }

    int parked(SimulatedTransfer.Rec rec) {
        return parked.containsKey(rec.id()) ? 1 : 0;
    }

    boolean hasForced(SimulatedTransfer.Rec rec) {
        return safe.contains(rec.id());
    }

    boolean stated(SimulatedTransfer.Rec rec) {
        for (Entry entry : journal) {
            if (entry instanceof Entry.Resumed(_, var resumption, _)
                    && resumption.id().equals(rec.stream)
                    && resumption.epoch() == rec.epoch
                    && resumption.lostFrom() <= rec.position
                    && rec.position < resumption.lostTo()) {
                return true;
            }
            if (entry instanceof Entry.Data(_, var data, _)
                    && data.stream().equals(rec.stream)
                    && data.epoch() == rec.epoch
                    && !data.gap().isEmpty()
                    && !data.elsewhere()
                    && data.from() <= rec.position
                    && rec.position < data.through()) {
                return true;
            }
        }
        return false;
    }

    void check() {
        counted.forEach(
                (id, count) ->
                        SimulatedTransfer.require(count == 1, name + " has counted twice: " + id));
    }

    boolean atRest() {
        for (ManagerLink link : manager.links()) {
            boolean open =
                    switch (link.state()) {
                        case READY, PULLING -> true;
                        case DISCONNECTED, RESYNC, SAVING, ACKING, BACKPRESSURED, CLOSED -> false;
                    };
            if (!open) {
                return false;
            }
        }
        if (!connections.stream().allMatch(Connection::alive)) {
            return false;
        }
        boolean still = journal.size() == sizeAtRest;
        sizeAtRest = journal.size();
        return still && forced == sizeAtRest;
    }

    String unrest() {
        return name + " " + manager.facts();
    }
}
