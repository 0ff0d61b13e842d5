package io.narwhal.component;

import io.narwhal.base.SessionArea;
import io.narwhal.base.StreamListener;
import io.narwhal.collect.Collector;
import io.narwhal.collect.RadsecIntake;
import io.narwhal.collect.RequestIntake;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Listen;
import io.narwhal.radius.Clients;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.UUID;

/**
 * The connections of one address of a collector of RADIUS accounting over TLS: a thread for all of
 * them. The node manager keeps the socket that listens, so clients are never refused while a
 * collector that died is started again; the connections themselves end with it.
 */
final class RadsecReceiver implements ConnectionReceiver {
    private static final Logger LOG = LoggerFactory.getLogger(RadsecReceiver.class);

    private final Listen listen;
    private final RadsecIntake intake;
    private final SessionArea area;
    private final IntakeLoop loop;

    private RadsecReceiver(
            Environment environment,
            Listen listen,
            RadsecIntake intake,
            SessionArea area,
            IntakeLoop.Watch watch) {
        this.listen = listen;
        this.intake = intake;
        this.area = area;
        this.loop =
                new IntakeLoop(
                        environment.clock(),
                        new IntakeLoop.Work(
                                listen,
                                intake::step,
                                intake.requests()::isHolding,
                                intake.requests()::tick,
                                0,
                                IntakeLoop.Work.QUEUE_LAST_MS,
                                "nobody is answered until then"),
                        watch);
    }

    /**
     * Listens, on the socket that is kept if there is one.
     *
     * @throws io.narwhal.base.NetFailure when the address cannot be had, or what TLS needs cannot
     *     be read
     */
    static RadsecReceiver open(
            Environment environment,
            CollectorConfig config,
            int number,
            Collector collector,
            IntakeLoop.Watch watch) {
        Listen listen = config.listen().get(number);
        var clients = new Clients(RadiusClients.read(environment.disk(), config));
        var settings =
                new RadsecIntake.Settings(
                        number, config.sessions(), TlsIdentity.of(environment, config));
        // Of what stands there, only the socket that listens is used.
        SessionArea area =
                environment.net().sessions(environment.layout().sessions(config.name(), number));
        UUID boot = environment.processes().boot();
        StreamListener listener = StreamReceiver.listener(environment, config, listen, area);
        if (!area.isOf(boot)) {
            area.format(boot);
        }
        area.own(environment.processes().self());
        area.listensBy(listener);
        var intake =
                new RadsecIntake(
                        collector,
                        environment.net(),
                        listener,
                        clients,
                        environment.clock(),
                        settings,
                        line -> LOG.warn("{}: {}", listen, line));
        LOG.info("{}: listening for RADIUS by TLS", listen);
        return new RadsecReceiver(environment, listen, intake, area, watch);
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
        return intake.requests().isHolding();
    }

    @Override
    public int sessions() {
        return intake.sessions();
    }

    @Override
    public long refusedByTls() {
        return intake.refusedByTls();
    }

    @Override
    public long slowReaders() {
        return intake.slowReaders();
    }

    /** The requests and their answers, to be counted. */
    RequestIntake requests() {
        return intake.requests();
    }

    @Override
    public void run() {
        loop.run();
    }

    @Override
    public void endSessions() {
        area.listensNoMore();
        intake.endSessions();
    }

    @Override
    public void endIntake() {
        intake.requests().close();
    }

    @Override
    public void close() {
        intake.close();
        area.close();
    }
}
