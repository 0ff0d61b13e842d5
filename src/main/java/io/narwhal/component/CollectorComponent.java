package io.narwhal.component;

import io.narwhal.base.InFlight;
import io.narwhal.base.UdpSocket;
import io.narwhal.collect.Collector;
import io.narwhal.collect.DatagramIntake;
import io.narwhal.collect.Intake;
import io.narwhal.collect.RequestIntake;
import io.narwhal.collect.SocketArea;
import io.narwhal.config.CollectorConfig;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.radius.Clients;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;

/**
 * Receives on the sockets of one collector and journals what comes: a thread for each socket, one
 * that forces the journal every commit interval, and this one, which watches over them.
 */
public final class CollectorComponent implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(CollectorComponent.class);
    private static final long WATCH_MS = 100;
    private static final long TRIM_NANOS = 10_000_000_000L;
    private static final long TRIM_FULL_NANOS = 200_000_000;
    // A batch of less than this is followed by a pause in which the kernel gathers a larger one.
    private static final int FEW = InFlight.SLOTS / 2;

    private final Environment environment;
    private final CollectorConfig config;
    private final Sockets sockets;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicReference<@Nullable String> waiting = new AtomicReference<>();
    private final IntakeLoop.Watch watch =
            new IntakeLoop.Watch(this::isFinishing, e -> failure.compareAndSet(null, e), waiting);
    private final List<Receiver> receivers = new ArrayList<>();
    private final List<ConnectionReceiver> streams = new ArrayList<>();
    private volatile boolean finish;

    /** A collector that has opened nothing yet. */
    public CollectorComponent(Environment environment, CollectorConfig config, Sockets sockets) {
        this.environment = environment;
        this.config = config;
        this.sockets = sockets;
    }

    private boolean isFinishing() {
        return finish || failure.get() != null;
    }

    @Override
    public Phase run(Duty duty) {
        duty.become(Phase.RECOVERING, "");
        Path directory = environment.layout().received(config.name());
        try (JournalWriter journal = open(environment, config);
                var last = JournalReader.openLast(environment.disk(), directory)) {
            JournalLog.tell(LOG, journal.recovered());
            journal.force();
            journal.publish(journal.forced());
            var replay =
                    new CollectorReplay(
                            config.name(),
                            journal.recovered(),
                            journal.end(),
                            config.radius() != null);
            var collector = new Collector(journal, last, environment.clock());
            if (config.transport().isSession()) {
                listenForSessions(collector, directory, replay);
            } else {
                for (SocketPlace place : SocketPlace.of(config)) {
                    receivers.add(receiver(collector, place, directory, replay));
                }
            }
            duty.become(Phase.RUNNING, "");
            duty.opened(List.of(replay));
            return watch(duty, journal, collector);
        } finally {
            receivers.forEach(Receiver::close);
            streams.forEach(ConnectionReceiver::close);
        }
    }

    /** Opens, or makes, the journal of this collector, as it goes on after whatever happened. */
    static JournalWriter open(Environment environment, CollectorConfig config) {
        Path directory = environment.layout().received(config.name());
        JournalWriter journal =
                JournalWriter.open(
                        environment.disk(),
                        environment.clock(),
                        JournalSettings.of(
                                directory,
                                LaneRecovery.limits(environment.config().journals().received()),
                                ServedJournal.readers(
                                        environment,
                                        directory,
                                        SubscriberLanes.readers(
                                                environment.config(), config.name()))),
                        () -> environment.clock().wallMicros());
        return ServedJournal.opened(environment, directory, journal);
    }

    private void listenForSessions(Collector collector, Path directory, CollectorReplay replay) {
        for (int number = 0; number < config.listen().size(); number++) {
            streams.add(
                    config.radius() == null
                            ? StreamReceiver.open(
                                    environment, config, number, collector, directory, watch)
                            : RadsecReceiver.open(environment, config, number, collector, watch));
            replay.sessions(number, streams.getLast().recovered());
        }
    }

    private Receiver receiver(
            Collector collector, SocketPlace place, Path directory, CollectorReplay replay) {
        UdpSocket socket =
                sockets.find(place).orElseGet(() -> sockets.bind(place, environment.net()));
        int number = place.number();
        InFlight area =
                environment.net().inFlight(environment.layout().inFlight(config.name(), number));
        UUID boot = environment.processes().boot();
        Intake.JournalAt journal =
                position -> JournalReader.openPhysical(environment.disk(), directory, position);
        DatagramIntake intake;
        Intake.Found found;
        if (config.radius() == null) {
            var datagrams =
                    new Intake(
                            collector,
                            number,
                            place.listenNumber(),
                            socket,
                            area,
                            environment.clock());
            found = datagrams.recover(boot, journal);
            intake = datagrams;
        } else {
            var requests = requests(collector, place, socket, area);
            found = requests.recover(boot, journal);
            intake = requests;
        }
        LOG.info(
                "{}: receive buffer {} bytes; {}", place, socket.receiveBufferBytes(), tell(found));
        replay.area(number, found);
        return new Receiver(intake, area, place);
    }

    private RequestIntake requests(
            Collector collector, SocketPlace place, UdpSocket socket, InFlight area) {
        return new RequestIntake(
                collector,
                new SocketArea(
                        place.number(), place.listenNumber(), socket, area, environment.clock()),
                new Clients(RadiusClients.read(environment.disk(), config)),
                line -> LOG.warn("{}: {}", place, line));
    }

    private static String tell(Intake.Found found) {
        return switch (found) {
            case Intake.Found.Nothing _ -> "nothing was in flight";
            case Intake.Found.Appended(int datagrams) ->
                    datagrams + " datagrams in flight are now in the journal";
            case Intake.Found.Known(int datagrams) ->
                    datagrams + " datagrams in flight were in the journal already";
            case Intake.Found.Distrusted(int datagrams) ->
                    datagrams + " datagrams in flight when the machine went down are discarded";
        };
    }

    private Phase watch(Duty duty, JournalWriter journal, Collector collector) {
        List<Thread> threads = new ArrayList<>();
        for (Receiver receiver : receivers) {
            threads.add(Thread.ofPlatform().name("receive-" + receiver.place).start(receiver.loop));
        }
        for (ConnectionReceiver stream : streams) {
            threads.add(Thread.ofPlatform().name("receive-" + stream.listen()).start(stream));
        }
        var committer = new Committer(journal);
        Thread force = Thread.ofPlatform().name("force").start(committer);
        long stepsSeen = -1;
        while (duty.command() == Command.RUN && failure.get() == null) {
            long steps =
                    LongStream.concat(
                                    receivers.stream().mapToLong(one -> one.loop.steps()),
                                    streams.stream().mapToLong(ConnectionReceiver::steps))
                            .min()
                            .orElse(0);
            if (steps != stepsSeen) {
                stepsSeen = steps;
                duty.beat();
            }
            duty.setRecords(collector.datagramsTotal());
            tellWaiting(duty);
            duty.tellRecovery();
            duty.idle(WATCH_MS);
        }
        if (failure.get() == null) {
            duty.become(Phase.STOPPING, "");
        }
        boolean drain = duty.command() == Command.DRAIN;
        finish = true;
        threads.forEach(CollectorComponent::join);
        if (failure.get() == null && drain) {
            closeIntake();
        }
        committer.finish = true;
        join(force);
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new IllegalStateException(
                    "cannot go on receiving: " + thrown.getMessage(), thrown);
        }
        duty.setRecords(collector.datagramsTotal());
        return drain ? Phase.DRAINED : Phase.STOPPED;
    }

    // Behind the last block nothing may follow: a batch that waits for room goes before it.
    private void closeIntake() {
        streams.forEach(ConnectionReceiver::endSessions);
        if (streams.stream().anyMatch(ConnectionReceiver::isHolding)
                || receivers.stream().anyMatch(receiver -> receiver.intake.isHolding())) {
            throw new IllegalStateException(
                    "cannot end the intake: there is no room for what was received last ("
                            + waiting.get()
                            + "); it is in flight, and the next process goes on with it");
        }
        if (streams.isEmpty()) {
            receivers.getFirst().intake.close();
        } else {
            streams.getFirst().endIntake();
        }
    }

    private void tellWaiting(Duty duty) {
        String why = waiting.get();
        if (why != null) {
            duty.beat();
        }
        duty.become(why == null ? Phase.RUNNING : Phase.WAITING, why == null ? tell() : why);
    }

    /** What the operator may want to know of the threads; empty when nothing. */
    private String tell() {
        String connections = ConnectionReceiver.tell(streams);
        List<RequestIntake> requests = requests();
        if (requests.isEmpty()) {
            return connections;
        }
        long refused = requests.stream().mapToLong(RequestIntake::refused).sum();
        long queries = requests.stream().mapToLong(RequestIntake::queries).sum();
        long unsent = requests.stream().mapToLong(RequestIntake::unsent).sum();
        return (connections.isEmpty() ? "" : connections + ", ")
                + requests.stream().mapToLong(RequestIntake::answered).sum()
                + " answered"
                + (queries == 0 ? "" : ", " + queries + " of them to Status-Server")
                + (unsent == 0 ? "" : ", " + unsent + " answers not sent")
                + (refused == 0 ? "" : ", " + refused + " refused");
    }

    private List<RequestIntake> requests() {
        List<RequestIntake> requests = new ArrayList<>();
        for (Receiver receiver : receivers) {
            if (receiver.intake instanceof RequestIntake one) {
                requests.add(one);
            }
        }
        for (ConnectionReceiver stream : streams) {
            if (stream instanceof RadsecReceiver radsec) {
                requests.add(radsec.requests());
            }
        }
        return requests;
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What receives on one socket. */
    private final class Receiver {
        private final DatagramIntake intake;
        private final InFlight area;
        private final SocketPlace place;
        private final IntakeLoop loop;

        Receiver(DatagramIntake intake, InFlight area, SocketPlace place) {
            this.intake = intake;
            this.area = area;
            this.place = place;
            this.loop =
                    new IntakeLoop(
                            environment.clock(),
                            new IntakeLoop.Work(
                                    place,
                                    intake::step,
                                    intake::isHolding,
                                    intake::tick,
                                    intake instanceof RequestIntake ? 0 : FEW,
                                    IntakeLoop.Work.QUEUE_LAST_MS,
                                    "the kernel queues until then, and what it drops is counted"),
                            watch);
        }

        void close() {
            if (intake instanceof RequestIntake requests) {
                requests.release();
            }
            area.close();
        }
    }

    /** Forces and publishes what was appended, every commit interval. */
    private final class Committer implements Runnable {
        private final JournalWriter journal;
        private volatile boolean finish;
        private long trimmedNanos = environment.clock().monotonicNanos();

        Committer(JournalWriter journal) {
            this.journal = journal;
        }

        @Override
        public void run() {
            try {
                while (!finish) {
                    commit();
                    environment.clock().sleepMillis(environment.config().commit().everyMs());
                }
                commit();
            } catch (Throwable e) {
                LOG.error("the journal cannot be forced", e);
                failure.compareAndSet(null, e);
            }
        }

        private void commit() {
            if (journal.end() > journal.forced()) {
                journal.force();
            }
            if (journal.forced() > journal.published()) {
                journal.publish(journal.forced());
            }
            long now = environment.clock().monotonicNanos();
            // Who waits for room waits for this.
            if (now - trimmedNanos > (waiting.get() == null ? TRIM_NANOS : TRIM_FULL_NANOS)) {
                trimmedNanos = now;
                journal.trim(environment.clock().wallMicros());
                journal.adoptCompressed();
            }
        }
    }
}
