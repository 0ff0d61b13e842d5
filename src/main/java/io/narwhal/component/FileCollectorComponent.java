package io.narwhal.component;

import io.narwhal.collect.FileIntake;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.FilesConfig;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalWriter;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;

/**
 * Looks at the directory of a collector of files, about every second, and journals the lines of
 * those that have settled. One thread does all of it: nobody waits for files as a device waits.
 */
final class FileCollectorComponent implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(FileCollectorComponent.class);
    private static final long IDLE_MS = 100;
    private static final long LOOK_NANOS = 1_000_000_000;
    // To look costs as much as the directory has files: this share of the time at the most.
    private static final int LOOK_SHARE = 10;

    private final Environment environment;
    private final CollectorConfig config;
    private final FilesConfig files;

    /** A collector that has opened nothing yet. */
    FileCollectorComponent(Environment environment, CollectorConfig config, FilesConfig files) {
        this.environment = environment;
        this.config = config;
        this.files = files;
    }

    @Override
    public Phase run(Duty duty) {
        duty.become(Phase.RECOVERING, "");
        Path directory = environment.layout().received(config.name());
        try (JournalWriter journal = CollectorComponent.open(environment, config);
                var last = JournalReader.openLast(environment.disk(), directory)) {
            JournalLog.tell(LOG, journal.recovered());
            var watcher = new Teller(duty);
            try (var intake =
                    new FileIntake(
                            environment.disk(),
                            environment.layout().files(config.name()),
                            files,
                            journal,
                            last,
                            environment.clock(),
                            watcher,
                            environment.config().commit().everyMs())) {
                watcher.intake = intake;
                duty.become(Phase.RUNNING, "");
                return work(duty, intake);
            }
        }
    }

    private Phase work(Duty duty, FileIntake intake) {
        long now = environment.clock().monotonicNanos();
        long lookNanos = now;
        boolean whole = true;
        Command command = duty.command();
        // What a predecessor had begun is gone on with even when everything is to end.
        while (whole && (command == Command.RUN || lookNanos == now)) {
            long begun = environment.clock().monotonicNanos();
            if (begun >= lookNanos) {
                whole = intake.look();
                long took = environment.clock().monotonicNanos() - begun;
                lookNanos = begun + Math.max(LOOK_NANOS, LOOK_SHARE * took);
            }
            duty.beat();
            duty.setRecords(intake.linesTotal());
            duty.idle(IDLE_MS);
            command = duty.command();
        }
        duty.become(Phase.STOPPING, "");
        boolean drained = command == Command.DRAIN && intake.closeIntake();
        duty.setRecords(intake.linesTotal());
        duty.become(Phase.STOPPING, "");
        return drained ? Phase.DRAINED : Phase.STOPPED;
    }

    /** Tells page and log what the intake does. */
    private static final class Teller implements FileIntake.Watcher {
        private final Duty duty;
        private @Nullable FileIntake intake;

        Teller(Duty duty) {
            this.duty = duty;
        }

        @Override
        public void working(String with) {
            duty.beat();
            FileIntake of = intake;
            if (of != null) {
                duty.become(Phase.RUNNING, with.isEmpty() ? idle(of) : with);
                duty.setRecords(of.linesTotal());
            }
        }

        private static String idle(FileIntake of) {
            if (!of.missing().isEmpty()) {
                return of.missing();
            }
            return of.refused() == 0
                    ? ""
                    : of.refused() + " files cannot be taken: see narwhal files";
        }

        @Override
        public void waiting(String why) {
            duty.beat();
            duty.become(
                    Phase.WAITING, why + "; free some space: files wait where they are until then");
        }

        @Override
        public void tell(String line) {
            LOG.info("{}", line);
        }

        @Override
        public boolean isStopped() {
            return duty.command() == Command.STOP;
        }

        @Override
        public boolean isEnding() {
            return duty.command() != Command.RUN;
        }
    }
}
