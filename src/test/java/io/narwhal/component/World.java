package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.base.InFlight;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StateWriter;
import io.narwhal.collect.Collector;
import io.narwhal.collect.Intake;
import io.narwhal.config.AccountingConfig;
import io.narwhal.config.CheckpointConfig;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.CommitConfig;
import io.narwhal.config.ConfigSource;
import io.narwhal.config.CustomersConfig;
import io.narwhal.config.EnhanceConfig;
import io.narwhal.config.HeldConfig;
import io.narwhal.config.JournalSettings;
import io.narwhal.config.JournalsConfig;
import io.narwhal.config.LimitsConfig;
import io.narwhal.config.Listen;
import io.narwhal.config.MemoryConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.OutputConfig;
import io.narwhal.config.RestartConfig;
import io.narwhal.config.SessionsConfig;
import io.narwhal.journal.JournalFull;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.Field;
import io.narwhal.record.HeldItem;
import io.narwhal.record.UsageDefinition;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.IntSupplier;

/**
 * A node on one thread and a simulated disk: two collectors with three sockets, accounting, one
 * output; steps in an order that the seed decides. A world that was cut is followed by another,
 * which has what a kill or a power cut leaves.
 */
final class World {
    static final UsageDefinition BY_SOURCE =
            new UsageDefinition("by-source", List.of(Field.SRC_ADDR), 1_000, 500);
    static final UsageDefinition BY_CUSTOMER =
            new UsageDefinition("by-customer", List.of(Field.CUSTOMER, Field.DIRECTION), 2_000, 0);
    private static final String CUSTOMERS = "/etc/customers.csv";
    static final NodeConfig CONFIG = config();
    static final NodeLayout LAYOUT = new NodeLayout(CONFIG.data());

    private static final List<InFlight> AREAS =
            List.of(InFlight.inMemory(), InFlight.inMemory(), InFlight.inMemory());

    /** What stands between kernel and journal, kept apart from the mapped memory. */
    private record Flight(List<byte[]> slots, List<Integer> ports, long batch, long appendAt) {}

    private final class Source {
        final CollectorConfig config;
        final JournalWriter journal;
        final Collector collector;
        final List<Intake> intakes = new ArrayList<>();
        final List<Kernel> sockets = new ArrayList<>();
        final SortedSet<Integer> appended = new TreeSet<>();

        Source(CollectorConfig config, int firstSocket) {
            this.config = config;
            Path directory = LAYOUT.received(config.name());
            journal = CollectorComponent.open(environment, config);
            journal.force();
            journal.publish(journal.forced());
            try (var last = JournalReader.openLast(disk, directory)) {
                collector = new Collector(journal, last, clock);
            }
            for (int i = 0; i < config.listen().size(); i++) {
                Kernel socket = kernels.get(firstSocket + i);
                var intake = new Intake(collector, i, i, socket, AREAS.get(firstSocket + i), clock);
                intakes.add(intake);
                sockets.add(socket);
                intake.recover(boot, at -> JournalReader.openPhysical(disk, directory, at));
                if (!lostPower) {
                    appended.addAll(socket.handed());
                }
            }
        }

        void step(int number) {
            Kernel socket = sockets.get(number);
            try {
                intakes.get(number).step(0);
                socket.setRefused(false);
                appended.addAll(socket.handed());
                appended.removeAll(optional); // of the boot before, and not in this area
            } catch (DiskFull | JournalFull full) {
                socket.setRefused(true);
                clock.sleepMillis(100);
            }
        }

        void commit(boolean trims) {
            journal.force();
            forced.addAll(appended);
            journal.publish(journal.forced());
            if (trims && !keepsReceived) {
                journal.trim(clock.wallMicros());
            }
        }

        void mark(boolean close) {
            while (true) {
                try {
                    if (close) {
                        intakes.getFirst().close();
                    } else {
                        intakes.getLast().tick();
                    }
                    return;
                } catch (DiskFull | JournalFull full) {
                    clock.sleepMillis(100);
                }
            }
        }
    }

    /** Time that passes only when somebody waits or the driver says so. */
    private final class Time implements Clock {
        @Override
        public long wallMicros() {
            return nowMs * 1_000;
        }

        @Override
        public long monotonicNanos() {
            return nowMs * 1_000_000;
        }

        @Override
        public void sleepMillis(long millis) {
            nowMs += millis;
            waits++;
            if (fullWaits > 0 && disk.isLimited() && --fullWaits == 0) {
                disk.capacity(Long.MAX_VALUE);
            }
            if (waits == growAfterWaits) {
                disk.capacity(Long.MAX_VALUE);
            }
        }
    }

    final SimulatedDisk disk;
    private final Script script;
    private final Random random;
    private final List<Kernel> kernels;
    private final UUID boot;
    private final boolean lostPower;
    private final Time clock = new Time();
    private final Environment environment;
    private final List<Source> sources = new ArrayList<>();
    private final Duty duty;
    private AccountingComponent accounting;
    private OutputComponent output;
    private long nowMs;
    private int sent;
    private int steps;
    private int waits;
    private int growAfterWaits = -1;
    private int deaths;
    private boolean keepsReceived;
    private @Nullable Poison poison;
    private long mendAtStep = -1;
    private long shrinkAtStep = -1;
    private int fullWaits;

    /** Handed to a process whose machine lost its power before they were forced: may be missing. */
    private final SortedSet<Integer> optional = new TreeSet<>();

    private final SortedSet<Integer> forced = new TreeSet<>();

    /** A machine that was never used. */
    static World begin(Script script, long seed) {
        var disk = new SimulatedDisk(seed);
        String customers =
                "prefix,customer\n10.1.0.0/29,alpha\n10.1.0.8/29,beta\n198.18.0.1/32,gamma\n";
        disk.put(Path.of(CUSTOMERS), customers.getBytes(StandardCharsets.UTF_8));
        List<Kernel> kernels = new ArrayList<>();
        for (int i = 0; i < Script.SOCKETS; i++) {
            kernels.add(new Kernel(i));
        }
        var world = new World(disk, script, seed, kernels, new UUID(1, 1), false);
        world.nowMs = Script.START_MS;
        for (InFlight area : AREAS) {
            area.format(0, 0);
        }
        return world;
    }

    private World(
            SimulatedDisk disk,
            Script script,
            long seed,
            List<Kernel> kernels,
            UUID boot,
            boolean lostPower) {
        this.disk = disk;
        this.script = script;
        this.random = new Random(seed);
        this.kernels = kernels;
        this.boot = boot;
        this.lostPower = lostPower;
        this.environment =
                new Environment(CONFIG, LAYOUT, disk, Net.system(), Processes.system(), clock);
        var pages = new SimulatedDisk(1);
        pages.createDirectories(Path.of("/run"));
        this.duty = new Duty(ComponentPage.open(pages, Path.of("/run/page")), clock);
        this.accounting = newAccounting();
        this.output = newOutput();
    }

    private AccountingComponent newAccounting() {
        return new AccountingComponent(
                environment, marks -> poison == null ? Marks.NONE : poison.apply(marks));
    }

    /** Mends the decoder at that step, and recycles what is held by then. */
    World mendAt(long step) {
        mendAtStep = step;
        return this;
    }

    /** From now on, and after every cut, accounting dies of this. */
    World poisoned(Poison with) {
        poison = with;
        return this;
    }

    /** Lets nothing be deleted of what was received. */
    World keeping() {
        keepsReceived = true;
        return this;
    }

    /** The decoder is mended. */
    void mend() {
        if (poison != null) {
            poison.mend();
        }
    }

    /** Whether it is. */
    boolean isMended() {
        return poison == null || poison.isMended();
    }

    /** How often accounting died of poison in this world. */
    int deaths() {
        return deaths;
    }

    /** Does it, as often as the node manager starts accounting again. */
    private int account(IntSupplier step) {
        boolean isDead = false;
        while (true) {
            try {
                if (isDead) {
                    accounting.close();
                    accounting = newAccounting();
                    accounting.recover(duty);
                }
                return step.getAsInt();
            } catch (Poison.Poisoned e) {
                deaths++;
                isDead = true;
            }
        }
    }

    /** What accounting has set aside. */
    List<HeldItem> held() {
        return CONFIG.lanes().stream()
                .flatMap(lane -> HeldList.load(disk, LAYOUT, lane).list(lane).stream())
                .toList();
    }

    /** An operator recycles all that is held, and all of it is delivered. */
    void recycle() {
        ask();
        account(this::commit);
        finish(); // closes the bins once more
    }

    private void ask() {
        for (HeldItem item : held()) {
            HeldRequest.ask(disk, LAYOUT, item.lane(), List.of(item.id()));
        }
    }

    private OutputComponent newOutput() {
        return new OutputComponent(
                environment,
                CONFIG.outputs().getFirst(),
                (frame, rows) -> {
                    var out = new StateWriter(1 << 10);
                    rows.write(out);
                    return out.toBytes();
                });
    }

    /** What stands in the areas now, so that several worlds can follow this one. */
    List<Object> flights() {
        List<Object> flights = new ArrayList<>();
        for (InFlight area : AREAS) {
            List<byte[]> slots = new ArrayList<>();
            List<Integer> ports = new ArrayList<>();
            for (int slot = 0; slot < InFlight.SLOTS; slot++) {
                if (area.length(slot) > 0) {
                    ByteBuffer bytes = ByteBuffer.allocate(area.length(slot));
                    area.copyTo(slot, bytes);
                    slots.add(bytes.array());
                    ports.add(area.sourcePort(slot));
                }
            }
            flights.add(new Flight(slots, ports, area.batch(), area.appendAt()));
        }
        return flights;
    }

    private void restore(List<Object> flights) {
        for (int i = 0; i < flights.size(); i++) {
            Flight flight = (Flight) flights.get(i);
            InFlight area = AREAS.get(i);
            area.format(boot.getMostSignificantBits(), boot.getLeastSignificantBits());
            while (area.batch() < flight.batch) {
                area.clear();
            }
            for (int slot = 0; slot < flight.slots.size(); slot++) {
                area.put(
                        slot,
                        ByteBuffer.wrap(flight.slots.get(slot)),
                        0,
                        0xffff_0a00_0001L,
                        flight.ports.get(slot));
            }
            area.setAppendAt(flight.appendAt);
        }
    }

    /** The next processes, after a kill of all of them at once. */
    World afterKill(List<Object> flights, long seed) {
        var next = new World(disk.afterKill(), script, seed, copies(), boot, false);
        next.restore(flights);
        inherit(next);
        return next;
    }

    /** The next boot, after a power cut. */
    World afterPowerCut(List<Object> flights, long seed) {
        var bootNext = new UUID(boot.getMostSignificantBits() + 1, seed);
        var next =
                new World(
                        disk.afterPowerCut(new Random(seed)),
                        script,
                        seed,
                        copies(),
                        bootNext,
                        true);
        restore(flights); // of this boot: the next one does not trust it
        inherit(next);
        for (Kernel kernel : next.kernels) {
            next.optional.addAll(kernel.handed());
            kernel.reboot();
        }
        next.optional.removeAll(forced);
        Script.templates(sent / 2).forEach(one -> next.kernels.get(one.socket()).send(one));
        return next;
    }

    private List<Kernel> copies() {
        return new ArrayList<>(kernels.stream().map(Kernel::copy).toList());
    }

    private void inherit(World next) {
        next.nowMs = nowMs + 300;
        next.poison = poison;
        next.sent = sent;
        next.optional.addAll(optional);
        next.forced.addAll(forced);
    }

    /** Leaves this little room from that step on, until somebody has waited so often for room. */
    void shrink(long atStep, int waitsBeforeItGrows) {
        shrinkAtStep = atStep;
        growAfterWaits = waitsBeforeItGrows;
    }

    /** Fills the disk at that operation, until somebody has waited so often for room. */
    void fillAt(long operation, int waitsBeforeItGrows) {
        disk.fullAt(operation);
        fullWaits = waitsBeforeItGrows;
    }

    /** Recovers all components, in an order that the seed decides, and plays the rest. */
    void run() {
        open();
        while (sent < script.datagrams().size()) {
            step();
        }
        finish();
    }

    /** Recovers all components and plays so many steps; what is held is then recycled. */
    void runToMended(long step) {
        open();
        while (steps < step) {
            step();
        }
        mend();
        ask();
        account(this::commit);
    }

    private void open() {
        duty.become(Phase.RECOVERING, "");
        List<Runnable> components = new ArrayList<>();
        components.add(
                () -> {
                    int socket = 0;
                    for (CollectorConfig collector : CONFIG.collectors()) {
                        int first = socket;
                        started(() -> sources.add(new Source(collector, first)));
                        socket += collector.listen().size();
                    }
                });
        components.add(
                () ->
                        started(
                                () -> {
                                    accounting.close();
                                    accounting = newAccounting();
                                    account(
                                            () -> {
                                                accounting.recover(duty);
                                                return commit();
                                            });
                                }));
        components.add(
                () ->
                        started(
                                () -> {
                                    output.close();
                                    output = newOutput();
                                    output.recover();
                                }));
        Collections.shuffle(components, random);
        components.forEach(Runnable::run);
        duty.become(Phase.RUNNING, "");
    }

    // Whoever cannot begin for want of room ends, and is started again.
    private void started(Runnable start) {
        while (true) {
            try {
                start.run();
                return;
            } catch (DiskFull full) {
                clock.sleepMillis(100);
            }
        }
    }

    private void step() {
        nowMs += 60;
        steps++;
        if (steps == mendAtStep && poison != null) {
            poison.mend();
            ask();
        }
        if (steps == shrinkAtStep) {
            disk.capacity(usedBytes() + random.nextInt(300));
        }
        Source source = sources.get(random.nextInt(sources.size()));
        switch (random.nextInt(14)) {
            case 0, 1 -> send(1 + random.nextInt(2));
            case 2, 3, 4 -> source.step(random.nextInt(source.intakes.size()));
            case 5, 6 -> source.commit(random.nextInt(2) == 0);
            case 7, 8 -> {
                int frames = 1 + random.nextInt(4);
                account(() -> accounting.step(duty, frames));
            }
            case 9, 10 -> account(this::commit);
            case 11, 12 -> output.step(duty, 1 + random.nextInt(3));
            default -> source.mark(false);
        }
    }

    private long usedBytes() {
        return disk.files().stream().mapToLong(file -> disk.bytes(file).length).sum();
    }

    private void send(int count) {
        for (int i = 0; i < count && sent < script.datagrams().size(); i++) {
            if (sent % 10 == 7) {
                kernels.get(sent % 3).drop(2);
            }
            Script.Datagram datagram = script.datagrams().get(sent++);
            kernels.get(datagram.socket()).send(datagram);
        }
    }

    private void finish() {
        for (Source source : sources) {
            for (int i = 0; i < source.intakes.size(); i++) {
                for (int again = 0; again < 40; again++) {
                    source.step(i);
                }
            }
            nowMs += 1_000;
            for (int i = 0; i < source.intakes.size(); i++) {
                started(source.intakes.get(i)::tick);
            }
            source.mark(true);
            source.commit(true);
        }
        deliver();
    }

    private int commit() {
        accounting.commit();
        return 0;
    }

    private void deliver() {
        while (account(() -> accounting.step(duty, 8)) > 0) {
            nowMs++;
        }
        account(this::commit);
        while (output.step(duty, 8) > 0) {
            nowMs++;
        }
        sources.forEach(source -> source.commit(true));
    }

    /** Ends all processes in order. */
    void close() {
        output.close();
        accounting.close();
        sources.forEach(source -> source.journal.close());
    }

    AccountingComponent accounting() {
        return accounting;
    }

    int waits() {
        return waits;
    }

    /** All that the kernel handed over. */
    SortedSet<Integer> handed() {
        SortedSet<Integer> handed = new TreeSet<>();
        kernels.forEach(kernel -> handed.addAll(kernel.handed()));
        return handed;
    }

    /** Of those, what a power cut may have taken. */
    SortedSet<Integer> optional() {
        return optional;
    }

    /** What the sockets of this boot dropped. */
    long drops() {
        return kernels.stream().mapToLong(Kernel::drops).sum();
    }

    private static NodeConfig config() {
        var journal = new JournalSettings(4_096, 0, 0);
        return new NodeConfig(
                new ConfigSource(Path.of("/etc/narwhal.yaml"), ""),
                "node",
                Path.of("/data"),
                List.of(collector("edge", 2), collector("core", 1)),
                new EnhanceConfig(new CustomersConfig(Path.of(CUSTOMERS))),
                List.of(),
                List.of(BY_SOURCE, BY_CUSTOMER),
                List.of(),
                List.of(new OutputConfig("ledger", OutputConfig.Type.PARQUET)),
                null,
                new JournalsConfig(new JournalSettings(1_600, 0, 0), journal),
                new AccountingConfig(1),
                new CheckpointConfig(10, 2_000),
                new CommitConfig(10),
                new HeldConfig(1 << 20, 3_600_000),
                new SessionsConfig(3_600_000, 3_600_000),
                new LimitsConfig(16, 32, 16, 3_600_000, 12, 5, 1 << 20, 1_000, 10, 8),
                new MemoryConfig(0, 0, 0, 0, 0),
                10_000,
                new RestartConfig(1, 1),
                null,
                List.of());
    }

    private static CollectorConfig collector(String name, int sockets) {
        List<Listen> listen = new ArrayList<>();
        for (int i = 0; i < sockets; i++) {
            listen.add(new Listen("127.0.0.1", 2055 + i));
        }
        return new CollectorConfig(name, CollectorConfig.Protocol.NETFLOW, listen, 1, 1);
    }
}
