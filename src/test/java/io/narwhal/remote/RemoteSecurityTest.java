package io.narwhal.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.base.Disk;
import io.narwhal.base.SetClock;
import io.narwhal.base.Tls;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Occupancy;
import io.narwhal.transfer.StreamId;

import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Who is let in, and who is not (R63): a real server and real clients on loopback. Whatever
 * strangers do, a good link goes on beside them.
 */
class RemoteSecurityTest {
    private static final Duration SOON = Duration.ofSeconds(8);
    private static final FromAgent STATUS = new FromAgent.Status(Occupancy.EMPTY);
    private static final long DAY = 86_400;
    private static final Limits SMALL =
            new Limits(
                    1 << 20, 64 << 10, 256 << 10, 256 << 10, 40, 10, 6, 3, 4, 1_000, 1_500, 3_000,
                    10_000, 20_000, 300);

    @TempDir private Path directory;
    private final SetClock clock = new SetClock(Certificates.NOW);
    private final Recording<FromManager, FromAgent> agent = new Recording<>();
    private final Recording<FromAgent, FromManager> manager = new Recording<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Certificates authority;
    private BigInteger central;
    private AgentServer server;
    private ManagerClient client;

    @BeforeEach
    void certify() throws Exception {
        authority = new Certificates("ours");
        authority.issue(directory.resolve("edge"), Certificates.Wish.of("edge-1"));
        central = authority.issue(directory.resolve("central"), Certificates.Wish.of("central"));
        client = client();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private ManagerClient client() {
        var made = new ManagerClient(new ManagerClient.Settings(SMALL, Runnable::run, clock));
        open.add(made);
        return made;
    }

    private Security mutual(String name) {
        return switch (Credentials.read(
                Disk.system(), TlsFiles.in(directory.resolve(name)), clock)) {
            case Credentials.Read.Good(Credentials credentials) -> new Security.Mutual(credentials);
            case Credentials.Read.Bad(String message) -> throw new AssertionError(message);
        };
    }

    private void listen(Security security) {
        switch (AgentServer.open(
                new AgentServer.Settings(
                        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        security,
                        Set.of("central", "m2"),
                        SMALL,
                        clock),
                agent)) {
            case AgentServer.Opening.Listening(AgentServer listening) -> server = listening;
            case AgentServer.Opening.Refused(String message) -> throw new AssertionError(message);
        }
        open.add(server);
    }

    private int port() {
        return server.addresses().getFirst().getPort();
    }

    private Link<FromManager> dial(String name, Recording<FromAgent, FromManager> told) {
        return dial(mutual(name), "edge-1", told);
    }

    private Link<FromManager> dial(
            Security security, String identity, Recording<FromAgent, FromManager> told) {
        return client.dial(new ManagerClient.Target("127.0.0.1", port(), identity, security), told);
    }

    private static void until(java.util.concurrent.Callable<Boolean> holds) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(holds);
    }

    /** A link over which messages go both ways. */
    private Link<FromManager> goodLink() {
        int before = agent.openings();
        int opened = manager.openings();
        Link<FromManager> link = dial("central", manager);
        until(() -> agent.openings() > before && manager.openings() > opened);
        works(link);
        return link;
    }

    private void works(Link<FromManager> link) {
        int atAgent = agent.messages();
        int atManager = manager.messages();
        link.send(new FromManager.Status());
        agent.opened.getLast().send(STATUS);
        until(() -> agent.messages() > atAgent && manager.messages() > atManager);
    }

    private void refuses(Refusal refusal, Runnable what) {
        long before = server.refused().getOrDefault(refusal, 0L);
        what.run();
        until(() -> server.refused().getOrDefault(refusal, 0L) > before);
    }

    private void refusesDial(Refusal refusal, String name) {
        int opened = agent.openings();
        var told = new Recording<FromAgent, FromManager>();
        refuses(refusal, () -> dial(name, told));
        until(() -> told.ends() == 1);
        assertThat(told.openings()).isZero();
        assertThat(agent.openings()).isEqualTo(opened);
        assertThat(told.endings.getFirst().orderly()).isFalse();
    }

    @Test
    void bothSidesKnowEachOtherByTheirCertificates() {
        listen(mutual("edge"));

        Link<FromManager> link = goodLink();

        assertThat(link.peer().names()).containsExactly("edge-1");
        assertThat(agent.opened.getFirst().peer().names()).containsExactly("central");
        assertThat(agent.opened.getFirst().peer().mayBe("CENTRAL")).isTrue();
        assertThat(agent.opened.getFirst().peer().mayBe("m2")).isFalse();
        assertThat(server.refused()).isEmpty();
        assertThat(client.refused()).isEmpty();
        assertThat(agent.received).containsOnly(new FromManager.Status());

        link.close("enough");
        until(() -> agent.ends() == 1 && manager.ends() == 1);
        assertThat(agent.endings.getFirst().orderly()).isTrue();
        assertThat(manager.endings.getFirst().orderly()).isTrue();
    }

    @Test
    void whatTheAgentSaidBeforeItClosesArrives() {
        listen(mutual("edge"));
        goodLink();

        agent.opened.getFirst().send(new FromAgent.Close("drained"));
        agent.opened.getFirst().close("drained");

        until(() -> manager.ends() == 1);
        assertThat(manager.received).endsWith(new FromAgent.Close("drained"));
        assertThat(manager.endings.getFirst()).isEqualTo(Ending.inOrder("drained"));
    }

    @Test
    void whoHasNoValidCertificateIsRefusedAndTheGoodLinkGoesOn() throws Exception {
        listen(mutual("edge"));
        Link<FromManager> good = goodLink();
        var other = new Certificates("ours");
        other.issue(directory.resolve("other"), Certificates.Wish.of("central"));
        Certificates.replace(directory.resolve("other/ca.pem"), authority.pem());
        authority.issue(
                directory.resolve("expired"),
                Certificates.Wish.of("central")
                        .valid(
                                Certificates.NOW.minusSeconds(DAY),
                                Certificates.NOW.minusSeconds(60)));
        authority.issue(
                directory.resolve("early"),
                Certificates.Wish.of("central")
                        .valid(
                                Certificates.NOW.plusSeconds(60),
                                Certificates.NOW.plusSeconds(DAY)));
        authority.issue(directory.resolve("stranger"), Certificates.Wish.of("stranger"));
        authority.issue(
                directory.resolve("listener"),
                Certificates.Wish.of("central").forUse(KeyPurposeId.id_kp_serverAuth));

        refusesDial(Refusal.OTHER_CA, "other");
        refusesDial(Refusal.EXPIRED, "expired");
        refusesDial(Refusal.NOT_YET_VALID, "early");
        refusesDial(Refusal.WRONG_NAME, "stranger");
        refusesDial(Refusal.WRONG_PURPOSE, "listener");
        refuses(Refusal.NO_CERTIFICATE, () -> withoutCertificate());

        works(good);
        assertThat(server.refused().values()).containsOnly(1L);
    }

    private void withoutCertificate() {
        try {
            Tls.Read.Good tls =
                    (Tls.Read.Good)
                            Tls.read(
                                    null,
                                    null,
                                    Files.readAllBytes(directory.resolve("edge/ca.pem")));
            try (Socket socket = tlsSocket(tls.tls())) {
                assertThat(socket.getInputStream().readAllBytes()).isEmpty();
            } catch (IOException _) {
                return; // as it should be
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Socket tlsSocket(Tls tls) throws Exception {
        var context = javax.net.ssl.SSLContext.getInstance("TLS");
        Tls.Identity identity = tls.identity();
        var store = java.security.KeyStore.getInstance("PKCS12");
        store.load(null, new char[0]);
        if (identity.key() != null) {
            store.setKeyEntry(
                    "own",
                    identity.key(),
                    new char[0],
                    identity.chain().toArray(java.security.cert.Certificate[]::new));
        }
        var keys = javax.net.ssl.KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        context.init(
                keys.getKeyManagers(),
                new javax.net.ssl.TrustManager[] {
                    new Gatekeeper(new Trust(identity, clock), Set.of("edge-1"))
                },
                null);
        var socket =
                (javax.net.ssl.SSLSocket)
                        context.getSocketFactory().createSocket("127.0.0.1", port());
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout((int) SOON.toMillis());
        socket.startHandshake();
        return socket;
    }

    @Test
    void aNameMayBeTheCommonNameOnlyWithoutAlternatives() throws Exception {
        authority.issue(
                directory.resolve("common"), Certificates.Wish.of("central").named(List.of()));
        authority.issue(
                directory.resolve("both"), Certificates.Wish.of("central").named(List.of("x")));
        listen(mutual("edge"));

        dial("common", manager);
        until(() -> manager.openings() == 1);
        assertThat(agent.opened.getFirst().peer().names()).containsExactly("central");

        refusesDial(Refusal.WRONG_NAME, "both");
    }

    @Test
    void theManagerRefusesAnAgentWithoutAValidCertificate() throws Exception {
        authority.issue(
                directory.resolve("late"),
                Certificates.Wish.of("edge-1")
                        .valid(
                                Certificates.NOW.minusSeconds(DAY),
                                Certificates.NOW.minusSeconds(60)));
        var other = new Certificates("other");
        other.issue(directory.resolve("foreign"), Certificates.Wish.of("edge-1"));
        Certificates.replace(directory.resolve("foreign/ca.pem"), authority.pem());

        listen(mutual("late"));
        managerRefuses(Refusal.EXPIRED, "edge-1");
        listen(mutual("foreign"));
        managerRefuses(Refusal.OTHER_CA, "edge-1");
        listen(mutual("edge"));
        managerRefuses(Refusal.WRONG_NAME, "edge-2");
    }

    private void managerRefuses(Refusal refusal, String identity) {
        var told = new Recording<FromAgent, FromManager>();
        dial(mutual("central"), identity, told);
        until(() -> told.ends() == 1);
        assertThat(told.endings.getFirst().refusal()).isEqualTo(refusal);
        assertThat(told.openings()).isZero();
        assertThat(agent.openings()).isZero();
        assertThat(client.refused()).containsEntry(refusal, 1L);
    }

    @Test
    void nobodyIsTalkedDownToClear() {
        listen(mutual("edge"));
        Link<FromManager> good = goodLink();
        var told = new Recording<FromAgent, FromManager>();

        refuses(Refusal.PLAIN_TEXT, () -> dial(new Security.InClear(), "edge-1", told));
        until(() -> told.ends() == 1);
        assertThat(told.openings()).isZero();
        works(good);

        AgentServer secure = server;
        listen(new Security.InClear());
        var other = new Recording<FromAgent, FromManager>();
        refuses(Refusal.PLAIN_TEXT, () -> dial("central", other));
        until(() -> other.ends() == 1);
        assertThat(other.openings()).isZero();
        assertThat(secure.links()).isEqualTo(1);
    }

    @Test
    void inClearOnLoopbackOnly() throws Exception {
        AgentServer.Opening opening =
                AgentServer.open(
                        new AgentServer.Settings(
                                List.of(new InetSocketAddress("0.0.0.0", 0)),
                                new Security.InClear(),
                                Set.of("central"),
                                SMALL,
                                clock),
                        agent);
        assertThat(opening)
                .isInstanceOfSatisfying(
                        AgentServer.Opening.Refused.class,
                        refused -> assertThat(refused.message()).contains("not a loopback"));

        client.dial(
                new ManagerClient.Target("192.0.2.1", 4747, "edge-1", new Security.InClear()),
                manager);
        until(() -> manager.ends() == 1);
        assertThat(manager.endings.getFirst().refusal()).isEqualTo(Refusal.CLEAR_NOT_ALLOWED);
        assertThat(client.refused()).containsEntry(Refusal.CLEAR_NOT_ALLOWED, 1L);

        listen(new Security.InClear());
        dial(new Security.InClear(), "edge-1", manager);
        until(() -> manager.openings() == 1);
        assertThat(manager.opened.getFirst().peer().mayBe("whoever")).isTrue();
        assertThat(manager.opened.getFirst().peer().inClear()).isTrue();
    }

    @Test
    void aRevokedCertificateEndsItsLinkAndDoesNotComeBack() throws Exception {
        authority.list(directory.resolve("edge/revoked.pem"), Certificates.NOW.plusSeconds(DAY));
        listen(mutual("edge"));
        goodLink();
        authority.issue(directory.resolve("second"), Certificates.Wish.of("m2"));
        var second = new Recording<FromAgent, FromManager>();
        Link<FromManager> beside = dial("second", second);
        until(() -> second.openings() == 1 && agent.openings() == 2);

        authority.revoke(central);
        authority.list(
                directory.resolve("edge/revoked.pem"), Certificates.NOW.plusSeconds(2 * DAY));
        server.refresh();
        assertThat(manager.ends()).as("the files are looked at every 2 s").isZero();
        clock.forward(Duration.ofSeconds(3));
        server.refresh();

        until(() -> manager.ends() == 1 && agent.ends() == 1);
        assertThat(agent.endings.getFirst().refusal()).isEqualTo(Refusal.REVOKED);
        refusesDial(Refusal.REVOKED, "central");
        beside.send(new FromManager.Status());
        until(() -> agent.messages() == 2);
        assertThat(second.ends()).isZero();
    }

    @Test
    void theManagerEndsItsLinkToARevokedAgent() throws Exception {
        BigInteger edge =
                authority.issue(directory.resolve("edge"), Certificates.Wish.of("edge-1"));
        listen(mutual("edge"));
        goodLink();
        authority.revoke(edge);
        authority.list(directory.resolve("central/revoked.pem"), Certificates.NOW.plusSeconds(DAY));

        clock.forward(Duration.ofSeconds(3));
        client.refresh();

        until(() -> manager.ends() == 1 && agent.ends() == 1);
        assertThat(manager.endings.getFirst().refusal()).isEqualTo(Refusal.REVOKED);
        managerStillRefuses();
    }

    private void managerStillRefuses() {
        var told = new Recording<FromAgent, FromManager>();
        dial("central", told);
        until(() -> told.ends() == 1);
        assertThat(told.endings.getFirst().refusal()).isEqualTo(Refusal.REVOKED);
    }

    @Test
    void newCertificatesAreUsedFromTheNextHandshakeOn() throws Exception {
        Security edge = mutual("edge");
        listen(edge);
        Link<FromManager> good = goodLink();
        authority.issue(
                directory.resolve("edge"),
                Certificates.Wish.of("edge-1").named(List.of("edge-1", "edge-renewed")));

        clock.forward(Duration.ofSeconds(3));
        server.refresh();

        var told = new Recording<FromAgent, FromManager>();
        dial(mutual("central"), "edge-renewed", told);
        until(() -> told.openings() == 1);
        assertThat(told.opened.getFirst().peer().names()).contains("edge-renewed");
        assertThat(manager.ends()).as("the link of before").isZero();
        good.send(new FromManager.Status());
        until(() -> agent.messages() == 2);
    }

    @Test
    void badNewFilesChangeNothingAndAreTold() throws Exception {
        listen(mutual("edge"));
        Certificates.replace(directory.resolve("edge/key.pem"), "half a k");
        clock.forward(Duration.ofSeconds(3));
        server.refresh();
        assertThat(server.complaint()).contains("key.pem").contains("certificates of before");
        goodLink();

        authority.issue(directory.resolve("edge"), Certificates.Wish.of("edge-1"));
        clock.forward(Duration.ofSeconds(3));
        server.refresh();
        assertThat(server.complaint()).isEmpty();
        goodLink();
    }

    @Test
    void aListThatIsOutOfDateIsUsedAndTold() throws Exception {
        authority.revoke(central);
        authority.list(directory.resolve("edge/revoked.pem"), Certificates.NOW.minusSeconds(60));
        listen(mutual("edge"));

        assertThat(server.complaint()).contains("revoked.pem").contains("still used");
        refusesDial(Refusal.REVOKED, "central");
    }

    @Test
    void aListOfAnotherAuthorityIsRefused() throws Exception {
        new Certificates("other")
                .list(directory.resolve("edge/revoked.pem"), Certificates.NOW.plusSeconds(DAY));

        assertThat(Credentials.read(Disk.system(), TlsFiles.in(directory.resolve("edge")), clock))
                .isInstanceOfSatisfying(
                        Credentials.Read.Bad.class,
                        bad ->
                                assertThat(bad.message())
                                        .contains("revoked.pem")
                                        .contains("none of the authorities"));
    }

    @Test
    void aMessageBeyondTheLimitEndsItsLinkOnly() {
        listen(mutual("edge"));
        Link<FromManager> good = goodLink();
        var told = new Recording<FromAgent, FromManager>();
        Link<FromManager> bad = dial("central", told);
        until(() -> told.openings() == 1 && agent.openings() == 2);

        List<io.narwhal.transfer.Saved> saved = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            saved.add(
                    new io.narwhal.transfer.Saved(
                            new StreamId(Journal.RECEIVED, "n".repeat(200) + i), 1, 2, List.of()));
        }
        refuses(
                Refusal.TOO_LARGE,
                () ->
                        bad.send(
                                new FromManager.Open(
                                        "central", 1, "i", Journal.RECEIVED, saved, 0)));
        until(() -> told.ends() == 1 && agent.ends() == 1);
        assertThat(agent.endings.getFirst().refusal()).isEqualTo(Refusal.TOO_LARGE);

        agent.opened.getFirst().send(data(2 << 20));
        until(() -> manager.ends() == 1);
        assertThat(manager.endings.getFirst().refusal()).isEqualTo(Refusal.TOO_LARGE);
        assertThat(client.refused()).containsEntry(Refusal.TOO_LARGE, 1L);
        assertThat(good.isReady()).isFalse();
    }

    static FromAgent.AccountingData data(int bytes) {
        ByteBuffer frames = ByteBuffer.allocate(bytes);
        frames.putInt(0, bytes - 24).putInt(4, 1);
        return new FromAgent.AccountingData(
                1,
                new StreamId(Journal.RECEIVED, "flows"),
                7,
                8,
                0,
                bytes,
                1,
                1,
                1,
                1,
                false,
                "",
                frames,
                9,
                "");
    }

    @Test
    void floodsAreBoundedAndAGoodLinkGoesOn() {
        listen(mutual("edge"));
        Link<FromManager> good = goodLink();
        List<Recording<FromAgent, FromManager>> all = new ArrayList<>();

        refuses(
                Refusal.TOO_MANY,
                () -> {
                    for (int i = 0; i < 5; i++) {
                        var told = new Recording<FromAgent, FromManager>();
                        all.add(told);
                        dial("central", told);
                    }
                });

        until(() -> all.stream().filter(one -> one.ends() == 1).count() == 3);
        assertThat(server.links()).isEqualTo(SMALL.linksOfPeer());
        assertThat(server.refused()).containsEntry(Refusal.TOO_MANY, 3L);
        works2(good);
    }

    private void works2(Link<FromManager> link) {
        int before = agent.messages();
        link.send(new FromManager.Status());
        until(() -> agent.messages() > before);
    }

    @Test
    void slowStrangersGiveWayAndGoodOnesComeIn() throws Exception {
        listen(mutual("edge"));
        List<Socket> strangers = new ArrayList<>();
        try {
            for (int i = 0; i < 15; i++) {
                Socket stranger = new Socket("127.0.0.1", port());
                strangers.add(stranger);
                stranger.getOutputStream().write(new byte[] {0x16, 3});
            }
            until(() -> server.refused().getOrDefault(Refusal.TOO_MANY, 0L) == 5);
            goodLink();
            until(() -> server.refused().getOrDefault(Refusal.TOO_SLOW, 0L) >= 9);
        } finally {
            for (Socket one : strangers) {
                one.close();
            }
        }
    }

    @Test
    void whoNeverSaysAnythingValidIsLetGo() throws Exception {
        listen(mutual("edge"));
        Link<FromManager> good = goodLink();
        var told = new Recording<FromAgent, FromManager>();
        refuses(Refusal.TOO_SLOW, () -> dial("central", told));
        until(() -> told.ends() == 1);
        works2(good);
    }

    @Test
    void garbageIsRefusedAtEveryLevel() throws Exception {
        listen(mutual("edge"));
        Link<FromManager> good = goodLink();
        Tls tls =
                ((Tls.Read.Good)
                                Tls.read(
                                        Files.readAllBytes(
                                                directory.resolve("central/certificate.pem")),
                                        Files.readAllBytes(directory.resolve("central/key.pem")),
                                        Files.readAllBytes(directory.resolve("central/ca.pem"))))
                        .tls();

        refuses(Refusal.PLAIN_TEXT, () -> say(null, "GET / HTTP/1.1\r\n\r\n".getBytes()));
        refuses(Refusal.MALFORMED, () -> say(tls, "GET / HTTP/1.1\r\n\r\n".getBytes()));
        refuses(Refusal.MALFORMED, () -> say(tls, RawHttp2.frameTooLong()));
        refuses(Refusal.MALFORMED, () -> say(tls, RawHttp2.link(new byte[] {10, 100, 1})));
        refuses(Refusal.MALFORMED, () -> say(tls, RawHttp2.link(new byte[] {42, 0})));
        refuses(Refusal.MALFORMED, () -> say(tls, RawHttp2.link(new byte[0])));
        refuses(Refusal.TOO_LARGE, () -> say(tls, RawHttp2.lyingLength(1 << 30)));
        refuses(Refusal.TOO_SLOW, () -> say(tls, RawHttp2.lyingLength(60_000)));
        works2(good);
    }

    private void say(Tls tls, byte[] bytes) {
        try (Socket socket = tls == null ? new Socket("127.0.0.1", port()) : tlsSocket(tls)) {
            socket.setSoTimeout((int) SOON.toMillis());
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            byte[] answer = new byte[4_096];
            long heard = 0;
            for (int n = socket.getInputStream().read(answer);
                    n >= 0;
                    n = socket.getInputStream().read(answer)) {
                heard += n;
                if (RawHttp2.endsStream(answer, n)) {
                    break;
                }
            }
            assertThat(heard).isLessThan(1 << 20);
        } catch (Exception e) {
            if (!(e instanceof IOException)) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void theReceiverBoundsWhatIsOnTheWay() {
        listen(mutual("edge"));
        manager.takes = false;
        Link<FromManager> link = dial("central", manager);
        until(() -> agent.openings() == 1 && manager.openings() == 1);
        link.send(new FromManager.Status());
        Link<FromAgent> out = agent.opened.getFirst();

        int sent = 0;
        FromAgent.AccountingData piece = data(100_000);
        while (sent < 1_000 && isReadySoon(out)) {
            out.send(piece);
            sent++;
        }

        assertThat(sent).as("100 KB each until nothing more fits").isLessThan(100);
        assertThat(manager.messages()).isLessThan(6);
        int all = sent;
        for (int i = 0; i < all; i++) {
            int each = i;
            until(() -> manager.messages() > each);
            link.taken();
        }
        until(out::isReady);
        assertThat(agent.readySigns()).isPositive();
        assertThat(manager.received).hasSize(all).containsOnly(piece);
    }

    private static boolean isReadySoon(Link<FromAgent> link) {
        for (int i = 0; i < 50 && !link.isReady(); i++) {
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
        return link.isReady();
    }

    @Test
    void nobodyThereIsToldOnce() {
        listen(mutual("edge"));
        int port = port();
        server.close();
        client.dial(
                new ManagerClient.Target("127.0.0.1", port, "edge-1", mutual("central")), manager);
        until(() -> manager.ends() == 1);
        assertThat(manager.endings.getFirst().refusal()).isNull();
        assertThat(manager.endings.getFirst().why()).contains("refused");
    }

    @Test
    void countsAreToldWithoutLineBreaks() {
        assertThat(Refusals.printable("a\nb\u001b[31m")).isEqualTo("a?b?[31m");
        assertThat(new String("x".repeat(2_000).getBytes(StandardCharsets.UTF_8))).hasSize(2_000);
        assertThat(Refusals.printable("x".repeat(2_000))).hasSizeLessThan(600);
    }
}
