package io.narwhal.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

class SteppedClockTest {
    private static final long HOUR_MICROS = 3_600_000_000L;

    @TempDir private Path directory;

    /** Stands still. */
    private static final class Stopped implements Clock {
        @Override
        public long wallMicros() {
            return 1_000;
        }

        @Override
        public long monotonicNanos() {
            return 7;
        }

        @Override
        public void sleepMillis(long millis) {}
    }

    @Test
    void whoWritesThePageStepsTheWallTimeOfAllWhoReadItAndNothingElse() {
        Path file = directory.resolve("clock");
        try (SharedPage mine = SteppedClock.page(Disk.system(), file);
                SharedPage theirs = SteppedClock.page(Disk.system(), file)) {
            var clock = new SteppedClock(new Stopped(), theirs);
            assertThat(clock.wallMicros()).isEqualTo(1_000);

            SteppedClock.set(mine, HOUR_MICROS);
            assertThat(clock.wallMicros()).isEqualTo(1_000 + HOUR_MICROS);
            assertThat(clock.monotonicNanos()).isEqualTo(7);

            SteppedClock.set(mine, -HOUR_MICROS);
            assertThat(clock.wallMicros()).isEqualTo(1_000 - HOUR_MICROS);
            assertThat(clock.monotonicNanos()).isEqualTo(7);
        }
    }

    @Test
    void withoutTheNameOfAPageTheClockIsTheMachines() {
        assertThat(System.getProperty(SteppedClock.PROPERTY)).isNull();
        assertThat(Clock.system()).isInstanceOf(SystemClock.class);
    }
}
