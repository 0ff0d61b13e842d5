package io.narwhal.component;

import io.narwhal.base.DiskFull;
import io.narwhal.base.SessionArea;
import io.narwhal.base.StreamListener;
import io.narwhal.collect.Collector;
import io.narwhal.collect.RadsecIntake;
import io.narwhal.collect.RequestIntake;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Listen;
import io.narwhal.journal.JournalFull;
import io.narwhal.radius.Clients;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The connections of one address of a collector of RADIUS accounting over TLS: a thread for all of
 * them. The node manager keeps the socket that listens, so clients are never refused while a
 * collector that died is started again; the connections themselves end with it.
 */
final class RadsecReceiver implements ConnectionReceiver {
    private static final Logger LOG = LoggerFactory.getLogger(RadsecReceiver.class);
    private static final int RECEIVE_MS = 100;
    private static final int LAST_MS = 1;
    private static final long TICK_NANOS = 1_000_000_000;
    private static final long LAST_NANOS_MAX = 2_000_000_000L;
    private static final long RETRY_MS = 100;

    private final Environment environment;
    private final Listen listen;
    private final RadsecIntake intake;
    private final SessionArea area;
    private final StreamReceiver.Watch watch;
    private final AtomicLong steps = new AtomicLong();
    private long blockNanos;

    private RadsecReceiver(
            Environment environment,
            Listen listen,
            RadsecIntake intake,
            SessionArea area,
            StreamReceiver.Watch watch) {
        this.environment = environment;
        this.listen = listen;
        this.intake = intake;
        this.area = area;
        this.watch = watch;
        this.blockNanos = environment.clock().monotonicNanos();
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
            StreamReceiver.Watch watch) {
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
        return steps.get();
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
        try {
            while (!watch.finish().getAsBoolean()) {
                step(RECEIVE_MS);
            }
            takeWhatIsQueued();
        } catch (Throwable e) {
            LOG.error("{}", listen, e);
            watch.fail().accept(e);
        }
    }

    // The clients go on sending: what comes after this time would never end.
    private void takeWhatIsQueued() {
        long deadline = environment.clock().monotonicNanos() + LAST_NANOS_MAX;
        while ((step(LAST_MS) > 0 || isHolding())
                && environment.clock().monotonicNanos() < deadline) {
            steps.incrementAndGet();
        }
    }

    private int step(int timeoutMs) {
        int entries = 0;
        try {
            entries = intake.step(timeoutMs);
            long now = environment.clock().monotonicNanos();
            if (entries > 0) {
                blockNanos = now;
            } else if (now - blockNanos > TICK_NANOS) {
                intake.requests().tick();
                blockNanos = now;
            }
            if (watch.waiting().get() != null) {
                watch.waiting().set(null);
            }
        } catch (DiskFull | JournalFull full) {
            watch.waiting()
                    .set(full.getMessage() + "; free some space: nobody is answered until then");
            environment.clock().sleepMillis(RETRY_MS);
        }
        steps.incrementAndGet();
        return entries;
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
