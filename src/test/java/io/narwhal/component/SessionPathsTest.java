package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Whom flows wait for, and whom no longer. */
class SessionPathsTest {
    private static final long EPOCH_MS = SubscriberScript.EPOCH_MS;
    private final SessionPaths paths =
            new SessionPaths(List.of("edge-1/acct", "edge-2/acct"), true, 1_000);

    private static SessionFeed.Flows flows(long position, Map<String, Long> links) {
        return new SessionFeed.Flows(EPOCH_MS, new TreeMap<>(links), position);
    }

    private static ReceivedBlock tick(String link, String stream, long ms) {
        byte[] frame = new SubscriberScript().tickFlows(ms).flows.getFirst().payload();
        var origin = new Origin(5, 3, 0, 100, 1, 1, 0, link, stream);
        var out = ByteBuffer.allocate(origin.writtenBytes() + frame.length);
        origin.write(out);
        out.put(frame);
        var block = new ReceivedBlock();
        block.read(out.array(), 0, out.position());
        return block;
    }

    @Test
    void aSilentOneIsNotWaitedForUntilItIsHeardAgain() {
        var waiting = flows(500, Map.of("edge-1", EPOCH_MS));
        assertThat(paths.behind(waiting, 10, 1_499)).containsOnlyKeys("edge-1/acct");
        assertThat(paths.suffice(waiting, 10, 1_500)).isTrue();
        paths.heard(tick("edge-1", "acct", 5), 1_600);
        assertThat(paths.behind(waiting, 10, 1_600)).containsEntry("edge-1/acct", EPOCH_MS + 5);
        assertThat(paths.suffice(waiting, 10, 2_599)).isFalse();
        assertThat(paths.suffice(waiting, 10, 2_600)).isTrue();
        paths.heard(tick("edge-1", "acct", 10), 1_700);
        assertThat(paths.suffice(waiting, 10, 1_700)).isFalse();
        paths.heard(tick("edge-1", "acct", 11), 1_800);
        assertThat(paths.suffice(waiting, 10, 1_800)).isTrue();
    }

    @Test
    void whoeverHasNoneOfItsOwnWaitsForAll() {
        paths.heard(tick("edge-1", "acct", 50), 200);
        assertThat(paths.behind(flows(500, Map.of("edge-3", EPOCH_MS)), 10, 500))
                .containsOnlyKeys("edge-2/acct");
        assertThat(paths.suffice(flows(500, Map.of("edge-1", EPOCH_MS)), 10, 500)).isTrue();
        assertThat(paths.suffice(flows(500, Map.of()), 10, 500)).isTrue();
    }

    @Test
    void onlyWhatTellsOfSessionsHasANumberAndItStays() {
        assertThat(paths.heard(tick("edge-2", "acct", 1), 100)).isEqualTo(1);
        assertThat(paths.heard(tick("edge-1", "flows", 1), 200)).isZero();
        assertThat(paths.heard(tick("edge-1", "acct", 1), 300)).isEqualTo(2);
        var out = new StateWriter(100);
        paths.snapshot(out);
        var again = new SessionPaths(List.of("edge-1/acct"), true, 1_000);
        again.restore(new StateReader(out.toBytes()));
        assertThat(again.heard(tick("edge-1", "acct", 1), 300)).isEqualTo(2);
        assertThat(again.heard(tick("edge-2", "acct", 1), 300)).isZero();
        var same = new StateWriter(100);
        again.snapshot(same);
        assertThat(same.toBytes()).isEqualTo(out.toBytes());
    }
}
