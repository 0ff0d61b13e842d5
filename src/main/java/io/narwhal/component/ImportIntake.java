package io.narwhal.component;

import io.narwhal.base.Processes;
import io.narwhal.collect.FileImport;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The intake of files: the journal of the lane {@link NodeConfig#IMPORT}, which one process at a
 * time writes, whether the node runs or not.
 */
public final class ImportIntake implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImportIntake.class);

    private final Processes.Lock lock;
    private final JournalWriter journal;
    private final FileImport files;

    private ImportIntake(Processes.Lock lock, JournalWriter journal, FileImport files) {
        this.lock = lock;
        this.journal = journal;
        this.files = files;
    }

    /**
     * Opens, or makes, journal and list.
     *
     * @return empty when another process imports files
     * @throws FileImport.Inconsistent when list and journal contradict each other
     */
    public static Optional<ImportIntake> open(Environment environment, FileImport.Watcher watcher) {
        DataFormat.mark(environment.disk(), environment.layout());
        environment.disk().createDirectories(environment.layout().run());
        return environment
                .processes()
                .lock(environment.layout().lock(NodeConfig.IMPORT))
                .map(lock -> open(environment, watcher, lock));
    }

    private static ImportIntake open(
            Environment environment, FileImport.Watcher watcher, Processes.Lock lock) {
        try {
            JournalWriter journal = journal(environment);
            try {
                return new ImportIntake(lock, journal, files(environment, journal, watcher));
            } catch (RuntimeException e) {
                journal.close();
                throw e;
            }
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Opens, or makes, the journal of imported datagrams. */
    static JournalWriter journal(Environment environment) {
        JournalWriter journal =
                JournalWriter.open(
                        environment.disk(),
                        environment.clock(),
                        JournalSettings.of(
                                environment.layout().received(NodeConfig.IMPORT),
                                LaneRecovery.limits(environment.config().journals().received()),
                                ServedJournal.readers(
                                        environment,
                                        environment.layout().received(NodeConfig.IMPORT),
                                        ServedJournal.accounting(environment.config()))),
                        () -> environment.clock().wallMicros());
        JournalLog.tell(LOG, journal.recovered());
        return ServedJournal.opened(
                environment, environment.layout().received(NodeConfig.IMPORT), journal);
    }

    /** What puts files into that journal. */
    static FileImport files(
            Environment environment, JournalWriter journal, FileImport.Watcher watcher) {
        Path directory = environment.layout().received(NodeConfig.IMPORT);
        try (var last = JournalReader.openLast(environment.disk(), directory)) {
            return new FileImport(
                    environment.disk(),
                    environment.layout().imports(),
                    journal,
                    last,
                    environment.clock(),
                    watcher,
                    new CapturedRequests(environment.disk(), environment.config()));
        }
    }

    /** What puts files into the journal. */
    public FileImport files() {
        return files;
    }

    @Override
    public void close() {
        journal.close();
        lock.close();
    }
}
