package io.narwhal.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.component.Phase;

import org.junit.jupiter.api.Test;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** R21: where a component may go from where it stands, for every pair; and what status shows. */
class StandingTest {
    private static final Map<Standing, Set<Standing>> NEXT =
            Map.of(
                    Standing.DOWN,
                    EnumSet.of(Standing.UP, Standing.STOPPED, Standing.DRAINED, Standing.FAILED),
                    Standing.UP,
                    EnumSet.of(Standing.STOPPING, Standing.DOWN, Standing.FAILED),
                    Standing.STOPPING,
                    EnumSet.of(Standing.DOWN),
                    Standing.STOPPED,
                    EnumSet.of(Standing.DOWN, Standing.UP),
                    Standing.DRAINED,
                    EnumSet.of(Standing.DOWN, Standing.UP, Standing.STOPPED),
                    Standing.FAILED,
                    EnumSet.of(Standing.UP, Standing.DOWN, Standing.STOPPED));

    @Test
    void eachStandingMayBecomeExactlyThese() {
        for (Standing standing : Standing.values()) {
            for (Standing next : Standing.values()) {
                assertThat(standing.mayBecome(next))
                        .as("%s to %s", standing, next)
                        .isEqualTo(NEXT.get(standing).contains(next));
            }
        }
    }

    @Test
    void whatLivesShowsWhatItSaysOfItselfUnlessItWasAskedToEnd() {
        for (Phase phase : Phase.values()) {
            assertThat(Standing.UP.label(true, phase)).isEqualTo(phase.label());
            assertThat(Standing.STOPPING.label(true, phase)).isEqualTo("stopping");
        }
    }

    @Test
    void whatDoesNotLiveShowsWhy() {
        assertThat(Standing.STOPPED.label(false, Phase.RUNNING)).isEqualTo("stopped");
        assertThat(Standing.FAILED.label(false, Phase.RUNNING)).isEqualTo("failed");
        assertThat(Standing.DOWN.label(false, Phase.RUNNING)).isEqualTo("down");
        assertThat(Standing.DOWN.label(false, Phase.STOPPED)).isEqualTo("stopped");
        assertThat(Standing.STOPPED.label(false, Phase.DRAINED)).isEqualTo("drained");
    }
}
