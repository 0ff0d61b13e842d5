package io.narwhal.component;

import io.narwhal.base.Clock;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StateReader;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.UsageRows;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Accounting of a node with a collector of flows and one of RADIUS, whose journals a {@link
 * SubscriberScript} fills, on a simulated disk.
 */
final class SubscriberNode {
    static final long WAIT_MS = 30_000;
    private static final String YAML =
            """
            data: /data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:2055" }
              acct:
                protocol: radius
                listen: "127.0.0.1:1813"
                clients: [ { address: 192.0.2.0/24, secret-file: ./radius.secret } ]
            usage:
              by-subscriber: { keys: [subscriber, direction], bin: 1h, records: flows }
              by-session: { keys: [src_addr, session_id, nas], bin: 1m, close-after: 1m }
            accounting: { threads: %d }
            """;

    final SimulatedDisk disk;
    final Environment environment;
    final ComponentPage page;
    private final Duty duty;
    private final SubscriberScript script;
    private final JournalWriter flows;
    private final JournalWriter requests;
    private AccountingComponent accounting;
    private long nanos;

    SubscriberNode(SubscriberScript script) {
        this(script, new SimulatedDisk(1), 1);
    }

    SubscriberNode(SubscriberScript script, SimulatedDisk disk, int threads) {
        this(script, disk, YAML.formatted(threads));
    }

    /** One where no usage asks for subscribers. */
    static SubscriberNode withoutSubscribers(SubscriberScript script) {
        String yaml = YAML.formatted(1).replace("subscriber, direction", "src_addr");
        return new SubscriberNode(
                script, new SimulatedDisk(1), yaml.replace("session_id, nas", "dst_addr"));
    }

    private SubscriberNode(SubscriberScript script, SimulatedDisk disk, String yaml) {
        this.script = script;
        this.disk = disk;
        NodeConfig config = config(disk, yaml);
        var layout = new NodeLayout(config.data());
        var clock =
                new Clock() {
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
                };
        environment =
                new Environment(config, layout, disk, Net.system(), Processes.system(), clock);
        var pages = new SimulatedDisk(1);
        pages.createDirectories(Path.of("/run"));
        page = ComponentPage.open(pages, Path.of("/run/page"));
        duty = new Duty(page, clock);
        flows = journal("flows");
        requests = journal("acct");
        accounting = new AccountingComponent(environment);
    }

    private static NodeConfig config(SimulatedDisk disk, String yaml) {
        disk.put(
                Path.of("/radius.secret"), "a-long-shared-secret".getBytes(StandardCharsets.UTF_8));
        return switch (ConfigLoader.load(disk, Path.of("/node.yaml"), yaml)) {
            case Loaded.Valid(NodeConfig config, var _) -> config;
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
        };
    }

    private JournalWriter journal(String collector) {
        JournalWriter journal =
                JournalWriter.open(
                        disk,
                        environment.clock(),
                        JournalSettings.of(
                                environment.layout().received(collector),
                                new JournalLimits(2_000, 1_000, 0, 0),
                                SubscriberLanes.readers(environment.config(), collector)),
                        () -> 1 + collector.hashCode());
        publish(journal);
        return journal;
    }

    private static void publish(JournalWriter journal) {
        journal.force();
        journal.publish(journal.forced());
    }

    /** Journals the next frames of flows that arrived by then. */
    void receiveFlows(long untilMs) {
        receive(flows, script.flows, untilMs);
    }

    /** Journals the next requests that arrived by then. */
    void receiveRequests(long untilMs) {
        receive(requests, script.requests, untilMs);
    }

    // The sequence of a frame is its place in the script: what a power cut took comes again.
    private static void receive(
            JournalWriter journal, List<SubscriberScript.Frame> frames, long untilMs) {
        int next = (int) journal.nextSequence() - 1;
        while (next < frames.size() && frames.get(next).arrivalMs() <= untilMs) {
            byte[] payload = frames.get(next++).payload();
            journal.append(payload, 0, payload.length, 1);
        }
        publish(journal);
    }

    /** The flows come out of files instead, and their last step has ended. */
    void importFlows() {
        try (JournalWriter journal = journal(NodeConfig.IMPORT)) {
            receive(journal, script.flows, Long.MAX_VALUE);
        }
        script.flows.clear();
    }

    boolean hasReceivedAll() {
        return flows.nextSequence() > script.flows.size()
                && requests.nextSequence() > script.requests.size();
    }

    JournalWriter requests() {
        return requests;
    }

    /** How far the lane of flows has let the requests go. */
    long acknowledgedByFlows() {
        return JournalReader.acknowledged(
                disk, environment.layout().received("acct"), SubscriberLanes.reader("flows"));
    }

    AccountingComponent accounting() {
        return accounting;
    }

    /** Opens accounting. */
    SubscriberNode recover() {
        accounting.recover(duty);
        accounting.commit();
        if (duty.phase() != Phase.RUNNING) {
            duty.become(Phase.RUNNING, "");
        }
        return this;
    }

    /** Takes up to so many frames. */
    int step(int framesMax) {
        return accounting.step(duty, framesMax);
    }

    /** Takes all that can be taken now, and commits. */
    void work() {
        while (step(5) > 0) {}
        accounting.commit();
    }

    /** Ends accounting and begins it again. */
    void restart() {
        accounting.close();
        accounting = new AccountingComponent(environment);
        page.claim(Processes.system().self());
        recover();
    }

    /** All is received; the node is drained. */
    Phase drain() {
        receiveFlows(Long.MAX_VALUE);
        receiveRequests(Long.MAX_VALUE);
        accounting.close();
        accounting = new AccountingComponent(environment);
        page.setCommand(Command.DRAIN);
        page.claim(Processes.system().self());
        Phase phase = accounting.run(duty);
        page.setCommand(Command.RUN);
        return phase;
    }

    void close() {
        accounting.close();
        flows.close();
        requests.close();
    }

    /** Each frame of usage written, as text. */
    List<String> frames() {
        return frames("flows");
    }

    /** Each frame of usage of a lane. */
    List<String> frames(String lane) {
        List<String> frames = new ArrayList<>();
        Path usage = environment.layout().usage(lane);
        try (var reader = JournalReader.open(disk, usage, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                int from = reader.payloadOffset();
                frames.add(
                        HexFormat.of()
                                .formatHex(reader.bytes(), from, from + reader.payloadLength()));
            }
        }
        return frames;
    }

    /** What was written and is open: octets by usage and key. */
    SortedMap<String, Long> octets() {
        SortedMap<String, Long> sums = new TreeMap<>();
        for (String lane : SubscriberLanes.of(environment.config())) {
            for (String frame : frames(lane)) {
                add(sums, UsageRows.read(new StateReader(HexFormat.of().parseHex(frame))));
            }
        }
        accounting.lanes().stream()
                .flatMap(lane -> lane.lane().aggregations().stream())
                .forEach(one -> one.openRows(rows -> add(sums, rows)));
        return sums;
    }

    private static void add(SortedMap<String, Long> sums, UsageRows rows) {
        for (int row = 0; row < rows.size(); row++) {
            var key = new StringBuilder(rows.definition().name());
            for (int field = 0; field < rows.definition().keys().size(); field++) {
                key.append(' ').append(rows.text(row, field));
            }
            sums.merge(key.toString(), rows.octets(row), Long::sum);
        }
    }

    /** Octets of a subscriber, with a direction. */
    long octets(String subscriber) {
        return octets().getOrDefault("by-subscriber " + subscriber, 0L);
    }
}
