package io.narwhal.transfer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Agents and managers on hosts that crash, lose their disks and are put back from backups, joined
 * by a network that delays, falls silent and breaks. Everything follows from the seed.
 */
final class SimulatedTransfer {
    static final long FRAME_WIDTH = 3L << 20;
    private static final long REST_LIMIT_MS = 400_000;

    /** What must never be seen. */
    static final class Broken extends AssertionError {
        Broken(String what) {
            super(what);
        }
    }

    /** The host dies here. */
    static final class Crash extends RuntimeException {
        Crash() {
            super("crash", null, false, false);
        }
    }

    private record Event(long at, long order, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /** A record that an agent has taken. */
    static final class Rec {
        int id = -1;
        final Host agent;
        final StreamId stream;
        final long epoch;
        final long position;

        /** Readers for which it may be missing, and why. */
        final Map<String, String> excused = new HashMap<>();

        int id() {
            return id;
        }

        Rec(Host agent, StreamId stream, long epoch, long position) {
            this.agent = agent;
            this.stream = stream;
            this.epoch = epoch;
            this.position = position;
        }
    }

    final SplittableRandom random;
    final List<Host> agents = new ArrayList<>();
    final List<Centre> managers = new ArrayList<>();
    final List<Rec> records = new ArrayList<>();
    final List<String> log = new ArrayList<>();
    final boolean verbose;
    Map<String, List<String>> readers = new TreeMap<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final long activeMs;
    private final double crashRate;
    private final double breakRate;
    private final boolean disasters;
    boolean groups;
    boolean quiet;
    long now = 1_000_000;
    private long order;
    private long ids = 1;
    long refused;

    SimulatedTransfer(long seed, boolean verbose) {
        this.verbose = verbose;
        random = new SplittableRandom(seed);
        activeMs = now + 2_000 + random.nextInt(8_000);
        crashRate = random.nextInt(3) == 0 ? 0 : 0.004 * random.nextInt(5);
        breakRate = random.nextInt(3) == 0 ? 0 : 0.01 * random.nextInt(5);
        disasters = random.nextInt(3) > 0;
        int managerCount = 1 + random.nextInt(3);
        groups = managerCount > 1 && random.nextInt(2) == 0;
        List<String> names = new ArrayList<>();
        for (int i = 0; i < managerCount; i++) {
            names.add("m" + i);
        }
        Map<String, List<String>> members = new TreeMap<>();
        if (groups) {
            int size = 2 + random.nextInt(managerCount - 1);
            members.put("pair", names.subList(managerCount - size, managerCount));
        }
        readers = AgentSettings.readers(names, members);
        int agentCount = 1 + random.nextInt(3);
        for (int i = 0; i < agentCount; i++) {
            agents.add(new Host(this, "a" + i));
        }
        for (String name : names) {
            managers.add(new Centre(this, name));
        }
    }

    void say(String what) {
        if (verbose) {
            log.add(now + " " + what);
        }
    }

    long newId() {
        return ids++;
    }

    boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    /** Whether a host dies at this step. */
    void mayCrash() {
        if (!quiet && chance(crashRate)) {
            throw new Crash();
        }
    }

    boolean mayBreak() {
        return !quiet && chance(breakRate);
    }

    void after(long delayMs, Runnable what) {
        events.add(new Event(now + delayMs, order++, what));
    }

    static void require(boolean holds, String what) {
        if (!holds) {
            throw new Broken(what);
        }
    }

    /** Plays it to its end. */
    void run() {
        agents.forEach(Host::start);
        managers.forEach(Centre::start);
        agents.forEach(this::collect);
        if (disasters) {
            after(random.nextInt(3_000), this::disaster);
        }
        after(500, this::weather);
        play(activeMs);
        quiet = true;
        say("quiet");
        agents.forEach(Host::recover);
        managers.forEach(Centre::recover);
        long limit = now + REST_LIMIT_MS;
        for (int still = 0; still < 3; still = atRest() ? still + 1 : 0) {
            require(now < limit, "it does not come to rest: " + unrest());
            play(now + 2_000);
        }
        managers.forEach(Centre::check);
        records.forEach(this::settled);
    }

    private void play(long until) {
        while (!events.isEmpty() && events.peek().at <= until) {
            Event event = events.poll();
            now = event.at;
            event.what.run();
        }
        now = until;
    }

    private void collect(Host agent) {
        agent.collect();
        if (!quiet) {
            after(20 + random.nextInt(200), () -> collect(agent));
        }
    }

    private void weather() {
        if (quiet) {
            return;
        }
        for (Centre manager : managers) {
            int kind = random.nextInt(4);
            manager.roomRecords = kind == 0 ? 0 : kind == 1 ? 1 + random.nextInt(3) : 50;
            manager.partitioned = random.nextInt(8) == 0;
        }
        after(500 + random.nextInt(2_000), this::weather);
    }

    private void disaster() {
        if (quiet) {
            return;
        }
        Host agent = agents.get(random.nextInt(agents.size()));
        Centre manager = managers.get(random.nextInt(managers.size()));
        switch (random.nextInt(8)) {
            case 0 -> agent.lose();
            case 1, 2 -> agent.backUp();
            case 3 -> agent.restore();
            case 4 -> manager.lose();
            case 5, 6 -> manager.backUp();
            default -> manager.restore();
        }
        after(300 + random.nextInt(2_000), this::disaster);
    }

    // ---- what must hold ----

    private boolean atRest() {
        return agents.stream().allMatch(Host::atRest) && managers.stream().allMatch(Centre::atRest);
    }

    private String unrest() {
        StringBuilder why = new StringBuilder();
        agents.forEach(agent -> why.append(agent.unrest()));
        managers.forEach(manager -> why.append(manager.unrest()));
        return why.toString();
    }

    private void settled(Rec rec) {
        for (Map.Entry<String, List<String>> reader : readers.entrySet()) {
            if (!rec.agent.reads(reader.getKey(), rec.stream.journal())) {
                continue;
            }
            int counted = 0;
            int parked = 0;
            for (String member : reader.getValue()) {
                Centre manager = manager(member);
                counted += manager.counted(rec);
                parked += manager.parked(rec);
            }
            String what = "record %d of %s %s epoch %d at %d for %s: counted %d, parked %d, %s";
            String where =
                    what.formatted(
                            rec.id,
                            rec.agent.name,
                            rec.stream,
                            rec.epoch,
                            rec.position,
                            reader.getKey(),
                            counted,
                            parked,
                            rec.excused.get(reader.getKey()));
            require(counted <= 1, "doubled: " + where);
            boolean undecided = parked > 0 && rec.agent.lostStore;
            require(parked == 0 || rec.agent.lostStore, "never decided: " + where);
            String excuse = rec.excused.get(reader.getKey());
            require(counted == 1 || undecided || excuse != null, "missing: " + where);
            if (counted == 0 && !undecided && "manager".equals(excuse) && !rec.agent.replaced) {
                boolean stated =
                        reader.getValue().stream().anyMatch(name -> manager(name).stated(rec));
                require(stated, "lost and not stated: " + where);
            }
        }
    }

    Centre manager(String name) {
        return managers.stream().filter(one -> one.name.equals(name)).findFirst().orElseThrow();
    }

    /** Whether a member has it forced: counted or parked, or lost it after it had. */
    boolean saved(Rec rec, String reader) {
        for (String member : readers.getOrDefault(reader, List.of())) {
            if (manager(member).hasForced(rec)) {
                return true;
            }
        }
        return false;
    }

    static ByteBuffer frame(int id, long sequence, long position) {
        return ByteBuffer.allocate(28)
                .putInt(4)
                .putInt(1)
                .putLong(sequence)
                .putLong(position)
                .putInt(id)
                .flip();
    }
}
