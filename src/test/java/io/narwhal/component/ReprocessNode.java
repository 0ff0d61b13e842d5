package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.SmallFile;
import io.narwhal.base.StateReader;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.Audit;
import io.narwhal.inspect.NodeView;
import io.narwhal.inspect.Reprocessing;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.output.DuckDb;
import io.narwhal.output.DuckDbEncoder;
import io.narwhal.output.LedgerQuery;
import io.narwhal.output.LedgerQuestion;
import io.narwhal.output.ResultSink;
import io.narwhal.output.Value;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A node whose received journals a {@link SubscriberScript} fills, part by part, and whose
 * configuration and customers table change meanwhile.
 */
final class ReprocessNode {
    /** Far more than any of the script's frames takes. */
    private static final JournalLimits LIMITS = new JournalLimits(64 << 10, 1_000, 0, 0);

    private final Disk disk;
    private final Path home;
    private final DuckDb duck;
    private final SubscriberScript script;
    private long nanos;
    private Environment environment;

    /**
     * A node that has received nothing.
     *
     * @param home of the configuration; the data is below it
     */
    ReprocessNode(
            Disk disk,
            Path home,
            DuckDb duck,
            SubscriberScript script,
            String yaml,
            String customers) {
        this.disk = disk;
        this.home = home;
        this.duck = duck;
        this.script = script;
        disk.createDirectories(home);
        this.environment = configured(yaml, customers);
        disk.createDirectories(environment.layout().run());
    }

    /** The configuration and the table are others from now on. */
    void configure(String yaml, String customers) {
        environment = configured(yaml, customers);
    }

    private Environment configured(String yaml, String customers) {
        put("customers.csv", "prefix,customer\n" + customers);
        put("radius.secret", "a-long-shared-secret");
        NodeConfig config =
                switch (ConfigLoader.load(disk, home.resolve("node.yaml"), yaml)) {
                    case Loaded.Valid(NodeConfig valid, var _) -> valid;
                    case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
                };
        var layout = new NodeLayout(config.data());
        return new Environment(config, layout, disk, Net.system(), new Alone(), new Time());
    }

    private void put(String name, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (disk instanceof SimulatedDisk simulated) {
            simulated.put(home.resolve(name), bytes);
        } else {
            SmallFile.replace(disk, home, name, bytes);
        }
    }

    Environment environment() {
        return environment;
    }

    /** Journals what arrived by then. */
    void receive(long untilMs) {
        receive("flows", script.flows, untilMs, LIMITS);
        receive("acct", script.requests, untilMs, LIMITS);
    }

    /** As {@link #receive(long)}, in small segments that are deleted as soon as they were read. */
    void receiveAndTrim(long untilMs) {
        var small = new JournalLimits(4 << 10, 1_000, 0, 0);
        receive("flows", script.flows, untilMs, small);
        receive("acct", script.requests, untilMs, small);
    }

    private void receive(
            String collector,
            List<SubscriberScript.Frame> frames,
            long untilMs,
            JournalLimits limits) {
        var settings =
                JournalSettings.of(
                        environment.layout().received(collector),
                        limits,
                        SubscriberLanes.readers(environment.config(), collector));
        try (JournalWriter journal =
                JournalWriter.open(
                        disk, environment.clock(), settings, () -> 1 + collector.hashCode())) {
            int next = (int) journal.nextSequence() - 1;
            while (next < frames.size() && frames.get(next).arrivalMs() <= untilMs) {
                byte[] payload = frames.get(next++).payload();
                journal.append(payload, 0, payload.length, 1);
            }
            journal.publish(journal.force());
            if (limits != LIMITS) {
                journal.trim(Long.MAX_VALUE / 2);
            }
        }
    }

    /** Accounts what can be, and ends, in order. */
    void account() {
        var accounting = new AccountingComponent(environment);
        try {
            Duty duty = duty();
            accounting.recover(duty);
            accounting.commit();
            while (accounting.step(duty, 5) > 0) {}
            accounting.commit();
        } finally {
            accounting.close();
        }
    }

    /** Delivers everything to a ledger that anyone can read, and ends. */
    void deliver() {
        var output =
                new OutputComponent(
                        environment,
                        environment.config().outputs().getFirst(),
                        new DuckDbEncoder(disk, duck));
        try {
            output.recover();
            Duty duty = duty();
            while (output.step(duty, 8) > 0) {}
        } finally {
            output.close();
        }
    }

    private Duty duty() {
        var pages = new SimulatedDisk(1);
        pages.createDirectories(Path.of("/run"));
        var duty = new Duty(ComponentPage.open(pages, Path.of("/run/page")), environment.clock());
        duty.become(Phase.RECOVERING, "");
        duty.become(Phase.RUNNING, "");
        return duty;
    }

    /** Computes bins that begin in this time again; ms since the epoch of the script. */
    Reprocessing.Outcome reprocess(long fromMs, long toMs, String... lanes) {
        return work(fromMs, toMs, lanes).run();
    }

    Reprocessing.Outcome look(long fromMs, long toMs) {
        return work(fromMs, toMs).look();
    }

    private Reprocessing work(long fromMs, long toMs, String... lanes) {
        var order =
                new Reprocessing.Order(
                        SubscriberScript.EPOCH_MS + fromMs,
                        SubscriberScript.EPOCH_MS + toMs,
                        List.of(lanes),
                        "the table was wrong");
        return new Reprocessing(environment, duck, order, new Silent());
    }

    /** All usage, by definition, bin and key: its counters. */
    SortedMap<String, String> usage() {
        SortedMap<String, String> all = new TreeMap<>();
        NodeView view = NodeView.read(environment.config(), disk);
        for (UsageDefinition usage : environment.config().usage()) {
            var question =
                    new LedgerQuestion(List.of(), OptionalLong.empty(), OptionalLong.empty());
            int keys = 1 + usage.keys().size();
            new LedgerQuery(disk, duck, view.scope(usage))
                    .run(
                            question,
                            new ResultSink() {
                                @Override
                                public void columns(List<String> names) {}

                                @Override
                                public void row(List<Value> values) {
                                    List<String> texts = values.stream().map(Value::text).toList();
                                    all.put(
                                            usage.name() + " " + texts.subList(0, keys),
                                            texts.subList(keys, texts.size()).toString());
                                }
                            });
        }
        return all;
    }

    Audit audit() {
        return Audit.of(environment.config(), disk, duck);
    }

    /** Each frame of corrections that readers see. */
    List<UsageRows> corrections() {
        List<UsageRows> frames = new ArrayList<>();
        Path usage = environment.layout().usage(NodeConfig.REPROCESS);
        try (var reader = JournalReader.open(disk, usage, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                frames.add(
                        UsageRows.read(
                                new StateReader(
                                        reader.bytes(),
                                        reader.payloadOffset(),
                                        reader.payloadLength())));
            }
        }
        return frames;
    }

    private final class Time implements Clock {
        @Override
        public long wallMicros() {
            return SubscriberScript.EPOCH_MS * 1_000;
        }

        @Override
        public long monotonicNanos() {
            return nanos;
        }

        @Override
        public void sleepMillis(long millis) {
            nanos += millis * 1_000_000;
        }
    }

    private static final class Silent implements Reprocessing.Watcher {
        @Override
        public void at(String lane, long position, long end) {}

        @Override
        public void onRows(UsageRows rows) {}
    }

    /** No other process wants the lock, which would be a file of this machine. */
    private static final class Alone implements Processes {
        private final Processes system = Processes.system();

        @Override
        public Identity self() {
            return system.self();
        }

        @Override
        public Optional<Identity> find(long pid) {
            return system.find(pid);
        }

        @Override
        public Identity start(List<String> command, Path output, List<Integer> sockets) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void terminate(Identity process) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void kill(Identity process) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Integer> exitCode(Identity process) {
            return Optional.empty();
        }

        @Override
        public OptionalLong anonymousBytes(Identity process) {
            return OptionalLong.empty();
        }

        @Override
        public void awaitEnd(List<Identity> running, long millis) {}

        @Override
        public void giveWay() {}

        @Override
        public void allowSharing() {}

        @Override
        public UUID boot() {
            return system.boot();
        }

        @Override
        public Optional<Lock> lock(Path file) {
            return Optional.of(() -> {});
        }
    }
}
