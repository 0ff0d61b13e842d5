package io.narwhal.component;

import io.narwhal.base.DiskFull;
import io.narwhal.base.NetFailure;
import io.narwhal.base.Processes;
import io.narwhal.base.SessionArea;
import io.narwhal.base.StreamHandle;
import io.narwhal.base.StreamListener;
import io.narwhal.base.StreamSession;
import io.narwhal.base.StreamSocket;
import io.narwhal.collect.Collector;
import io.narwhal.collect.StreamIntake;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Listen;
import io.narwhal.journal.JournalFull;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.Transport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The sessions of one address of a collector that listens for connections: a thread for all of
 * them. While there is no room in the journal it takes nothing, and the exporters wait.
 */
final class StreamReceiver implements ConnectionReceiver {
    private static final Logger LOG = LoggerFactory.getLogger(StreamReceiver.class);
    // A step that brings less is followed by a pause in which the kernel gathers more.
    private static final int FEW_BYTES = 64 * 1024;

    private final Listen listen;
    private final StreamIntake intake;
    private final StreamIntake.Recovered recovered;
    private final SessionArea area;
    private final IntakeLoop.Watch watch;
    private final IntakeLoop loop;

    private StreamReceiver(
            Environment environment,
            Listen listen,
            StreamIntake intake,
            StreamIntake.Recovered recovered,
            SessionArea area,
            IntakeLoop.Watch watch) {
        this.listen = listen;
        this.intake = intake;
        this.recovered = recovered;
        this.area = area;
        this.watch = watch;
        this.loop =
                new IntakeLoop(
                        environment.clock(),
                        new IntakeLoop.Work(
                                listen,
                                intake::step,
                                intake::isHolding,
                                intake::tick,
                                FEW_BYTES,
                                IntakeLoop.Work.STREAM_LAST_MS,
                                "the exporters wait until then"),
                        watch);
    }

    /**
     * Listens, on the socket that is kept if there is one, and goes on with the sessions that are.
     *
     * @throws NetFailure when the address cannot be had, or what TLS needs cannot be read
     */
    static StreamReceiver open(
            Environment environment,
            CollectorConfig config,
            int number,
            Collector collector,
            Path directory,
            IntakeLoop.Watch watch) {
        Listen listen = config.listen().get(number);
        UnaryOperator<StreamSocket> secure =
                config.transport() == Transport.TLS
                        ? TlsIdentity.of(environment, config)
                        : UnaryOperator.identity();
        SessionArea area =
                environment.net().sessions(environment.layout().sessions(config.name(), number));
        var kept = new Kept(environment, area);
        StreamListener listener = listener(environment, config, listen, area);
        var settings =
                new StreamIntake.Settings(number, config.transport(), config.sessions(), secure);
        var intake =
                new StreamIntake(
                        collector,
                        environment.net(),
                        listener,
                        area,
                        settings,
                        line -> LOG.info("{}: {}", listen, line));
        StreamIntake.Recovered recovered =
                intake.recover(
                        environment.processes().boot(),
                        position ->
                                JournalReader.openPhysical(environment.disk(), directory, position),
                        config.transport() == Transport.TLS
                                ? session -> Optional.empty()
                                : kept::connection);
        area.own(environment.processes().self());
        area.listensBy(listener);
        LOG.info(
                "{}: listening by {}; {} sessions go on, {} could not",
                listen,
                config.transport(),
                recovered.resumed(),
                recovered.ended());
        return new StreamReceiver(environment, listen, intake, recovered, area, watch);
    }

    /** The socket that listens there: the one that is kept, or a new one. */
    static StreamListener listener(
            Environment environment, CollectorConfig config, Listen listen, SessionArea area) {
        return new Kept(environment, area)
                .listener()
                .orElseGet(() -> bind(environment, config, listen));
    }

    private static StreamListener bind(
            Environment environment, CollectorConfig config, Listen listen) {
        try {
            return environment
                    .net()
                    .listen(
                            listen.host(),
                            listen.port(),
                            (int) Math.min(config.receiveBufferBytes(), Integer.MAX_VALUE / 2));
        } catch (NetFailure e) {
            throw new NetFailure("collectors." + config.name() + ".listen: " + e.getMessage());
        }
    }

    /** What the keeper of the area holds, if it lives and it is still the same. */
    private record Kept(Environment environment, SessionArea area, Processes.Identity keeper) {
        Kept(Environment environment, SessionArea area) {
            this(environment, area, area.keeper());
        }

        Optional<StreamListener> listener() {
            SessionArea.Handle handle = area.listenerKept();
            return isThere(handle)
                    ? same(
                            () ->
                                    environment
                                            .net()
                                            .shareListener(keeper.pid(), handle.descriptor()),
                            handle.cookie())
                    : Optional.empty();
        }

        Optional<StreamSocket> connection(StreamSession session) {
            var handle = new SessionArea.Handle(session.cookie(), session.keeperDescriptor());
            return isThere(handle)
                    ? same(
                            () -> environment.net().shareStream(keeper.pid(), handle.descriptor()),
                            handle.cookie())
                    : Optional.empty();
        }

        private boolean isThere(SessionArea.Handle handle) {
            return area.isOf(environment.processes().boot())
                    && handle.cookie() != 0
                    && handle.descriptor() >= 0
                    && environment.processes().isAlive(keeper);
        }

        // The keeper may die, or open something else by that number, while we ask.
        private static <T extends StreamHandle> Optional<T> same(Supplier<T> share, long cookie) {
            try {
                T handle = share.get();
                if (handle.cookie() == cookie) {
                    return Optional.of(handle);
                }
                handle.close();
                return Optional.empty();
            } catch (NetFailure e) {
                return Optional.empty();
            }
        }
    }

    @Override
    public Listen listen() {
        return listen;
    }

    @Override
    public long steps() {
        return loop.steps();
    }

    @Override
    public boolean isHolding() {
        return intake.isHolding();
    }

    @Override
    public StreamIntake.Recovered recovered() {
        return recovered;
    }

    @Override
    public int sessions() {
        return intake.sessions();
    }

    @Override
    public long refusedByTls() {
        return intake.refused();
    }

    @Override
    public void run() {
        loop.run();
    }

    @Override
    public void endSessions() {
        try {
            intake.endSessions();
        } catch (DiskFull | JournalFull full) {
            watch.waiting().set(full.getMessage()); // what it holds says the rest
        }
    }

    @Override
    public void endIntake() {
        intake.close();
    }

    @Override
    public void close() {
        area.close();
    }
}
