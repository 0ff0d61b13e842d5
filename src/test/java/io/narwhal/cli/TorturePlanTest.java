package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.cli.Fault.Damage;
import io.narwhal.cli.Fault.Kind;
import io.narwhal.cli.TorturePlan.Planned;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Seeds replay (R34). */
class TorturePlanTest {
    private static final Set<Kind> ALL = EnumSet.allOf(Kind.class);
    private static final long MINUTE_MS = 60_000;
    private static final long HALF_A_DAY_MS = 12L * 3_600_000;

    @Test
    void aSeedMakesOnePlanAndAnotherSeedAnother() {
        var plan = TorturePlan.of(7, 10 * MINUTE_MS, ALL);

        assertThat(TorturePlan.of(7, 10 * MINUTE_MS, ALL)).isEqualTo(plan);
        assertThat(TorturePlan.of(8, 10 * MINUTE_MS, ALL).faults()).isNotEqualTo(plan.faults());
    }

    @Test
    void aLongerPlanBeginsAsTheShorterOne() {
        List<Planned> half = TorturePlan.of(7, MINUTE_MS, ALL).faults();

        assertThat(TorturePlan.of(7, 2 * MINUTE_MS, ALL).faults().subList(0, half.size()))
                .isEqualTo(half);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, Long.MIN_VALUE, Long.MAX_VALUE})
    void oneMinuteHasOfEveryKind(long seed) {
        List<Planned> faults = TorturePlan.of(seed, MINUTE_MS, ALL).faults();

        assertThat(faults.stream().map(one -> one.fault().kind()).collect(Collectors.toSet()))
                .isEqualTo(ALL);
        assertThat(faults).hasSizeGreaterThan(20);
        assertThat(faults.getLast().atMs()).isLessThan(MINUTE_MS);
    }

    @Test
    void onlyWhatIsAskedForIsPlanned() {
        List<Planned> faults =
                TorturePlan.of(1, 10 * MINUTE_MS, EnumSet.of(Kind.CLOCK, Kind.TEAR)).faults();

        assertThat(faults).extracting(one -> one.fault().kind()).contains(Kind.CLOCK, Kind.TEAR);
        assertThat(faults).extracting(one -> one.fault().kind()).isSubsetOf(Kind.CLOCK, Kind.TEAR);
    }

    @Test
    void noPlanHasWhatTheGuaranteesDoNotCover() {
        for (long seed = 0; seed < 50; seed++) {
            long aheadMs = 0;
            for (Planned one : TorturePlan.of(seed, 20 * MINUTE_MS, ALL).faults()) {
                switch (one.fault()) {
                    case Fault.Kill(var _, var victims, var _) ->
                            assertThat(
                                            victims.contains(Fault.MANAGER)
                                                    && victims.contains(TorturePlan.STREAMS))
                                    .as("seed %s: connections are killed with it: %s", seed, one)
                                    .isFalse();
                    case Fault.Step(var byMs) -> {
                        aheadMs += byMs;
                        assertThat(Math.abs(aheadMs)).as("seed %s", seed).isLessThan(HALF_A_DAY_MS);
                    }
                    case Fault.Halt(var kind, var _, var forMs) ->
                            assertThat(forMs > TorturePlan.HANG_AFTER_MS)
                                    .as("seed %s: %s", seed, one)
                                    .isEqualTo(kind == Kind.HANG);
                    case Fault.Tear(var victim, var damage, var _) ->
                            assertThat(
                                            victim.equals(TorturePlan.ACCOUNTING)
                                                    || fits(victim, damage))
                                    .as("seed %s: %s", seed, one)
                                    .isTrue();
                    case Fault.Terminate _, Fault.Fill _ -> {}
                }
            }
        }
    }

    private static boolean fits(String victim, Damage damage) {
        boolean ofCheckpoint =
                damage == Damage.CHECKPOINT_CHANGED
                        || damage == Damage.CHECKPOINT_CUT
                        || damage == Damage.HALF_WRITTEN;
        return victim.equals(TorturePlan.LEDGER) == ofCheckpoint;
    }
}
