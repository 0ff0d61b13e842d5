package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Clock;
import io.narwhal.base.Net;
import io.narwhal.base.Processes;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A node that serves its journals, on one disk in one life, and what writes its journals. */
final class ServedNode implements AutoCloseable {
    static final String YAML =
            """
            node: edge-1
            collectors: { flows: { protocol: netflow, listen: "[::]:2055" } }
            serve: { listen: "127.0.0.1:4747", managers: [central], tls: none }
            """;

    /** Of a journal: small segments, nothing kept that everybody has. */
    static final JournalLimits LIMITS = new JournalLimits(2_048, 1_000, 0, 0);

    /** Time that goes on by a step whenever it is slept, and otherwise when told. */
    static final class Time implements Clock {
        /**
         * The host was started then: the two clocks of a host have nothing to do with each other.
         */
        private static final long BOOT_MICROS = 1_699_999_000_000_000L;

        long micros = 1_700_000_000_000_000L;

        @Override
        public long wallMicros() {
            return micros;
        }

        @Override
        public long monotonicNanos() {
            return (micros - BOOT_MICROS) * 1_000;
        }

        @Override
        public void sleepMillis(long millis) {
            micros += millis * 1_000;
        }
    }

    final SimulatedDisk disk;
    final Time time;
    final Environment environment;
    final Path flows;
    final ComponentPage page;
    final Duty duty;
    private JournalWriter writer;

    ServedNode(SimulatedDisk disk, Time time, long id) {
        this(disk, time, id, YAML);
    }

    ServedNode(SimulatedDisk disk, Time time, long id, String yaml) {
        this.disk = disk;
        this.time = time;
        this.environment = environment(disk, time, id, yaml);
        this.flows = environment.layout().received("flows");
        disk.createDirectories(environment.layout().run());
        this.page = ComponentPage.open(disk, environment.layout().page(NodeConfig.SERVE));
        page.claim(environment.processes().self());
        page.setCommand(Command.RUN);
        this.duty = new Duty(page, time);
    }

    static Environment environment(SimulatedDisk disk, Clock time, long id, String yaml) {
        Loaded loaded = ConfigLoader.load(disk, Path.of("/n/node.yaml"), yaml);
        assertThat(loaded).isInstanceOf(Loaded.Valid.class);
        NodeConfig config = ((Loaded.Valid) loaded).config();
        return new Environment(
                config,
                new NodeLayout(config.data()),
                disk,
                Net.system(),
                Processes.system(),
                time,
                () -> id);
    }

    /** The journal of the one collector, opened as its component opens it. */
    JournalWriter writer() {
        if (writer == null) {
            var settings =
                    JournalSettings.of(
                            flows,
                            LIMITS,
                            ServedJournal.readers(
                                    environment,
                                    flows,
                                    ServedJournal.accounting(environment.config())));
            writer =
                    ServedJournal.opened(
                            environment, flows, JournalWriter.open(disk, time, settings, () -> 77));
        }
        return writer;
    }

    void append(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        writer().append(bytes, 0, bytes.length, 1);
    }

    void publish() {
        writer().publish(writer().force());
    }

    AgentWork agent() {
        return new AgentWork(environment, environment.config().serve(), duty);
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
        page.close();
    }
}
