package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.NodeView;
import io.narwhal.inspect.WaitingFlows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;

/** Which flows find which sessions, how long they wait, and what is known of that meanwhile. */
class SubscriberLaneTest {
    private static final long WAIT_MS = SubscriberNode.WAIT_MS;
    private static final long END_MS = 100_000;

    private static SubscriberNode received(SubscriberScript script) {
        var node = new SubscriberNode(script).recover();
        node.receiveFlows(Long.MAX_VALUE);
        node.receiveRequests(Long.MAX_VALUE);
        node.work();
        return node;
    }

    // A flow of 500 octets arrives at 10 s, and the Start of its time so long after it.
    private static SubscriberNode startComesLater(long laterMs) {
        var script = new SubscriberScript();
        script.tickRequests(9_000).flow(10_000, 1, 8_000, 9_000, 500).tickFlows(11_000);
        script.start(10_000 + laterMs, "ann", 1, 7_000).tickRequests(END_MS);
        return received(script);
    }

    @Test
    void aStartThatComesWithinTheWaitCounts() {
        assertThat(startComesLater(WAIT_MS - 1_000).octets("ann up")).isEqualTo(500);
    }

    @Test
    void aStartThatComesLaterDoesNotAndNobodyIsGuessed() {
        var node = startComesLater(WAIT_MS + 1_000);
        assertThat(node.octets("ann up")).isZero();
        assertThat(node.octets(" ")).isEqualTo(500);
    }

    @Test
    void aFlowBelongsToWhoHeldTheAddressWhenItBegan() {
        var script = new SubscriberScript();
        script.start(1_000, "ann", 1, 1_000).stop(20_000, "ann", 1, 15_000, 14);
        script.start(21_000, "bob", 1, 17_000);
        script.flow(30_000, 1, 14_000, 18_000, 1).flow(30_001, 1, 15_500, 16_000, 2);
        script.flow(30_002, 1, 15_500, 18_000, 4).flow(30_003, 1, 17_000, 29_000, 8);
        var node = received(script.tickFlows(31_000).tickRequests(END_MS));
        assertThat(node.octets("ann up")).isEqualTo(1);
        assertThat(node.octets(" ")).isEqualTo(2);
        assertThat(node.octets("bob up")).isEqualTo(4 + 8);
        assertThat(node.octets())
                .containsEntry("by-session 10.0.0.1 s-ann nas-1", 1L)
                .containsEntry("by-session 10.0.0.1  ", 2L)
                .containsEntry("by-session 10.0.0.1 s-bob nas-1", 12L);
    }

    @Test
    void flowsWaitInTheJournalUntilTheSessionsOfTheirTimeAreRead() {
        var script = new SubscriberScript();
        script.flow(10_000, 1, 8_000, 9_000, 500).tickFlows(11_000);
        script.start(7_000, "ann", 1, 7_000).tickRequests(10_000 + WAIT_MS);
        script.tickRequests(11_000 + WAIT_MS + 1);
        var node = new SubscriberNode(script).recover();
        node.receiveFlows(END_MS);
        node.work();
        AccountingLane lane = node.accounting().lanes().getFirst();
        assertThat(lane.lane().books().received().records()).isZero();
        assertThat(lane.waitsFor("flows")).contains("acct has told of nothing yet");
        node.receiveRequests(10_000 + WAIT_MS);
        node.work();
        assertThat(lane.waitsFor("flows"))
                .contains("what arrived from 2023-11-14T22:13:30Z on waits for sessions")
                .contains("sessions up to 2023-11-14T22:14:00Z")
                .contains("radius collector acct is at 2023-11-14T22:14:00Z");
        assertThat(waiting(node))
                .containsExactly(
                        new WaitingFlows(
                                "flows",
                                1,
                                micros(10_000),
                                micros(40_000),
                                "acct",
                                micros(40_000)));
        node.restart();
        node.work();
        assertThat(node.octets()).isEmpty();
        node.receiveRequests(END_MS);
        node.work();
        assertThat(waiting(node)).isEmpty();
        assertThat(node.octets("ann up")).isEqualTo(500);
        assertThat(node.accounting().lanes().getFirst().waitsFor("flows")).isEmpty();
    }

    private static List<WaitingFlows> waiting(SubscriberNode node) {
        NodeConfig config = node.environment.config();
        return WaitingFlows.of(config, node.disk, NodeView.read(config, node.disk).lanes());
    }

    private static long micros(long ms) {
        return (SubscriberScript.EPOCH_MS + ms) * 1_000;
    }

    @Test
    @Timeout(20)
    void aDrainDoesNotWaitAndAReplayOfItFindsTheSame() {
        var script = new SubscriberScript();
        script.start(7_000, "ann", 1, 7_000).closeRequests(10_000);
        script.flow(9_000, 1, 8_000, 9_000, 500).flow(10_500, 1, 8_000, 9_000, 70);
        script.closeFlows(10_600);
        var node = new SubscriberNode(script).recover();
        node.work();
        assertThat(node.drain()).isEqualTo(Phase.DRAINED);
        assertThat(node.octets("ann up")).isEqualTo(570);
        // It is begun again at once, and hears what would have changed that.
        script.start(11_000, "bob", 1, 8_000).tickRequests(END_MS);
        script.flow(12_000, 1, 8_000, 9_000, 1).tickFlows(13_000);
        node.restart();
        node.receiveRequests(END_MS);
        node.receiveFlows(END_MS);
        node.work();
        assertThat(node.octets("ann up")).isEqualTo(570);
        assertThat(node.octets("bob up")).isEqualTo(1);

        var again = received(script);
        assertThat(again.frames()).isEqualTo(node.frames());
        assertThat(again.octets()).isEqualTo(node.octets());
    }

    /** As when only an import ends, and the collector of sessions was killed or stopped. */
    @Test
    @Timeout(20)
    void withoutTheEndOfTheirCollectorFlowsStayInTheJournal() {
        var script = new SubscriberScript();
        script.start(7_000, "ann", 1, 7_000).flow(9_000, 1, 8_000, 9_000, 500);
        script.closeFlows(9_500);
        var node = new SubscriberNode(script).recover();
        assertThat(node.drain()).isEqualTo(Phase.DRAINED);
        node.restart();
        node.work();
        assertThat(node.octets()).isEmpty();
        script.tickRequests(END_MS);
        node.receiveRequests(END_MS);
        node.work();
        assertThat(node.octets("ann up")).isEqualTo(500);
    }

    /** Then nobody receives, and what was told by then is all that there is. */
    @Test
    @Timeout(20)
    void filesAreImportedWithWhatIsKnownAtTheEndOfAnImport() {
        var script = new SubscriberScript();
        script.start(7_000, "ann", 1, 7_000).flow(9_000, 1, 8_000, 9_000, 500);
        var node = new SubscriberNode(script).recover();
        node.importFlows();
        node.receiveRequests(END_MS);
        node.work();
        assertThat(node.frames("import")).isEmpty();
        assertThat(node.drain()).isEqualTo(Phase.DRAINED);
        assertThat(node.octets("ann up")).isEqualTo(500);
        assertThat(SubscriberLanes.readers(node.environment.config(), "acct"))
                .doesNotContain(SubscriberLanes.reader(NodeConfig.IMPORT));
    }

    @Test
    void sessionsStayInTheirJournalUntilEveryLaneHasThem() {
        var script = new SubscriberScript();
        for (int i = 0; i < 200; i++) {
            script.start(1_000 + i, "u" + i, i, 1_000 + i);
        }
        script.flow(10_000, 1, 8_000, 9_000, 500).tickFlows(11_000).tickRequests(END_MS);
        var node = new SubscriberNode(script).recover();
        node.receiveRequests(END_MS);
        assertThat(SubscriberLanes.readers(node.environment.config(), "acct"))
                .containsExactly("accounting", "accounting-flows");
        assertThat(SubscriberLanes.readers(node.environment.config(), "flows"))
                .containsExactly("accounting");
        assertThat(node.requests().acknowledged()).isZero();
        node.receiveFlows(END_MS);
        while (node.step(50) > 0) {}
        assertThat(node.acknowledgedByFlows()).isZero();
        node.accounting().commit();
        long last = node.requests().end() - node.acknowledgedByFlows();
        assertThat(last).isPositive().isLessThan(200); // the tick that proves it is not taken
    }

    @Test
    void whoBeginsToAskBeginsAtTheOldestThatIsThere() {
        var script = new SubscriberScript();
        script.start(1_000, "ann", 1, 1_000).flow(10_000, 1, 8_000, 9_000, 500);
        script.tickFlows(11_000).tickRequests(END_MS);
        var before = SubscriberNode.withoutSubscribers(script).recover();
        before.receiveFlows(END_MS);
        before.receiveRequests(END_MS);
        before.work();
        assertThat(SubscriberLanes.of(before.environment.config())).isEmpty();
        assertThat(before.requests().acknowledged()).isPositive();
        before.close();

        script.flow(END_MS, 1, 50_000, 50_000, 9).tickFlows(END_MS + 1_000);
        script.tickRequests(3 * END_MS);
        var node = new SubscriberNode(script, before.disk, 1).recover();
        assertThat(node.requests().acknowledged()).isZero();
        node.receiveFlows(Long.MAX_VALUE);
        node.receiveRequests(Long.MAX_VALUE);
        node.work();
        assertThat(node.octets("ann up")).isEqualTo(9);
        assertThat(node.requests().acknowledged()).isPositive();
    }
}
