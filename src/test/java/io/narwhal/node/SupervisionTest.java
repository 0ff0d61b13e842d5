package io.narwhal.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.component.Phase;
import io.narwhal.node.Supervision.Action;
import io.narwhal.node.Supervision.Delays;
import io.narwhal.node.Supervision.Seen;

import org.junit.jupiter.api.Test;

/** R20, R21: what is done about a process, from what is seen of it. */
class SupervisionTest {
    private static final long HANG_MS = 5_000;

    private final Supervision supervision = new Supervision(HANG_MS, new Delays(100, 800), 7);
    private long beats;

    private Action alive(Phase phase, long nowMs) {
        return supervision.decide(new Seen(true, phase, false, ++beats, nowMs));
    }

    private Action silent(Phase phase, long nowMs) {
        return supervision.decide(new Seen(true, phase, false, beats, nowMs));
    }

    private Action dead(Phase phase, long nowMs) {
        return supervision.decide(new Seen(false, phase, false, beats, nowMs));
    }

    @Test
    void whatWasNeverStartedIsStarted() {
        assertThat(dead(Phase.STARTING, 0)).isInstanceOf(Action.Start.class);
        assertThat(supervision.restarts()).isEqualTo(7);
    }

    @Test
    void aRunningProcessIsLeftAlone() {
        supervision.onStarted(0);
        for (long now = 0; now < 100_000; now += HANG_MS) {
            assertThat(alive(Phase.RUNNING, now)).isInstanceOf(Action.Leave.class);
        }
    }

    @Test
    void aProcessThatHasRunIsStartedAgainAtOnceInWhateverPhaseItWasKilled() {
        long now = 0;
        int restarts = 7;
        for (Phase phase : Phase.values()) {
            supervision.onStarted(now);
            alive(Phase.RUNNING, now);
            Action action = dead(phase, now);
            assertThat(action).as("%s", phase).isInstanceOf(Action.Start.class);
            restarts += phase.isOver() ? 0 : 1;
            assertThat(supervision.restarts()).as("%s", phase).isEqualTo(restarts);
        }
    }

    @Test
    void oneThatCannotBeStartedIsTriedAgainAfterAGrowingDelayAndIsNoRestart() {
        supervision.onNotStarted(0);
        assertThat(dead(Phase.STARTING, 99)).isInstanceOf(Action.Leave.class);
        assertThat(dead(Phase.STARTING, 100)).isInstanceOf(Action.Start.class);
        supervision.onNotStarted(100);
        assertThat(dead(Phase.STARTING, 299)).isInstanceOf(Action.Leave.class);
        assertThat(dead(Phase.STARTING, 300)).isInstanceOf(Action.Start.class);
        assertThat(supervision.restarts()).isEqualTo(7);
    }

    @Test
    void oneThatNeverRunsIsGivenMoreTimeEachTimeUpToALimit() {
        long now = 0;
        for (long delay : new long[] {100, 200, 400, 800, 800, 800}) {
            supervision.onStarted(now);
            alive(Phase.RECOVERING, now);
            assertThat(dead(Phase.FAILED, now)).isInstanceOf(Action.Leave.class);
            assertThat(dead(Phase.FAILED, now + delay - 1)).isInstanceOf(Action.Leave.class);
            assertThat(dead(Phase.FAILED, now + delay)).isInstanceOf(Action.Start.class);
            now += delay;
        }
        supervision.onStarted(now);
        alive(Phase.RUNNING, now);
        assertThat(dead(Phase.RUNNING, now)).isInstanceOf(Action.Start.class);
        supervision.onStarted(now);
        assertThat(dead(Phase.STARTING, now + 99)).isInstanceOf(Action.Leave.class);
        assertThat(dead(Phase.STARTING, now + 199)).isInstanceOf(Action.Start.class);
    }

    @Test
    void silenceEndsAProcessThatRuns() {
        supervision.onStarted(0);
        alive(Phase.RUNNING, 0);
        assertThat(silent(Phase.RUNNING, HANG_MS)).isInstanceOf(Action.Leave.class);
        assertThat(silent(Phase.RUNNING, HANG_MS + 1))
                .isEqualTo(new Action.Kill("no heartbeat for 5001 ms"));
        assertThat(alive(Phase.RUNNING, HANG_MS + 2)).isInstanceOf(Action.Leave.class);
    }

    @Test
    void oneThatStartsOrRecoversIsGivenAMinute() {
        supervision.onStarted(0);
        alive(Phase.RECOVERING, 0);
        assertThat(silent(Phase.RECOVERING, Supervision.START_MS_MAX))
                .isInstanceOf(Action.Leave.class);
        assertThat(silent(Phase.RECOVERING, Supervision.START_MS_MAX + 1))
                .isInstanceOf(Action.Kill.class);
    }

    @Test
    void oneThatTookLongToStartIsNotTakenForHungAsSoonAsItRuns() {
        supervision.onStarted(0);
        silent(Phase.STARTING, 0);
        silent(Phase.RECOVERING, 5 * HANG_MS);
        assertThat(silent(Phase.RUNNING, 10 * HANG_MS)).isInstanceOf(Action.Leave.class);
        assertThat(silent(Phase.RUNNING, 11 * HANG_MS)).isInstanceOf(Action.Leave.class);
        assertThat(silent(Phase.RUNNING, 11 * HANG_MS + 1)).isInstanceOf(Action.Kill.class);
    }

    @Test
    void stoppingIsAskedOnceAndThenForced() {
        supervision.onStarted(0);
        alive(Phase.RUNNING, 0);
        supervision.setWanted(false);
        assertThat(alive(Phase.RUNNING, 10)).isInstanceOf(Action.Terminate.class);
        assertThat(alive(Phase.STOPPING, 20)).isInstanceOf(Action.Leave.class);
        assertThat(alive(Phase.STOPPING, 10 + Supervision.STOP_MS_MAX))
                .isInstanceOf(Action.Leave.class);
        assertThat(alive(Phase.STOPPING, 11 + Supervision.STOP_MS_MAX))
                .isInstanceOf(Action.Kill.class);
    }

    @Test
    void whatIsNotWantedIsNotStartedWhateverItsEnd() {
        for (Phase phase : Phase.values()) {
            supervision.onStarted(0);
            supervision.setWanted(false);
            assertThat(dead(phase, 1_000_000)).as("%s", phase).isInstanceOf(Action.Leave.class);
        }
    }

    @Test
    void whatHasFinishedItsDrainIsNotStarted() {
        supervision.onStarted(0);
        alive(Phase.RUNNING, 0);
        var finished = new Seen(false, Phase.DRAINED, true, beats, 1);
        assertThat(supervision.decide(finished)).isInstanceOf(Action.Leave.class);
        assertThat(supervision.restarts()).isEqualTo(7);
        var again = new Seen(false, Phase.DRAINED, false, beats, 2);
        assertThat(supervision.decide(again)).isInstanceOf(Action.Start.class);
    }

    @Test
    void anEndThatNobodySawCountsAsARestart() {
        supervision.onMissed();
        assertThat(supervision.restarts()).isEqualTo(8);
        assertThat(dead(Phase.RUNNING, 0)).isInstanceOf(Action.Start.class);
        assertThat(supervision.restarts()).isEqualTo(8);
    }
}
