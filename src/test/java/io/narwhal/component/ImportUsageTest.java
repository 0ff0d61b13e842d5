package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StateReader;
import io.narwhal.capture.CaptureSender;
import io.narwhal.capture.Captures;
import io.narwhal.collect.FileImport;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.Truth;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.Addresses;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;
import io.narwhal.record.UsageRows;

import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Imported captures come to the usage that the same datagrams come to when they are received. */
class ImportUsageTest {
    private static final int DATAGRAMS_OF_A_BATCH = 17;
    private static final String YAML =
            """
            data: /data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:2055" }
            usage:
              by-source: { keys: [src_addr], bin: 1s }
              by-pair: { keys: [src_addr, dst_addr, protocol], bin: 10s }
            """;
    private static final NodeConfig CONFIG = config();
    private static final NodeLayout LAYOUT = new NodeLayout(CONFIG.data());

    private static NodeConfig config() {
        return switch (ConfigLoader.load(Path.of("/narwhal.yaml"), YAML)) {
            case Loaded.Valid(NodeConfig config, var _) -> config;
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
        };
    }

    private final CaptureSender sender = new CaptureSender(Captures.START_MICROS);
    private final Truth truth = traffic(sender);
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final Environment environment =
            new Environment(
                    CONFIG,
                    LAYOUT,
                    disk,
                    Net.system(),
                    Processes.system(),
                    new Clock() {
                        @Override
                        public long wallMicros() {
                            return Captures.START_MICROS;
                        }

                        @Override
                        public long monotonicNanos() {
                            return 0;
                        }

                        @Override
                        public void sleepMillis(long millis) {}
                    });

    private static Truth traffic(CaptureSender sender) {
        var plan =
                TrafficPlan.to(new InetSocketAddress("127.0.0.1", 2_055))
                        .exporters(6)
                        .records(20_000)
                        .recordsPerSecond(10_000_000)
                        .pairs(300)
                        .startMs(Captures.START_MICROS / 1_000)
                        .build();
        try (var source = new TrafficSource(plan, sender, Clock.system())) {
            return source.run(ignored -> {});
        }
    }

    private ImportUsageTest() {
        disk.createDirectories(Path.of("/in"));
    }

    @Test
    void usageOfCapturesIsThatOfTheSameTrafficLive() {
        SortedMap<String, Tally> live = live();
        assertThat(total(live, "by-source")).isEqualTo(sums(truth));

        // In three files, the middle one last, so that its bins were closed before it came.
        int third = sender.sent().size() / 3;
        put("1", sender.sent().subList(0, third));
        put("2", sender.sent().subList(third, 2 * third));
        put("3", sender.sent().subList(2 * third, sender.sent().size()));
        take("1");
        take("3");
        take("2");
        take("1");
        try (var journal = ImportIntake.journal(environment)) {
            assertThat(journal.published()).isEqualTo(journal.end());
        }
        assertThat(imported()).isEqualTo(live);
    }

    private void put(String name, List<CaptureSender.Sent> sent) {
        disk.put(Path.of("/in", name), CaptureSender.pcap(sent));
    }

    private void take(String name) {
        try (var journal = ImportIntake.journal(environment)) {
            FileImport files = ImportIntake.files(environment, journal, new Nobody());
            files.take(Path.of("/in", name), new FileImport.Choice(Set.of(), 0, 0));
            files.close();
        }
    }

    /** Nobody watches. */
    private static final class Nobody implements FileImport.Watcher {
        @Override
        public void progress(Path file, long bytes, long size, long datagrams) {}

        @Override
        public void waiting(String why) {
            throw new AssertionError(why);
        }

        @Override
        public boolean isStopped() {
            return false;
        }
    }

    private SortedMap<String, Tally> imported() {
        var pages = new SimulatedDisk(1);
        pages.createDirectories(Path.of("/run"));
        var duty = new Duty(ComponentPage.open(pages, Path.of("/run/page")), environment.clock());
        var accounting = new AccountingComponent(environment);
        accounting.recover(duty);
        while (accounting.step(duty, 8) > 0) {
            accounting.commit();
        }
        Lane lane = accounting.lanes().getLast().lane();
        assertThat(lane.books().received().records()).isEqualTo(truth.records());
        assertThat(lane.books().difference()).isEqualTo(new Tally());
        assertThat(lane.losses().datagrams()).isEqualTo(sender.sent().size());
        assertThat(lane.losses().datagramsJournalled()).isEqualTo(sender.sent().size());
        accounting.close();
        SortedMap<String, Tally> sums = new TreeMap<>();
        try (var reader = JournalReader.open(disk, LAYOUT.usage(NodeConfig.IMPORT), 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                add(
                        sums,
                        UsageRows.read(
                                new StateReader(
                                        reader.bytes(),
                                        reader.payloadOffset(),
                                        reader.payloadLength())));
            }
        }
        return sums;
    }

    private SortedMap<String, Tally> live() {
        SortedMap<String, Tally> sums = new TreeMap<>();
        var lane = new Lane(LaneRecovery.work(CONFIG, disk));
        try (var crew = new Crew(1)) {
            List<CaptureSender.Sent> sent = sender.sent();
            for (int at = 0; at < sent.size(); at += DATAGRAMS_OF_A_BATCH) {
                int end = Math.min(sent.size(), at + DATAGRAMS_OF_A_BATCH);
                byte[] block = block(ReceivedBlock.Kind.DATAGRAMS, sent.subList(at, end), end);
                lane.apply(block, 0, block.length, crew, rows -> add(sums, rows));
            }
            byte[] close = block(ReceivedBlock.Kind.CLOSE, List.of(), sent.size());
            lane.apply(close, 0, close.length, crew, rows -> add(sums, rows));
        }
        return sums;
    }

    private static byte[] block(
            ReceivedBlock.Kind kind, List<CaptureSender.Sent> sent, long datagramsTotal) {
        var out = ByteBuffer.allocate(1 << 18);
        long arrival = sent.isEmpty() ? Captures.START_MICROS : sent.getLast().micros();
        new ReceivedBlock.Header(
                        kind, 0, 0, Transport.UDP, sent.size(), arrival, 0, 1, 0, datagramsTotal, 0)
                .write(out);
        for (CaptureSender.Sent one : sent) {
            ReceivedBlock.writeDatagramHeader(
                    out,
                    one.payload().length,
                    one.from().getPort(),
                    Addresses.high(one.from().getAddress()),
                    Addresses.low(one.from().getAddress()));
            out.put(one.payload());
        }
        byte[] block = new byte[out.flip().remaining()];
        out.get(block);
        return block;
    }

    /** By usage, bin and key; that rows come in other parts and kinds makes no difference. */
    private static void add(SortedMap<String, Tally> sums, UsageRows rows) {
        for (int row = 0; row < rows.size(); row++) {
            var key = new StringBuilder(rows.definition().name() + " " + rows.binStartMs(row));
            for (int field = 0; field < rows.definition().keys().size(); field++) {
                key.append(' ').append(rows.text(row, field));
            }
            sums.computeIfAbsent(key.toString(), _ -> new Tally())
                    .add(rows.flows(row), rows.packets(row), rows.octets(row));
        }
    }

    private static Tally total(SortedMap<String, Tally> sums, String usage) {
        var total = new Tally();
        sums.forEach(
                (key, tally) -> {
                    if (key.startsWith(usage + " ")) {
                        total.add(tally);
                    }
                });
        return total;
    }

    private static Tally sums(Truth truth) {
        var tally = new Tally();
        tally.add(truth.records(), truth.packets(), truth.octets());
        return tally;
    }
}
