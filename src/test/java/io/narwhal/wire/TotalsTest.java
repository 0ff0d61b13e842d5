package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.junit.jupiter.api.Test;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** {@link Totals} against a map that knows no hashes of its own making (R50). */
class TotalsTest {
    private static final int LIMIT = 50;
    private static final int STEPS = 20_000;

    private final Header header = new Header();
    private final Random random = new Random(20260103);
    private final Map<Long, Long> oracle = new LinkedHashMap<>();
    private Totals totals = new Totals(LIMIT, new StateRoom(1 << 20));
    private long forgotten;

    @Test
    void r50TheOldestGivesWayAndAllOthersKeepTheirTotals() {
        System.out.println("TotalsTest seed=20260103");
        for (int step = 0; step < STEPS; step++) {
            // Few home slots for many keys, so that they push each other along.
            long key = random.nextInt(80);
            long low = key * 16;
            int entry = totals.touch(key, low, header);
            assertThat(totals.isOlder(entry, header)).isFalse();
            Long last = oracle.remove(key);
            assertThat(totals.get(entry, 3)).isEqualTo(last == null ? 0 : last);
            if (last == null && oracle.size() == LIMIT) {
                oracle.remove(oracle.keySet().iterator().next());
                forgotten++;
            }
            if (random.nextInt(4) == 0) {
                totals.end(entry);
            } else {
                totals.set(entry, 3, step);
                oracle.put(key, (long) step);
            }
            assertThat(totals.size()).isEqualTo(oracle.size());
            assertThat(totals.forgotten()).isEqualTo(forgotten);
            if (random.nextInt(50) == 0) {
                restore();
            }
        }
        assertThat(forgotten).isPositive();
    }

    private void restore() {
        byte[] state = bytes();
        totals = new Totals(LIMIT, new StateRoom(1 << 20));
        totals.restore(new StateReader(state));
        assertThat(bytes()).isEqualTo(state);
    }

    private byte[] bytes() {
        var out = new StateWriter(100);
        totals.snapshot(out);
        return out.toBytes();
    }

    @Test
    void r50ASmallerLimitForgetsTheOldestWhenRestored() {
        for (int key = 0; key < 5; key++) {
            totals.set(totals.touch(key, key, header), 0, 100 + key);
        }
        byte[] state = bytes();
        totals = new Totals(2, new StateRoom(1 << 20));
        totals.restore(new StateReader(state));
        assertThat(totals.size()).isEqualTo(2);
        assertThat(totals.takeForgotten()).isEqualTo(3);
        assertThat(totals.takeForgotten()).isZero();
        assertThat(totals.get(totals.touch(4, 4, header), 0)).isEqualTo(104);
    }

    @Test
    void r50TheNewestThatEndedAreKnownAndTheOthersTakeNoRoom() {
        for (int key = 0; key <= Totals.ENDED_MAX; key++) {
            int entry = totals.touch(key, key, header);
            totals.set(entry, 0, 100);
            totals.end(entry);
        }
        restore();
        assertThat(totals.size()).isZero();
        assertThat(totals.forgotten()).isZero();
        header.sequence = -1;
        assertThat(totals.isOlder(totals.touch(1, 1, header), header)).isTrue();
        assertThat(totals.size()).isZero();
        assertThat(totals.isOlder(totals.touch(0, 0, header), header)).isFalse();
        header.sequence = 1;
        int again = totals.touch(1, 1, header);
        assertThat(totals.isOlder(again, header)).isFalse();
        assertThat(totals.get(again, 0)).isZero();
        assertThat(totals.size()).isEqualTo(2);
    }
}
