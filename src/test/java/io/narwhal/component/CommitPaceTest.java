package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CommitPaceTest {
    private static final long MS = 1_000_000;

    private final CommitPace pace = new CommitPace(1_000 * MS, 2_000 * MS);

    @Test
    void aSmallStateIsCommittedAsOftenAsConfigured() {
        pace.committed(5 * MS);
        pace.worked(100 * MS);

        assertThat(pace.isDue(999 * MS)).isFalse();
        assertThat(pace.isDue(1_000 * MS)).isTrue();
    }

    @Test
    void aLargeStateTakesATenthOfTheTimeWhileThereIsLittleToDoAgain() {
        pace.committed(150 * MS);
        pace.worked(100 * MS);

        assertThat(pace.isDue(1_499 * MS)).isFalse();
        assertThat(pace.isDue(1_500 * MS)).isTrue();
    }

    @Test
    void whatASuccessorCouldNotDoAgainInTimeIsCommittedEarlier() {
        pace.opened(500 * MS);
        pace.committed(150 * MS);

        pace.worked(599 * MS); // 0.3 s to start, 0.5 s to read, twice as long to work
        assertThat(pace.isDue(700 * MS)).isFalse();
        pace.worked(1 * MS);
        assertThat(pace.isDue(700 * MS)).isTrue();
    }

    @Test
    void aStateThatTakesTooLongToReadCostsAQuarterOfTheTimeAtTheMost() {
        pace.opened(9_000 * MS);
        pace.committed(1_000 * MS);

        pace.worked(2_999 * MS);
        assertThat(pace.isDue(3_000 * MS)).isFalse();
        pace.worked(1 * MS);
        assertThat(pace.isDue(3_000 * MS)).isTrue();
    }

    @Test
    void aCommitLeavesNothingToDoAgain() {
        pace.worked(5_000 * MS);
        assertThat(pace.isDue(0)).isTrue();

        pace.committed(10 * MS);
        assertThat(pace.isDue(0)).isFalse();
    }
}
