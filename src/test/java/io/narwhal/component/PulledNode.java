package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Processes;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StateReader;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.Origin;
import io.narwhal.record.UsageRows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Accounting of a node, in the centre or on its own, whose received journals a test writes. */
final class PulledNode implements AutoCloseable {
    static final String USAGE =
            """
            usage:
              by-subscriber: { keys: [subscriber, direction], bin: 1h, records: flows }
              by-end: { keys: [src_addr, session_id, nas], bin: 1m, close-after: 1m, records: flows }
              by-customer: { keys: [customer, direction], bin: 1h, records: flows }
              sessions: { keys: [subscriber, direction], bin: 1h, records: sessions }
            enhance:
              customers: { table: ./customers.csv }
            """;
    private static final String LINK = "edge-%d: { address: \"127.0.0.1:474%1$d\", tls: none%s }";

    final SimulatedDisk disk = new SimulatedDisk(1);
    final ServedNode.Time time = new ServedNode.Time();
    final Environment environment;
    private final Map<String, JournalWriter> writers = new HashMap<>();
    private final Map<String, Long> positions = new HashMap<>();
    private final ComponentPage page;
    private final Duty duty;
    private AccountingComponent accounting;

    /** A node of that configuration; the usage is added. */
    PulledNode(String yaml) {
        put("/n/radius.secret", "a-long-shared-secret");
        put("/n/customers.csv", "prefix,customer\n10.0.0.0/30,acme\n10.0.0.4/30,globex\n");
        environment = ServedNode.environment(disk, time, 7, yaml + USAGE);
        disk.createDirectories(environment.layout().run());
        page = ComponentPage.open(disk, environment.layout().run().resolve("page"));
        duty = new Duty(page, time);
        environment.config().lanes().forEach(this::writer);
        accounting = new AccountingComponent(environment);
        recover();
    }

    /**
     * One that pulls from edges 1 to 2; of the first, a collector called acct tells of sessions.
     */
    static PulledNode centre() {
        return new PulledNode(
                "node: central\npull: { %s, %s }\n"
                        .formatted(LINK.formatted(1, ", sessions: [acct]"), LINK.formatted(2, "")));
    }

    /** One that collects itself. */
    static PulledNode alone() {
        return new PulledNode(
                """
                node: edge-1
                collectors:
                  flows: { protocol: netflow, listen: "127.0.0.1:2055" }
                  acct:
                    protocol: radius
                    listen: "127.0.0.1:1813"
                    clients: [ { address: 192.0.2.0/24, secret-file: ./radius.secret } ]
                """);
    }

    private void put(String path, String text) {
        disk.put(Path.of(path), text.getBytes(StandardCharsets.UTF_8));
    }

    private JournalWriter writer(String lane) {
        return writers.computeIfAbsent(
                lane,
                _ -> {
                    JournalWriter writer =
                            JournalWriter.open(
                                    disk,
                                    time,
                                    JournalSettings.of(
                                            environment.layout().received(lane),
                                            new JournalLimits(1 << 20, 100_000, 0, 0),
                                            SubscriberLanes.readers(environment.config(), lane)),
                                    () -> 1 + lane.hashCode());
                    writer.publish(writer.force());
                    return writer;
                });
    }

    private void recover() {
        page.claim(Processes.system().self());
        page.setCommand(Command.RUN);
        accounting.recover(duty);
        accounting.commit();
        if (duty.phase() != Phase.RUNNING) {
            duty.become(Phase.RUNNING, "");
        }
    }

    /** A collector of this node received it. */
    PulledNode receive(String lane, SubscriberScript.Frame frame) {
        writer(lane).append(frame.payload(), 0, frame.payload().length, 1);
        return published(lane);
    }

    /** It was pulled. */
    PulledNode pull(String link, String stream, SubscriberScript.Frame frame) {
        long at = positions.merge(link + "/" + stream, 1_000L, Long::sum);
        var origin = new Origin(5, 3, at, at + 1_000, at / 1_000, at, 0, link, stream);
        var out = ByteBuffer.allocate(origin.writtenBytes() + frame.payload().length);
        origin.write(out);
        out.put(frame.payload());
        writer(NodeConfig.PULL).append(out.array(), 0, out.position(), 1);
        return published(NodeConfig.PULL);
    }

    private PulledNode published(String lane) {
        writer(lane).publish(writer(lane).force());
        return this;
    }

    /** Takes all that can be taken now. */
    PulledNode work() {
        while (accounting.step(duty, 3) > 0) {
            accounting.commit();
        }
        accounting.commit();
        return this;
    }

    /** Ends accounting and begins it again. */
    void restart() {
        accounting.close();
        accounting = new AccountingComponent(environment);
        recover();
    }

    /** Everything is received; accounting is drained. */
    Phase drain() {
        accounting.close();
        accounting = new AccountingComponent(environment);
        page.setCommand(Command.DRAIN);
        page.claim(Processes.system().self());
        return accounting.run(duty);
    }

    /** What the lane waits for, as an operator reads it. */
    String waitsFor(String lane) {
        int at = environment.config().lanes().indexOf(lane);
        return accounting.lanes().get(at).waitsFor(lane);
    }

    /** Each frame of usage of a lane, as text. */
    List<String> frames(String lane) {
        List<String> frames = new ArrayList<>();
        try (var reader = JournalReader.open(disk, environment.layout().usage(lane), 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                int from = reader.payloadOffset();
                frames.add(
                        HexFormat.of()
                                .formatHex(reader.bytes(), from, from + reader.payloadLength()));
            }
        }
        return frames;
    }

    /** Octets, packets and flows that were written or are open, by usage, bin and key. */
    SortedMap<String, List<Long>> sums() {
        SortedMap<String, List<Long>> sums = new TreeMap<>();
        for (String lane : environment.config().lanes()) {
            for (String frame : frames(lane)) {
                add(sums, UsageRows.read(new StateReader(HexFormat.of().parseHex(frame))));
            }
        }
        accounting.lanes().stream()
                .flatMap(lane -> lane.lane().aggregations().stream())
                .forEach(one -> one.openRows(rows -> add(sums, rows)));
        return sums;
    }

    /** Adds rows up. */
    static void add(SortedMap<String, List<Long>> sums, UsageRows rows) {
        for (int row = 0; row < rows.size(); row++) {
            var key = new StringBuilder(rows.definition().name());
            key.append(' ').append(rows.binStartMs(row));
            for (int field = 0; field < rows.definition().keys().size(); field++) {
                key.append(' ').append(rows.text(row, field));
            }
            sums.merge(
                    key.toString(),
                    List.of(rows.octets(row), rows.packets(row), rows.flows(row)),
                    (a, b) ->
                            List.of(a.get(0) + b.get(0), a.get(1) + b.get(1), a.get(2) + b.get(2)));
        }
    }

    /** Octets of a subscriber, up. */
    long up(String subscriber) {
        return sums().entrySet().stream()
                .filter(e -> e.getKey().startsWith("by-subscriber "))
                .filter(e -> e.getKey().endsWith(" " + subscriber + " up"))
                .mapToLong(e -> e.getValue().getFirst())
                .sum();
    }

    @Override
    public void close() {
        accounting.close();
        writers.values().forEach(JournalWriter::close);
        assertThat(writers).isNotEmpty();
    }
}
