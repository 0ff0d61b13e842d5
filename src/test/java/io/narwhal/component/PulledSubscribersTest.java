package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.NodeView;
import io.narwhal.inspect.WaitingFlows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;

/** R46: flows and sessions that were both pulled find each other as on the host they came from. */
class PulledSubscribersTest {
    private static final long WAIT_MS = 30_000;

    private static SubscriberScript script() {
        var script = new SubscriberScript();
        script.start(7_000, "ann", 1, 7_000).tickRequests(9_000);
        for (int i = 0; i < 40; i++) {
            script.flow(10_000 + 500 * i, i % 8, 1 + i % 3, 8_000 + 400 * i, 9_000 + 450 * i, 100);
        }
        // It comes late, but within the wait.
        script.start(22_000, "bob", 2, 8_000).stop(23_000, "ann", 1, 15_000, 8);
        script.tickFlows(31_000).tickFlows(120_000);
        script.tickRequests(60_000).tickRequests(61_500).tickRequests(200_000);
        return script;
    }

    private static PulledNode onOneHost(SubscriberScript script) {
        var node = PulledNode.alone();
        script.requests.forEach(frame -> node.receive("acct", frame));
        script.flows.forEach(frame -> node.receive("flows", frame));
        return node.work();
    }

    @Test
    void pulledFlowsFindPulledSessionsAsOnTheHostTheyCameFrom() {
        SubscriberScript script = script();
        try (var alone = onOneHost(script);
                var centre = PulledNode.centre()) {
            // All flows come before the first request, as a link may bring them.
            script.flows.forEach(frame -> centre.pull("edge-1", "flows", frame));
            centre.work();
            assertThat(centre.up("ann")).isZero();
            assertThat(centre.waitsFor(NodeConfig.PULL))
                    .contains("radius collector edge-1/acct has told of nothing yet");
            script.requests.forEach(frame -> centre.pull("edge-1", "acct", frame));
            centre.work();
            assertThat(centre.waitsFor(NodeConfig.PULL)).isEmpty();
            assertThat(centre.up("bob")).isPositive();
            assertThat(centre.sums()).isEqualTo(alone.sums());
        }
    }

    @Test
    void whoeverBeginsAgainAtAnyCommitWritesTheSameBytes() {
        SubscriberScript script = script();
        List<String> expected = null;
        for (int restartEvery : List.of(1_000, 1, 3, 7)) {
            try (var centre = PulledNode.centre()) {
                int requests = 0;
                for (int i = 0; i < script.flows.size(); i++) {
                    centre.pull("edge-1", "flows", script.flows.get(i));
                    if (i % 6 == 5 && requests < script.requests.size()) {
                        centre.pull("edge-1", "acct", script.requests.get(requests++));
                    }
                    if (restartEvery < 1_000) {
                        centre.work();
                    }
                    if (i % restartEvery == restartEvery - 1) {
                        centre.restart();
                    }
                }
                while (requests < script.requests.size()) {
                    centre.pull("edge-1", "acct", script.requests.get(requests++));
                }
                centre.work();
                var found = new ArrayList<>(centre.frames(NodeConfig.PULL));
                assertThat(found).isNotEmpty();
                expected = expected == null ? found : expected;
                assertThat(found).as("restart every %d", restartEvery).isEqualTo(expected);
            }
        }
    }

    @Test
    void aLinkWithoutSessionsOfItsOwnWaitsForThoseOfOthersAndALaterOneDoesNot() {
        var script = new SubscriberScript();
        script.start(7_000, "ann", 1, 7_000).tickRequests(9_000).tickRequests(41_000);
        script.flow(10_000, 1, 8_000, 9_000, 500).tickFlows(11_000);
        try (var centre = PulledNode.centre()) {
            script.flows.forEach(frame -> centre.pull("edge-2", "flows", frame));
            centre.work();
            assertThat(centre.up("ann")).isZero();
            script.requests.forEach(frame -> centre.pull("edge-1", "acct", frame));
            assertThat(centre.work().up("ann")).isEqualTo(500);
        }
    }

    @Test
    void theClockOfALinkIsHeldAgainstItsOwnSessionsOnly() {
        var ahead = new SubscriberScript();
        ahead.flow(9_000_000, 7, 8_999_000, 8_999_900, 1).tickFlows(9_001_000);
        var script = new SubscriberScript();
        script.start(7_000, "ann", 1, 7_000).tickRequests(41_500);
        script.flow(10_000, 1, 8_000, 9_000, 500).tickFlows(11_000);
        try (var centre = PulledNode.centre()) {
            script.requests.forEach(frame -> centre.pull("edge-1", "acct", frame));
            script.flows.forEach(frame -> centre.pull("edge-1", "flows", frame));
            centre.work();
            assertThat(centre.up("ann")).isEqualTo(500);
            ahead.flows.forEach(frame -> centre.pull("edge-2", "flows", frame));
            assertThat(centre.work().waitsFor(NodeConfig.PULL)).contains("edge-1/acct");
        }
    }

    @Test
    void auditKnowsWhatWaits() {
        var script = new SubscriberScript();
        script.start(7_000, "ann", 1, 7_000).tickRequests(10_000 + WAIT_MS);
        script.flow(10_000, 1, 8_000, 9_000, 500).tickFlows(11_000);
        try (var centre = PulledNode.centre()) {
            script.flows.forEach(frame -> centre.pull("edge-1", "flows", frame));
            script.requests.forEach(frame -> centre.pull("edge-1", "acct", frame));
            centre.work();
            assertThat(centre.waitsFor(NodeConfig.PULL))
                    .contains("radius collector edge-1/acct is at 2023-11-14T22:14:00Z");
            assertThat(waiting(centre))
                    .containsExactly(
                            new WaitingFlows(
                                    NodeConfig.PULL,
                                    1,
                                    micros(10_000),
                                    micros(40_000),
                                    "edge-1/acct",
                                    micros(40_000)));
            script.requests.clear();
            script.tickRequests(40_001).requests.forEach(f -> centre.pull("edge-1", "acct", f));
            centre.work();
            assertThat(centre.up("ann")).isEqualTo(500);
            assertThat(waiting(centre)).isEmpty();
        }
    }

    private static List<WaitingFlows> waiting(PulledNode node) {
        NodeConfig config = node.environment.config();
        return WaitingFlows.of(config, node.disk, NodeView.read(config, node.disk).lanes());
    }

    private static long micros(long ms) {
        return (SubscriberScript.EPOCH_MS + ms) * 1_000;
    }

    @Test
    @Timeout(20)
    void aDrainEndsTheWaitingAndWhatComesLaterChangesNothing() {
        var script = new SubscriberScript();
        script.start(7_000, "ann", 1, 7_000);
        script.flow(10_000, 1, 8_000, 9_000, 500);
        var later = new SubscriberScript();
        later.start(10_500, "bob", 1, 7_500).tickRequests(90_000);
        try (var centre = PulledNode.centre()) {
            script.flows.forEach(frame -> centre.pull("edge-1", "flows", frame));
            script.requests.forEach(frame -> centre.pull("edge-1", "acct", frame));
            var close = new SubscriberScript().closeFlows(11_000);
            centre.receive(NodeConfig.PULL, close.flows.getFirst());
            assertThat(centre.drain()).isEqualTo(Phase.DRAINED);
            assertThat(centre.up("ann")).isEqualTo(500);
            later.requests.forEach(frame -> centre.pull("edge-1", "acct", frame));
            centre.restart();
            List<String> before = centre.frames(NodeConfig.PULL);
            // Computed again from nothing.
            for (String file : centre.disk.list(centre.environment.layout().checkpoints())) {
                centre.disk.delete(centre.environment.layout().checkpoints().resolve(file));
            }
            centre.restart();
            assertThat(centre.work().frames(NodeConfig.PULL))
                    .startsWith(before.toArray(String[]::new));
            assertThat(centre.up("ann")).isEqualTo(500);
        }
    }

    @Test
    void anAgentThatWasDrainedIsNotWaitedFor() {
        var script = new SubscriberScript();
        script.start(7_000, "ann", 1, 7_000).closeRequests(11_000);
        script.flow(10_000, 1, 8_000, 9_000, 500).closeFlows(11_000);
        try (var centre = PulledNode.centre()) {
            script.flows.forEach(frame -> centre.pull("edge-1", "flows", frame));
            centre.work();
            assertThat(centre.up("ann")).isZero();
            script.requests.forEach(frame -> centre.pull("edge-1", "acct", frame));
            assertThat(centre.work().up("ann")).isEqualTo(500);
        }
    }

    @Test
    void localFlowsFindPulledSessionsWhoseJournalIsKeptForThem() {
        var script = new SubscriberScript();
        script.start(7_000, "ann", 1, 7_000).tickRequests(41_500);
        script.flow(10_000, 1, 8_000, 9_000, 500).tickFlows(11_000);
        try (var node =
                new PulledNode(
                        """
                        node: central
                        collectors: { flows: { protocol: netflow, listen: "127.0.0.1:2055" } }
                        pull: { edge-1: { address: "127.0.0.1:4747", tls: none, sessions: [acct] } }
                        """)) {
            assertThat(SubscriberLanes.readers(node.environment.config(), NodeConfig.PULL))
                    .containsExactly("accounting", "accounting-flows", "accounting-pull");
            script.flows.forEach(frame -> node.receive("flows", frame));
            assertThat(node.work().up("ann")).isZero();
            script.requests.forEach(frame -> node.pull("edge-1", "acct", frame));
            assertThat(node.work().up("ann")).isEqualTo(500);
        }
    }
}
