package io.narwhal.remote;

import com.sun.management.OperatingSystemMXBean;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;

import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Prints how fast data goes from an agent to a manager on loopback, and what it costs both together
 * (they are one process here); a measurement, not a test. Arguments: seconds a round, and octets a
 * message.
 */
public final class TransferSpeed {
    private static final int ROUNDS = 5;

    private final Semaphore ready = new Semaphore(0);
    private final AtomicLong received = new AtomicLong();

    private TransferSpeed() {}

    /** As the class says. */
    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        int bytes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 512 << 10;
        Path directory = Files.createTempDirectory("transfer-speed");
        Certificates authority = new Certificates("speed");
        Instant now = Instant.now();
        for (String name : List.of("edge", "central")) {
            authority.issue(
                    directory.resolve(name),
                    Certificates.Wish.of(name).valid(now.minusSeconds(60), now.plusSeconds(3_600)));
        }
        new TransferSpeed().measure(directory, seconds, bytes);
        System.exit(0);
    }

    private static Security mutual(Path directory) {
        return switch (Credentials.read(Disk.system(), TlsFiles.in(directory), Clock.system())) {
            case Credentials.Read.Good(Credentials good) -> new Security.Mutual(good);
            case Credentials.Read.Bad(String message) -> throw new AssertionError(message);
        };
    }

    private void measure(Path directory, int seconds, int bytes) throws Exception {
        var agent = new Agent();
        AgentServer server =
                ((AgentServer.Opening.Listening)
                                AgentServer.open(
                                        new AgentServer.Settings(
                                                List.of(
                                                        new InetSocketAddress(
                                                                InetAddress.getLoopbackAddress(),
                                                                0)),
                                                mutual(directory.resolve("edge")),
                                                Set.of("central"),
                                                Limits.DEFAULT,
                                                Clock.system()),
                                        agent))
                        .server();
        var client =
                new ManagerClient(
                        new ManagerClient.Settings(Limits.DEFAULT, Runnable::run, Clock.system()));
        Link<FromManager> link =
                client.dial(
                        new ManagerClient.Target(
                                "127.0.0.1",
                                server.addresses().getFirst().getPort(),
                                "edge",
                                mutual(directory.resolve("central"))),
                        new Manager());
        ready.acquire();
        link.send(new FromManager.Status());
        Thread sender = new Thread(() -> send(agent, RemoteSecurityTest.data(bytes)));
        sender.setDaemon(true);
        sender.start();
        var machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        System.out.printf(
                "TLS by %s, %,d octets a message%n",
                Transport.isNative() ? "BoringSSL" : "the JDK", bytes);
        for (int round = 0; round < ROUNDS; round++) {
            long bytesBefore = received.get();
            long cpuBefore = machine.getProcessCpuTime();
            long before = System.nanoTime();
            Thread.sleep(1_000L * seconds);
            double moved = received.get() - bytesBefore;
            double tookSeconds = (System.nanoTime() - before) / 1e9;
            double cpuSeconds = (machine.getProcessCpuTime() - cpuBefore) / 1e9;
            System.out.printf(
                    "%.0f MB/s, %.2f CPU s/GB for both sides together%n",
                    moved / tookSeconds / 1e6, cpuSeconds / (moved / 1e9));
        }
    }

    private void send(Agent agent, FromAgent data) {
        while (true) {
            if (agent.link.isReady()) {
                agent.link.send(data);
            } else {
                ready.acquireUninterruptibly();
            }
        }
    }

    private final class Agent implements LinkHandler<FromManager, FromAgent> {
        private volatile Link<FromAgent> link;

        @Override
        public void opened(Link<FromAgent> opened) {
            link = opened;
        }

        @Override
        public void received(Link<FromAgent> from, FromManager message) {
            from.taken();
        }

        @Override
        public void ready(Link<FromAgent> which) {
            ready.release();
        }

        @Override
        public void closed(Link<FromAgent> which, Ending ending) {
            System.out.println(ending);
        }
    }

    private final class Manager implements LinkHandler<FromAgent, FromManager> {
        @Override
        public void opened(Link<FromManager> link) {
            ready.release();
        }

        @Override
        public void received(Link<FromManager> from, FromAgent message) {
            if (message instanceof FromAgent.AccountingData data) {
                ByteBuffer frames = data.frames();
                received.addAndGet(frames.remaining());
            }
            from.taken();
        }

        @Override
        public void ready(Link<FromManager> link) {}

        @Override
        public void closed(Link<FromManager> link, Ending ending) {
            System.out.println(ending);
        }
    }
}
