package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Real processes on several hosts (network namespaces, see {@link Hosts}): three agents and two
 * managers under mutual TLS, cables pulled, packets that vanish one way, slow links, everything
 * killed, one collector host lost for good with its disk. Every record is counted exactly once.
 *
 * <pre>
 *                 ┌─ edge-1 ─┐                       edge-1, edge-2: the same datagrams arrive at
 *   routers-a ────┤          ├──┬─ m1                both; m1 and m2 read them independently
 *                 └─ edge-2 ─┘  │
 *   routers-b ───── edge-3 ─────┴─ m2                edge-3: m1 and m2 are a group
 * </pre>
 */
class HostsIT {
    private static final Duration LONG = Duration.ofSeconds(40);
    private static final int PORT = 4747;
    private static final int RATE = 6_000;

    private static final String EDGE =
            """
            node: @name
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "[::]:2055" }
            serve: { listen: "@address:4747", managers: [m1, m2], @groupstls: @pki/@name }
            restart: { delay: 100ms }
            """;

    private static final String MANAGER =
            """
            node: @name
            data: ./data
            pull:
              edge-1: { address: "@edge-1", @policy, tls: @pki/@name }
              edge-2: { address: "@edge-2", @policy, tls: @pki/@name }
              edge-3: { address: "@edge-3", @policy, tls: @pki/@name }
            usage:
              by-pair: { keys: [exporter, src_addr, dst_addr], bin: 1s, close-after: 2s }
            outputs:
              ledger: { type: parquet }
            restart: { delay: 100ms }
            """;

    @TempDir private Path directory;

    private Hosts hosts;
    private Certificates certificates;
    private String both;
    private final List<PlacedNode> nodes = new ArrayList<>();
    private final List<Routers> routers = new ArrayList<>();
    private final long began = System.nanoTime();

    @BeforeEach
    void build() throws Exception {
        hosts =
                Hosts.open(
                        HostsIT.class,
                        "edge-1",
                        "edge-2",
                        "edge-3",
                        "m1",
                        "m2",
                        "routers-a",
                        "routers-b");
        both = hosts.shared("routers-a", "edge-1", "edge-2");
        certificates = Certificates.in(directory.resolve("pki"));
        for (String name : List.of("edge-1", "edge-2", "edge-3", "m1", "m2")) {
            certificates.issue(name);
        }
    }

    @AfterEach
    void tearDown() {
        routers.forEach(Routers::kill);
        nodes.forEach(PlacedNode::close);
        if (hosts != null) {
            hosts.close();
        }
    }

    @Test
    void everyRecordIsCountedOnceWhateverHappensBetweenTheHosts() throws Exception {
        PlacedNode edge1 = edge("edge-1", "");
        PlacedNode edge2 = edge("edge-2", "");
        PlacedNode edge3 = edge("edge-3", "groups: { pair: [m1, m2] }, failover-after: 2s, ");
        PlacedNode m1 = manager("m1", "every: 300ms, thresholds: { fill: 0% }");
        PlacedNode m2 = manager("m2", "every: 5s, thresholds: { records: 2000, retry: 1s }");
        nodes.forEach(PlacedNode::awaitReady);
        say("ready");

        Routers first = routers("routers-a", "first", both);
        Routers others = routers("routers-b", "others", hosts.host("edge-3").address());
        Thread.sleep(1_000);
        oneCollectorIsAwayAndThenTheOther();
        packetsVanishOneWay(edge2, m1);
        aLinkIsSlow(edge3);
        processesDie(edge1, edge3, m1, m2);
        aManagerIsAway(m1);
        first.stop();
        first.await();
        say("what one collector lost the other had: " + first.truth().flows() + " records");
        awaitUsage(m1, "routers-a", first.truth());
        awaitUsage(m2, "routers-a", first.truth());

        Routers second = routers("routers-a", "second", both);
        Thread.sleep(1_500);
        lose(edge2);
        Thread.sleep(1_500);
        second.stop();
        second.await();
        others.stop();
        others.await();
        say("traffic has ended");
        for (PlacedNode node : List.of(edge1, edge3, m1, m2)) {
            node.awaitReady();
            node.drain();
            say("drained " + node.directory().getFileName());
        }

        Tally truth = first.truth().plus(second.truth());
        assertThat(usage(m1, "routers-a").difference(truth)).as("m1 %s", m1.log()).isEmpty();
        assertThat(usage(m2, "routers-a").difference(truth)).as("m2 %s", m2.log()).isEmpty();
        Tally byM1 = usage(m1, "routers-b");
        Tally group = byM1.plus(usage(m2, "routers-b"));
        assertThat(group.difference(others.truth())).as("the group m1, m2").isEmpty();
        for (PlacedNode node : List.of(edge1, edge3, m1, m2)) {
            assertThat(node.isBalanced()).as("%s", node.log()).isTrue();
        }
        say(
                "exact: "
                        + truth.flows()
                        + " records at both collectors, "
                        + others.truth().flows()
                        + " through a group, of which m1 had "
                        + byM1.flows());
    }

    private void oneCollectorIsAwayAndThenTheOther() throws Exception {
        hosts.partition("edge-1");
        say("edge-1 is cut off");
        Thread.sleep(2_000);
        hosts.join("edge-1");
        Thread.sleep(500);
        hosts.partition("edge-2");
        say("edge-2 is cut off");
        Thread.sleep(2_000);
        hosts.join("edge-2");
        Thread.sleep(500);
    }

    private void packetsVanishOneWay(PlacedNode edge2, PlacedNode m1) throws Exception {
        hosts.mute("edge-2", "m1");
        say("m1 does not hear edge-2");
        Thread.sleep(1_500);
        edge2.kill("serve");
        Thread.sleep(1_000);
        hosts.unmute("edge-2", "m1");
        hosts.mute("m1", "edge-1");
        say("edge-1 does not hear m1");
        Thread.sleep(1_500);
        m1.kill("pull");
        Thread.sleep(500);
        hosts.unmute("m1", "edge-1");
    }

    private void aLinkIsSlow(PlacedNode edge3) throws Exception {
        hosts.slow("edge-3", 500);
        say("edge-3 sends 500 kbit a second");
        Thread.sleep(1_500);
        edge3.kill("serve");
        Thread.sleep(1_500);
        hosts.fast("edge-3");
    }

    private void processesDie(PlacedNode edge1, PlacedNode edge3, PlacedNode m1, PlacedNode m2)
            throws Exception {
        say("processes die");
        edge1.kill("flows");
        m2.kill("pull");
        m1.kill("accounting");
        Thread.sleep(1_000);
        edge3.killAll();
        edge3.startAgain();
        m2.killAll();
        m2.startAgain();
        Thread.sleep(2_000);
    }

    private void aManagerIsAway(PlacedNode m1) throws Exception {
        hosts.partition("m1");
        say("m1 is cut off");
        Thread.sleep(4_000);
        m1.kill("pull");
        hosts.join("m1");
        Thread.sleep(1_500);
    }

    /** The host burns down, with its disk. */
    private void lose(PlacedNode node) throws Exception {
        String name = node.directory().getFileName().toString();
        hosts.destroy(name);
        hosts.partition(name);
        delete(node.data());
        say(name + " is lost for good");
    }

    private static void delete(Path tree) throws IOException {
        List<Path> found;
        try (var files = Files.walk(tree)) {
            found = files.toList();
        }
        for (Path file : found.reversed()) {
            Files.delete(file);
        }
    }

    private PlacedNode edge(String name, String groups) throws Exception {
        return place(name, EDGE.replace("@groups", groups));
    }

    private PlacedNode manager(String name, String policy) throws Exception {
        String yaml = MANAGER.replace("@policy", policy);
        for (String edge : List.of("edge-1", "edge-2", "edge-3")) {
            yaml = yaml.replace("@" + edge, hosts.host(edge).address() + ":" + PORT);
        }
        return place(name, yaml);
    }

    private PlacedNode place(String name, String yaml) throws Exception {
        Hosts.Host host = hosts.host(name);
        String filled =
                yaml.replace("@name", name)
                        .replace("@address", host.address())
                        .replace("@pki", certificates.of(name).getParent().toString());
        PlacedNode node = PlacedNode.start(directory.resolve(name), host.prefix(), filled);
        nodes.add(node);
        return node;
    }

    private Routers routers(String host, String name, String to) throws Exception {
        Routers made =
                Routers.start(
                        directory,
                        hosts.host(host).prefix(),
                        name,
                        to + ":2055",
                        "--duration",
                        "60s",
                        "--rate",
                        "" + RATE,
                        "--exporters",
                        "3",
                        "--pairs",
                        "200");
        routers.add(made);
        return made;
    }

    private void awaitUsage(PlacedNode manager, String exporters, Tally truth) {
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(
                        () ->
                                assertThat(usage(manager, exporters).difference(truth))
                                        .as("%s", manager.log())
                                        .isEmpty());
    }

    /** What the exporters of that host have used, by source and destination. */
    private Tally usage(PlacedNode manager, String exporters) throws Exception {
        return manager.usage("by-pair", "exporter", "src_addr", "dst_addr")
                .where(hosts.host(exporters).address());
    }

    private void say(String what) {
        long ms = Duration.ofNanos(System.nanoTime() - began).toMillis();
        System.out.println("HostsIT: " + ms / 1_000 + "." + ms % 1_000 / 100 + " s: " + what);
    }
}
