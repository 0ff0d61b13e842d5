package io.narwhal.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.component.Phase;
import io.narwhal.node.Supervision.Action;
import io.narwhal.node.Supervision.Delays;
import io.narwhal.node.Supervision.Limits;
import io.narwhal.node.Supervision.Seen;

import org.junit.jupiter.api.Test;

import java.util.OptionalLong;

/** R20, R21: what is done about a process, from what is seen of it. */
class SupervisionTest {
    private static final long HANG_MS = 5_000;

    private static final long MEMORY_BYTES = 300 << 20;

    private final Supervision supervision =
            new Supervision(new Limits(HANG_MS, MEMORY_BYTES), new Delays(100, 800), 7);
    private long beats;

    private Action alive(Phase phase, long nowMs) {
        beats++;
        return silent(phase, nowMs);
    }

    private Action silent(Phase phase, long nowMs) {
        return supervision.decide(seen(true, phase, false, false, nowMs));
    }

    private Action dead(Phase phase, long nowMs) {
        return supervision.decide(seen(false, phase, false, false, nowMs));
    }

    /** Dead by its own error, whatever it said of itself last. */
    private Action failed(long nowMs) {
        return supervision.decide(seen(false, Phase.RUNNING, false, true, nowMs));
    }

    private Seen seen(boolean alive, Phase phase, boolean finished, boolean ofItself, long nowMs) {
        return new Seen(alive, phase, finished, ofItself, beats, OptionalLong.empty(), nowMs);
    }

    private Action withMemory(long bytes, long nowMs) {
        beats++;
        return supervision.decide(
                new Seen(true, Phase.RUNNING, false, false, beats, OptionalLong.of(bytes), nowMs));
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
            supervision.onStarted(now); // and then runs for long
            alive(Phase.RUNNING, now);
            now += Supervision.HEALTHY_MS;
            alive(Phase.RUNNING, now);
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
        var finished = seen(false, Phase.DRAINED, true, false, 1);
        assertThat(supervision.decide(finished)).isInstanceOf(Action.Leave.class);
        assertThat(supervision.standing()).isEqualTo(Standing.DRAINED);
        assertThat(supervision.restarts()).isEqualTo(7);
        var again = seen(false, Phase.DRAINED, false, false, 2);
        assertThat(supervision.decide(again)).isInstanceOf(Action.Start.class);
    }

    @Test
    void whatRanAndFailsAgainAndAgainIsGivenMoreTimeEachTimeButNeverUp() {
        long now = 0;
        for (long delay : new long[] {0, 100, 200, 400, 800, 800, 800}) {
            supervision.onStarted(now);
            alive(Phase.RUNNING, now);
            Action atOnce = failed(now);
            if (delay > 0) {
                assertThat(atOnce).as("%d ms", delay).isInstanceOf(Action.Leave.class);
                assertThat(supervision.standing()).isEqualTo(Standing.FAILED);
                assertThat(supervision.waitsMs(now)).hasValue(delay);
                assertThat(dead(Phase.RUNNING, now + delay - 1)).isInstanceOf(Action.Leave.class);
            }
            now += delay;
            Action due = delay == 0 ? atOnce : dead(Phase.RUNNING, now);
            assertThat(due).as("%d ms", delay).isInstanceOf(Action.Start.class);
        }
        assertThat(supervision.failures()).isEqualTo(7);
    }

    @Test
    void whoeverRunsAMinuteIsHealthyAgain() {
        for (int i = 0; i < 5; i++) {
            supervision.onStarted(0);
            alive(Phase.RUNNING, 0);
            failed(0);
        }
        supervision.onStarted(10_000);
        alive(Phase.RUNNING, 10_000);
        alive(Phase.RUNNING, 10_000 + Supervision.HEALTHY_MS - 1);
        assertThat(supervision.failures()).isEqualTo(5);
        alive(Phase.RUNNING, 10_000 + Supervision.HEALTHY_MS);
        assertThat(supervision.failures()).isZero();
        assertThat(failed(10_000 + Supervision.HEALTHY_MS)).isInstanceOf(Action.Start.class);
    }

    @Test
    void whatIsKilledFromOutsideWhileItRunsIsNoFailure() {
        for (int now = 0; now < 50; now++) {
            supervision.onStarted(now);
            alive(Phase.RUNNING, now);
            assertThat(dead(Phase.RUNNING, now)).isInstanceOf(Action.Start.class);
        }
        assertThat(supervision.failures()).isZero();
        assertThat(supervision.restarts()).isEqualTo(57);
    }

    @Test
    void aLoopOfCrashesGoesOnWhereTheManagerLeftIt() {
        supervision.resume(5, 700, 1_000);
        assertThat(supervision.standing()).isEqualTo(Standing.FAILED);
        assertThat(dead(Phase.FAILED, 1_699)).isInstanceOf(Action.Leave.class);
        assertThat(dead(Phase.FAILED, 1_700)).isInstanceOf(Action.Start.class);
        assertThat(supervision.failures()).isEqualTo(5);
    }

    @Test
    void aDelayIsNeverLongerThanTheLongestWhateverAManagerLeft() {
        supervision.resume(5, Long.MAX_VALUE / 2, 1_000); // its clock was set
        assertThat(dead(Phase.FAILED, 1_800)).isInstanceOf(Action.Start.class);
    }

    @Test
    void whoeverAsksGetsAStartBeforeItIsDue() {
        supervision.resume(5, 700, 1_000);
        supervision.startNow(1_001);
        assertThat(supervision.standing()).isEqualTo(Standing.DOWN);
        assertThat(dead(Phase.FAILED, 1_001)).isInstanceOf(Action.Start.class);
    }

    @Test
    void aRestartEndsTheProcessInOrderAndStartsAnotherAtOnce() {
        supervision.onStarted(0);
        alive(Phase.RUNNING, 0);
        supervision.restart(5);
        assertThat(alive(Phase.RUNNING, 10)).isInstanceOf(Action.Terminate.class);
        supervision.restart(15); // the wish is still there
        assertThat(alive(Phase.STOPPING, 20)).isInstanceOf(Action.Leave.class);
        assertThat(dead(Phase.STOPPED, 30)).isInstanceOf(Action.Start.class);
        supervision.onStarted(30);
        assertThat(alive(Phase.STARTING, 40)).isInstanceOf(Action.Leave.class);
        assertThat(supervision.restarts()).isEqualTo(7);
    }

    @Test
    void aStopThatHadToBeForcedIsNoFailureAndNoRestart() {
        supervision.onStarted(0);
        alive(Phase.RUNNING, 0);
        supervision.setWanted(false);
        alive(Phase.RUNNING, 0);
        assertThat(alive(Phase.STOPPING, Supervision.STOP_MS_MAX + 1))
                .isInstanceOf(Action.Kill.class);
        assertThat(failed(Supervision.STOP_MS_MAX + 2)).isInstanceOf(Action.Leave.class);
        assertThat(supervision.standing()).isEqualTo(Standing.STOPPED);
        assertThat(supervision.failures()).isZero();
        assertThat(supervision.restarts()).isEqualTo(7);
    }

    @Test
    void whatIsWantedAgainWhileItStopsIsStartedWhenItHasEnded() {
        supervision.onStarted(0);
        alive(Phase.RUNNING, 0);
        supervision.setWanted(false);
        alive(Phase.RUNNING, 0);
        supervision.setWanted(true);
        assertThat(alive(Phase.STOPPING, 1)).isInstanceOf(Action.Leave.class);
        assertThat(dead(Phase.STOPPED, 2)).isInstanceOf(Action.Start.class);
    }

    @Test
    void whatWasStoppedIsStartedWhenItIsWantedAgainHoweverOftenItHadFailed() {
        supervision.resume(5, 700, 0);
        supervision.setWanted(false);
        assertThat(dead(Phase.FAILED, 100)).isInstanceOf(Action.Leave.class);
        assertThat(supervision.standing()).isEqualTo(Standing.STOPPED);
        supervision.setWanted(true);
        assertThat(dead(Phase.FAILED, 101)).isInstanceOf(Action.Start.class);
        assertThat(supervision.failures()).isZero();
    }

    @Test
    void aProcessThatShowsItselfLateIsStoppedIfItIsToBe() {
        supervision.setWanted(false);
        dead(Phase.STARTING, 0);
        assertThat(supervision.standing()).isEqualTo(Standing.STOPPED);
        assertThat(alive(Phase.RECOVERING, 1)).isInstanceOf(Action.Terminate.class);
    }

    @Test
    void whatOutgrowsItsMemoryIsKilledAndThatIsAFailure() {
        supervision.onStarted(0);
        assertThat(withMemory(MEMORY_BYTES, 1)).isInstanceOf(Action.Leave.class);
        assertThat(withMemory(MEMORY_BYTES + (1 << 20), 2))
                .isEqualTo(
                        new Action.Kill(
                                "it has outgrown its memory: 301 MiB of its own, the limit is 300"
                                        + " MiB; raise memory"));
        assertThat(failed(3)).isInstanceOf(Action.Start.class);
        assertThat(supervision.failures()).isEqualTo(1);
    }

    @Test
    void anEndThatNobodySawCountsAsARestart() {
        supervision.onMissed();
        assertThat(supervision.restarts()).isEqualTo(8);
        assertThat(dead(Phase.RUNNING, 0)).isInstanceOf(Action.Start.class);
        assertThat(supervision.restarts()).isEqualTo(8);
    }
}
