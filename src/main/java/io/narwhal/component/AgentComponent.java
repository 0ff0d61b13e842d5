package io.narwhal.component;

import io.narwhal.base.Check;
import io.narwhal.config.Listen;
import io.narwhal.config.ServeConfig;
import io.narwhal.config.TransferTls;
import io.narwhal.remote.AgentServer;
import io.narwhal.remote.Credentials;
import io.narwhal.remote.Limits;
import io.narwhal.remote.Security;
import io.narwhal.remote.TlsFiles;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;

/**
 * Serves the journals of this node to managers. It goes on while collecting is down; when it drains
 * it ends once every reader has acknowledged everything.
 */
final class AgentComponent implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(AgentComponent.class);
    private static final long IDLE_MS = 10;
    private static final long ALONE_MS = 50;

    private final Environment environment;
    private final ServeConfig config;

    AgentComponent(Environment environment) {
        this.environment = environment;
        ServeConfig serve = environment.config().serve();
        Check.that(serve != null, "a node that serves is configured to");
        this.config =
                serve == null
                        ? new ServeConfig(new Listen("::1", 1), List.of(), List.of(), 0, null)
                        : serve;
    }

    @Override
    public Phase run(Duty duty) {
        duty.become(Phase.RECOVERING, "");
        try (var work = new AgentWork(environment, config, duty);
                var server = open(work.handler())) {
            duty.become(Phase.RUNNING, "");
            duty.opened(List.of());
            LOG.info("serves {} at {}", config.managers(), server.addresses());
            return serve(duty, work, server);
        }
    }

    private Phase serve(Duty duty, AgentWork work, AgentServer server) {
        while (true) {
            Command command = duty.command();
            duty.beat();
            boolean more = work.step(command == Command.DRAIN);
            if (work.isSecond()) {
                server.refresh();
                duty.tellRecovery();
                duty.become(Phase.RUNNING, work.tell(server.complaint()));
                duty.setRecords(work.records());
            }
            boolean isDone = command == Command.DRAIN && work.isDelivered();
            if (command == Command.STOP || isDone) {
                duty.become(Phase.STOPPING, "");
                work.end();
                return isDone ? Phase.DRAINED : Phase.STOPPED;
            }
            if (!more) {
                work.await(work.links() == 0 ? ALONE_MS : IDLE_MS);
            }
        }
    }

    private AgentServer open(AgentLoop handler) {
        var settings =
                new AgentServer.Settings(
                        List.of(address(config.listen())),
                        security(),
                        Set.copyOf(config.managers()),
                        Limits.DEFAULT,
                        environment.clock());
        return switch (AgentServer.open(settings, handler)) {
            case AgentServer.Opening.Listening(AgentServer server) -> server;
            case AgentServer.Opening.Refused(String message) ->
                    throw new LaneRecovery.Refused(message);
        };
    }

    private Security security() {
        TransferTls tls = config.tls();
        if (tls == null) {
            return new Security.InClear();
        }
        var files =
                new TlsFiles(
                        tls.certificate(), tls.key(), tls.ca(), tls.revoked(), tls.fromDirectory());
        return switch (Credentials.read(environment.disk(), files, environment.clock())) {
            case Credentials.Read.Good(Credentials credentials) -> new Security.Mutual(credentials);
            case Credentials.Read.Bad(String message) -> throw new LaneRecovery.Refused(message);
        };
    }

    private static InetSocketAddress address(Listen listen) {
        InetAddress host =
                listen.host().equals("localhost")
                        ? InetAddress.getLoopbackAddress()
                        : InetAddress.ofLiteral(listen.host());
        return new InetSocketAddress(host, listen.port());
    }
}
