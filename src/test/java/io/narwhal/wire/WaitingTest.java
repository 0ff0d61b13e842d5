package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.junit.jupiter.api.Test;

/** R4: data before its template, found by template however much waits for others. */
class WaitingTest {
    private final Waiting waiting = new Waiting();

    private static Held held(int template, long arrivalMs) {
        return new Held(template, 0, 0, 0, 0, arrivalMs, 1, 0, new byte[] {1}, 0, false);
    }

    private void fill() {
        for (int i = 0; i < 10; i++) {
            waiting.add(held(256 + i % 2, i));
        }
    }

    @Test
    void r4ATemplateTakesItsSetsInTheOrderOfArrivalAndLeavesTheOthers() {
        fill();
        assertThat(waiting.has(300)).isFalse();
        assertThat(waiting.takeFirst(300)).isNull();
        for (long arrivalMs = 1; arrivalMs < 10; arrivalMs += 2) {
            assertThat(waiting.has(257)).isTrue();
            assertThat(waiting.takeFirst(257)).extracting(Held::arrivalMs).isEqualTo(arrivalMs);
        }
        assertThat(waiting.has(257)).isFalse();
        assertThat(waiting.takeFirst(257)).isNull();
        assertThat(waiting.size()).isEqualTo(5);
        assertThat(waiting.all()).extracting(Held::arrivalMs).containsExactly(0L, 2L, 4L, 6L, 8L);
    }

    @Test
    void r4TheOldAreTakenOfEveryTemplate() {
        fill();
        assertThat(waiting.takeIf(one -> one.arrivalMs() < 3))
                .extracting(Held::arrivalMs)
                .containsExactly(0L, 2L, 1L);
        assertThat(waiting.size()).isEqualTo(7);
        assertThat(waiting.takeIf(one -> one.arrivalMs() < 3)).isEmpty();
        assertThat(waiting.takeIf(_ -> true)).hasSize(7);
        assertThat(waiting.size()).isZero();
        assertThat(waiting.all()).isEmpty();
    }

    @Test
    void itsStateIsReadAsItWasWritten() {
        fill();
        byte[] state = bytes(waiting);
        var read = new Waiting();
        var in = new StateReader(state);
        read.restore(in, true);
        in.expectEnd();
        assertThat(read.size()).isEqualTo(10);
        assertThat(bytes(read)).isEqualTo(state);
    }

    private static byte[] bytes(Waiting waiting) {
        var out = new StateWriter(100);
        waiting.snapshot(out);
        return out.toBytes();
    }
}
