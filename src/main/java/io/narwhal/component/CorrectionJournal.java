package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.Processes;
import io.narwhal.base.StateWriter;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.OutputConfig;
import io.narwhal.journal.JournalException;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.UsageRows;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The usage journal of the lane {@link NodeConfig#REPROCESS}, which one process at a time writes,
 * whether the node runs or not. The rows of a run count all or not at all: they are appended and
 * forced; then the list of runs says, durably, that the journal counts up to there; then they are
 * published. Whoever opens the journal cuts what stands behind the list, and publishes what stands
 * before.
 */
public final class CorrectionJournal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CorrectionJournal.class);

    private final Environment environment;
    private final Processes.Lock lock;
    private final StateWriter scratch = new StateWriter(1 << 16);
    private CorrectionRuns runs;
    private JournalWriter journal;

    /** List and journal contradict each other. The message says what next. */
    public static final class Inconsistent extends RuntimeException {
        Inconsistent(String message) {
            super(message);
        }
    }

    private CorrectionJournal(Environment environment, Processes.Lock lock) {
        this.environment = environment;
        this.lock = lock;
        this.runs = CorrectionRuns.load(environment.disk(), environment.layout());
        this.journal = opened();
    }

    /**
     * Opens, or makes, the journal, as the last run that came to its end left it.
     *
     * @return empty when another process has it
     * @throws Inconsistent when list and journal contradict each other
     */
    public static Optional<CorrectionJournal> open(Environment environment) {
        environment.disk().createDirectories(environment.layout().run());
        return environment
                .processes()
                .lock(environment.layout().lock(NodeConfig.REPROCESS))
                .map(
                        lock -> {
                            try {
                                return new CorrectionJournal(environment, lock);
                            } catch (RuntimeException e) {
                                lock.close();
                                throw e;
                            }
                        });
    }

    /**
     * Publishes what a run that was killed at its very end, or a power cut, left to be published.
     * It is no reason not to account that this fails.
     */
    static void heal(Environment environment) {
        Disk disk = environment.disk();
        if (!disk.exists(environment.layout().reprocess().resolve(CorrectionRuns.FILE))) {
            return;
        }
        try {
            open(environment).ifPresent(CorrectionJournal::close);
        } catch (DiskFailure | JournalException | Inconsistent e) {
            LOG.error("corrections are not delivered: {}", e.getMessage());
        }
    }

    private JournalWriter opened() {
        NodeConfig config = environment.config();
        var settings =
                JournalSettings.of(
                                environment.layout().usage(NodeConfig.REPROCESS),
                                LaneRecovery.limits(config.journals().usage()),
                                ServedJournal.readers(
                                        environment,
                                        environment.layout().usage(NodeConfig.REPROCESS),
                                        config.outputs().stream()
                                                .map(OutputConfig::name)
                                                .collect(Collectors.toSet())))
                        .byCommits();
        JournalWriter opened =
                JournalWriter.openAt(
                        environment.disk(),
                        environment.clock(),
                        settings,
                        () -> environment.clock().wallMicros(),
                        runs.end());
        if (opened.isComparing()) {
            opened.close();
            throw new Inconsistent(
                    settings.directory()
                            + " has corrections that "
                            + environment.layout().reprocess().resolve(CorrectionRuns.FILE)
                            + " does not know of; restore the data directory as a whole");
        }
        JournalLog.tell(LOG, opened.recovered());
        return ServedJournal.opened(environment, settings.directory(), opened);
    }

    /** The runs so far. */
    public CorrectionRuns runs() {
        return runs;
    }

    /** The number of the next run. */
    public long nextNumber() {
        List<CorrectionRun> all = runs.runs();
        return all.isEmpty() ? 1 : all.getLast().number() + 1;
    }

    /** Appends rows of the run that is under way; nobody sees them before {@link #commit}. */
    public void append(UsageRows rows) {
        scratch.clear();
        rows.write(scratch);
        journal.append(scratch.array(), 0, scratch.size(), rows.size());
    }

    /**
     * Ends the run: what was appended counts from now on.
     *
     * @param run the run, of its first and last frame
     */
    public CorrectionRun commit(Function<Frames, CorrectionRun> run) {
        journal.force();
        var done = run.apply(new Frames(runs.lastFrame() + 1, journal.nextSequence() - 1));
        CorrectionRuns next =
                runs.with(done, new JournalPosition(journal.journalId(), journal.end()));
        next.save(environment.disk(), environment.layout());
        runs = next;
        journal.publish(journal.end());
        journal.trim(environment.clock().wallMicros());
        return done;
    }

    /** The frames of a run. */
    public record Frames(long first, long last) {}

    /** Takes back what was appended and not committed, so that it takes no room. */
    public void abandon() {
        journal.close();
        journal = opened();
    }

    @Override
    public void close() {
        journal.close();
        lock.close();
    }
}
