package io.narwhal.component;

import io.narwhal.base.OrderlyEnd;
import io.narwhal.base.Processes;
import io.narwhal.base.StateReader;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.FilesConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.OutputConfig;
import io.narwhal.output.DuckDb;
import io.narwhal.output.DuckDbEncoder;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/**
 * The life of a component's process: claims its page, takes its share of the sockets, works, ends.
 */
public final class ComponentProcess {
    /** What DuckDB may take in an output, beside the heap. */
    public static final long OUTPUT_MEMORY_BYTES = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ComponentProcess.class);
    private static final long WATCH_MS = 200;

    private final String name;
    private final int inheritedSockets;
    private final Environment environment;

    /**
     * The process of this component.
     *
     * @param inheritedSockets how many sockets the process was started with
     */
    public ComponentProcess(String name, int inheritedSockets, Environment environment) {
        this.name = name;
        this.inheritedSockets = inheritedSockets;
        this.environment = environment;
    }

    /**
     * Runs the component until it has ended.
     *
     * @return the exit code: 0 when it ended in order
     */
    public int run() {
        environment.processes().allowSharing();
        try (var sockets =
                        Sockets.inherited(
                                environment.config(), inheritedSockets, environment.net());
                var ignored = lock()) {
            return run(sockets);
        } catch (RuntimeException e) {
            LOG.error("{} cannot run: {}", name, e.getMessage());
            return 1;
        }
    }

    // A manager that was killed may leave a process behind that the next manager does not see yet:
    // two of them must never write the same journal.
    private Processes.Lock lock() {
        return environment
                .processes()
                .lock(environment.layout().lock(name))
                .orElseThrow(
                        () ->
                                new LaneRecovery.Refused(
                                        "another process runs it already; it goes on"));
    }

    private int run(Sockets sockets) {
        var page = ComponentPage.open(environment.disk(), environment.layout().page(name));
        Kind kind = Kind.components(environment.config()).getOrDefault(name, Kind.OUTPUT);
        // Before the page is ours: it still says what became of the predecessor.
        var diary = RecoveryDiary.open(environment, name, kind, page);
        var duty = new Duty(page, environment.clock(), diary);
        page.claim(environment.processes().self());
        var end = OrderlyEnd.on(duty::stop);
        int code = 1;
        page.setSockets(sockets.held());
        watch(page, sockets);
        try {
            Phase last = work(duty, sockets);
            page.setSockets(List.of());
            diary.ended(last);
            duty.become(last, "");
            code = 0;
        } catch (Patience.Interrupted e) {
            // What was not done is done again by the successor, from the checkpoint.
            LOG.info("{} stopped while it waited: {}", name, e.getMessage());
            duty.become(Phase.STOPPING, "");
            diary.ended(Phase.STOPPED);
            duty.become(Phase.STOPPED, "");
            code = 0;
        } catch (StateReader.Malformed e) {
            String message = DataFormat.ofAnotherRelease(environment.layout().data().toString(), e);
            LOG.error("{} cannot go on: {}", name, message);
            duty.become(Phase.FAILED, message);
        } catch (RuntimeException | Error e) {
            LOG.error("{} cannot go on", name, e);
            diary.refused(
                    String.valueOf(e.getMessage()),
                    e instanceof LaneRecovery.Refused refused ? refused.lanes() : List.of());
            duty.become(Phase.FAILED, String.valueOf(e.getMessage()));
        } finally {
            end.over(code);
        }
        return code;
    }

    private Phase work(Duty duty, Sockets sockets) {
        NodeConfig config = environment.config();
        for (CollectorConfig collector : config.collectors()) {
            FilesConfig files = collector.files();
            if (collector.name().equals(name) && files != null) {
                return new FileCollectorComponent(environment, collector, files).run(duty);
            }
            if (collector.name().equals(name)) {
                return new CollectorComponent(environment, collector, sockets).run(duty);
            }
        }
        for (OutputConfig output : config.outputs()) {
            if (output.name().equals(name)) {
                return output(output, duty);
            }
        }
        if (name.equals(NodeConfig.PULL)) {
            return new PullComponent(environment).run(duty);
        }
        if (name.equals(NodeConfig.SERVE)) {
            return new AgentComponent(environment).run(duty);
        }
        if (!name.equals(NodeConfig.ACCOUNTING)) {
            throw new LaneRecovery.Refused("no component is called " + name);
        }
        // Receiving is urgent; everything else may lag.
        environment.processes().giveWay();
        return new AccountingComponent(environment).run(duty);
    }

    private Phase output(OutputConfig output, Duty duty) {
        environment.processes().giveWay();
        NodeLayout layout = environment.layout();
        environment.disk().createDirectories(layout.scratch(name));
        environment.disk().createDirectories(layout.natives());
        try (var duck =
                DuckDb.open(
                        environment.disk(),
                        new DuckDb.Settings(
                                layout.natives(),
                                layout.scratch(name),
                                1,
                                (int) (OUTPUT_MEMORY_BYTES >> 20)))) {
            return new OutputComponent(
                            environment, output, new DuckDbEncoder(environment.disk(), duck))
                    .run(duty);
        }
    }

    private void watch(ComponentPage page, Sockets sockets) {
        Thread.ofPlatform()
                .daemon()
                .name("watch")
                .start(
                        () -> {
                            while (environment.disk().exists(environment.layout().page(name))) {
                                releaseIfTold(page, sockets);
                                environment.clock().sleepMillis(WATCH_MS);
                            }
                            endWithoutDirectory();
                        });
    }

    // The exporters see the port closed only when the last process has let go of it.
    private void releaseIfTold(ComponentPage page, Sockets sockets) {
        Command command = page.command();
        boolean collects =
                environment.config().collectors().stream()
                        .anyMatch(collector -> collector.name().equals(name));
        if (command == Command.RELEASE || command == Command.DRAIN && !collects) {
            page.setSockets(List.of());
            sockets.close();
        }
    }

    // Whatever is written below a directory that was removed is lost: rather end than go on.
    private void endWithoutDirectory() {
        LOG.error("{} is gone: nothing written there would be found", environment.layout().data());
        Runtime.getRuntime().halt(1);
    }
}
