package io.narwhal.endtoend;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.pki.Authority;
import io.narwhal.pki.Order;
import io.narwhal.remote.AgentServer;
import io.narwhal.remote.Credentials;
import io.narwhal.remote.Ending;
import io.narwhal.remote.Limits;
import io.narwhal.remote.Link;
import io.narwhal.remote.LinkHandler;
import io.narwhal.remote.Security;
import io.narwhal.remote.TlsFiles;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;
import io.narwhal.transfer.Incarnation;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Occupancy;
import io.narwhal.transfer.Resumption;
import io.narwhal.transfer.Stream;
import io.narwhal.transfer.StreamId;
import io.narwhal.transfer.Verdict;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * Many agents that have nothing, in one process: a server each, on a port and with a certificate of
 * its own. For {@code benchmarks/transfer}, which measures what a manager of all of them costs.
 */
final class IdleAgents {
    private static final long STATUS_MS = 10_000;
    private static final StreamId FLOWS = new StreamId(Journal.RECEIVED, "flows");
    private static final long EPOCH = 4747;

    private IdleAgents() {}

    /**
     * Writes {@code manager.yaml} into the directory, says {@code ready}, says {@code linked} when
     * a manager has been linked to all of them, and ends when its standard input does.
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments[0]).toAbsolutePath();
        int count = Integer.parseInt(arguments[1]);
        var authority =
                Authority.init(
                        Disk.system(), Clock.system(), directory.resolve("authority"), "idle", 2);
        authority.issue(Order.of("central"), directory.resolve("tls").resolve("central"));
        var linked = new CountDownLatch(count);
        var links = ConcurrentHashMap.<Link<FromAgent>>newKeySet();
        var yaml = new StringBuilder("node: central\ndata: ./data\npull:\n");
        for (int i = 1; i <= count; i++) {
            String name = "edge-" + i;
            Path tls = directory.resolve("tls").resolve(name);
            authority.issue(Order.of(name), tls);
            int port = open(tls, new Idle(name, links, linked));
            yaml.append(
                    "  %s: { address: \"127.0.0.1:%d\", tls: %s }\n"
                            .formatted(name, port, directory.resolve("tls").resolve("central")));
        }
        yaml.append("usage: { by-exporter: { keys: [exporter], bin: 1h } }\n");
        Files.writeString(directory.resolve("manager.yaml"), yaml);
        Thread.ofPlatform().daemon().start(() -> tell(links));
        Thread.ofPlatform().daemon().start(IdleAgents::endWithInput);
        System.out.println("ready");
        linked.await();
        System.out.println("linked");
        Thread.currentThread().join();
    }

    private static int open(Path tls, Idle agent) {
        Credentials credentials =
                switch (Credentials.read(Disk.system(), TlsFiles.in(tls), Clock.system())) {
                    case Credentials.Read.Good(Credentials good) -> good;
                    case Credentials.Read.Bad(String message) ->
                            throw new IllegalStateException(message);
                };
        var settings =
                new AgentServer.Settings(
                        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        new Security.Mutual(credentials),
                        Set.of("central"),
                        Limits.DEFAULT,
                        Clock.system());
        return switch (AgentServer.open(settings, agent)) {
            case AgentServer.Opening.Listening(AgentServer server) ->
                    server.addresses().getFirst().getPort();
            case AgentServer.Opening.Refused(String message) ->
                    throw new IllegalStateException(message);
        };
    }

    // As real agents do, so that the manager knows that they are there.
    private static void tell(Set<Link<FromAgent>> links) {
        while (true) {
            try {
                Thread.sleep(STATUS_MS);
            } catch (InterruptedException e) {
                return;
            }
            links.forEach(link -> link.send(new FromAgent.Status(Occupancy.EMPTY)));
        }
    }

    private static void endWithInput() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException e) {
            System.err.println(e);
        }
        System.exit(0);
    }

    /** One of them. */
    private record Idle(String name, Set<Link<FromAgent>> links, CountDownLatch linked)
            implements LinkHandler<FromManager, FromAgent> {
        @Override
        public void opened(Link<FromAgent> link) {
            var flows = new Stream(FLOWS, EPOCH, List.of(new Incarnation(1, 0)), 0, 0);
            link.send(new FromAgent.Hello(name, 1, 0, List.of(flows), 0, "idle"));
        }

        @Override
        public void received(Link<FromAgent> link, FromManager message) {
            switch (message) {
                case FromManager.Open _ -> {
                    var flows = new Resumption(FLOWS, EPOCH, 0, Verdict.BEGINS, 0, 0, "");
                    link.send(new FromAgent.Opened(List.of(flows)));
                    links.add(link);
                    linked.countDown();
                }
                case FromManager.SetThresholds(long version, _) ->
                        link.send(new FromAgent.ThresholdsResult(version, true, ""));
                case FromManager.ProvideAccountingData(long pull, _, _) ->
                        link.send(new FromAgent.EndOfData(pull, 0, Occupancy.EMPTY, false));
                case FromManager.Acknowledge _,
                        FromManager.Resolved _,
                        FromManager.Status _,
                        FromManager.Trouble _,
                        FromManager.Close _ -> {}
            }
            link.taken();
        }

        @Override
        public void ready(Link<FromAgent> link) {}

        @Override
        public void closed(Link<FromAgent> link, Ending ending) {
            links.remove(link);
        }
    }
}
