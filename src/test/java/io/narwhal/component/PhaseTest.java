package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** R21: what a process may say of itself, for every pair of phases. */
class PhaseTest {
    private static final Map<Phase, Set<Phase>> NEXT =
            Map.of(
                    Phase.STARTING,
                    EnumSet.complementOf(EnumSet.of(Phase.STARTING)),
                    Phase.RECOVERING,
                    EnumSet.of(Phase.RUNNING, Phase.WAITING, Phase.STOPPING, Phase.FAILED),
                    Phase.RUNNING,
                    EnumSet.of(Phase.WAITING, Phase.STOPPING, Phase.FAILED),
                    Phase.WAITING,
                    EnumSet.of(Phase.RECOVERING, Phase.RUNNING, Phase.STOPPING, Phase.FAILED),
                    Phase.STOPPING,
                    EnumSet.of(Phase.WAITING, Phase.STOPPED, Phase.DRAINED, Phase.FAILED),
                    Phase.STOPPED,
                    EnumSet.noneOf(Phase.class),
                    Phase.DRAINED,
                    EnumSet.noneOf(Phase.class),
                    Phase.FAILED,
                    EnumSet.noneOf(Phase.class));

    @Test
    void eachPhaseMayBecomeExactlyThese() {
        for (Phase phase : Phase.values()) {
            for (Phase next : Phase.values()) {
                assertThat(phase.mayBecome(next))
                        .as("%s to %s", phase, next)
                        .isEqualTo(NEXT.get(phase).contains(next));
            }
        }
    }

    @Test
    void onlyAProcessThatEndedInOrderIsOver() {
        for (Phase phase : Phase.values()) {
            assertThat(phase.isOver())
                    .as("%s", phase)
                    .isEqualTo(phase == Phase.STOPPED || phase == Phase.DRAINED);
        }
    }

    @Test
    void everyPhaseSurvivesThePage() {
        for (Phase phase : Phase.values()) {
            assertThat(Phase.of(phase.code())).isEqualTo(phase);
        }
    }
}
