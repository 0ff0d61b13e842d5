package io.narwhal.cli;

import io.narwhal.cli.Fault.Kind;
import io.narwhal.config.NodeConfig;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which faults there will be, and when. It follows from the seed, the length and the kinds alone,
 * so the same command makes the same plan.
 *
 * @param faults in the order of their times
 */
record TorturePlan(long seed, List<Planned> faults) {
    /** Takes flows by UDP. */
    static final String FLOWS = "flows";

    /** Takes flows by TCP. */
    static final String STREAMS = "streams";

    /** Takes RADIUS requests. */
    static final String REQUESTS = "acct";

    /** The ledger's component. */
    static final String LEDGER = "ledger";

    /** The component between them. */
    static final String ACCOUNTING = NodeConfig.ACCOUNTING;

    /** All components, in the order of a record's way. */
    static final List<String> COMPONENTS = List.of(FLOWS, STREAMS, REQUESTS, ACCOUNTING, LEDGER);

    /** How long a component of the node is silent before it counts as hung. */
    static final long HANG_AFTER_MS = 3_000;

    private static final long FIRST_MS = 1_500;
    private static final long LAST_MS = 1_500;
    private static final long GAP_MS_MIN = 500;
    private static final long GAP_MS_MAX = 3_000;
    private static final long SECOND_MS = 1_000;
    private static final long MINUTE_MS = 60_000;
    private static final long HOUR_MS = 3_600_000;

    /** Journals keep their data for days, so half of one takes nothing from them. */
    private static final long AHEAD_MS_MAX = 12 * HOUR_MS;

    /** How often each kind is in a round of faults. */
    private static final Map<Kind, Integer> SHARES =
            new EnumMap<>(
                    Map.of(
                            Kind.KILL, 4,
                            Kind.TERM, 1,
                            Kind.STORM, 2,
                            Kind.MANAGER, 2,
                            Kind.PAUSE, 2,
                            Kind.HANG, 1,
                            Kind.DISK, 1,
                            Kind.CLOCK, 2,
                            Kind.TEAR, 3));

    TorturePlan {
        faults = List.copyOf(faults);
    }

    /** A fault and its time, counted from the first traffic on. */
    record Planned(int number, long atMs, Fault fault) {}

    /** The plan of this seed. */
    static TorturePlan of(long seed, long lengthMs, Set<Kind> kinds) {
        return new Making(seed, kinds).plan(lengthMs);
    }

    private static final class Making {
        private final long seed;
        private final Set<Kind> kinds;
        private final Dice dice;
        private final List<Kind> round = new ArrayList<>();
        private long aheadMs;

        Making(long seed, Set<Kind> kinds) {
            this.seed = seed;
            this.kinds = kinds;
            this.dice = new Dice(seed);
        }

        TorturePlan plan(long lengthMs) {
            List<Planned> faults = new ArrayList<>();
            long atMs = FIRST_MS;
            while (atMs <= lengthMs - LAST_MS) {
                faults.add(new Planned(faults.size() + 1, atMs, next()));
                atMs += dice.between(GAP_MS_MIN, GAP_MS_MAX);
            }
            return new TorturePlan(seed, faults);
        }

        // By rounds, so that a short run has of everything, too.
        private Fault next() {
            if (round.isEmpty()) {
                for (Kind kind : Kind.values()) {
                    if (kinds.contains(kind)) {
                        round.addAll(Collections.nCopies(SHARES.getOrDefault(kind, 0), kind));
                    }
                }
            }
            return fault(round.remove(dice.below(round.size())));
        }

        private Fault fault(Kind kind) {
            return switch (kind) {
                case KILL -> new Fault.Kill(kind, List.of(component()), 0);
                case TERM -> new Fault.Terminate(component());
                case STORM -> storm();
                case MANAGER -> new Fault.Kill(kind, List.of(Fault.MANAGER), awayMs());
                case PAUSE -> new Fault.Halt(kind, anybody(), dice.between(100, 1_500));
                case HANG ->
                        new Fault.Halt(
                                kind,
                                anybody(),
                                HANG_AFTER_MS + dice.between(SECOND_MS, 2 * SECOND_MS));
                case DISK -> new Fault.Fill(dice.between(500, 4_000));
                case CLOCK -> step();
                case TEAR -> tear();
            };
        }

        private String component() {
            return COMPONENTS.get(dice.below(COMPONENTS.size()));
        }

        private String anybody() {
            int number = dice.below(COMPONENTS.size() + 1);
            return number == COMPONENTS.size() ? Fault.MANAGER : COMPONENTS.get(number);
        }

        private long awayMs() {
            return dice.between(100, 1_000);
        }

        // A connection lives as long as its collector or the node manager does: not both are killed
        // at once, which is documented to break it.
        private Fault storm() {
            List<String> victims = new ArrayList<>(COMPONENTS);
            boolean withManager = dice.below(2) == 0;
            if (withManager) {
                victims.remove(STREAMS);
            }
            int spared = dice.below(victims.size() - 1);
            for (int i = 0; i < spared; i++) {
                victims.remove(dice.below(victims.size()));
            }
            if (withManager) {
                victims.add(Fault.MANAGER);
            }
            return new Fault.Kill(Kind.STORM, victims, awayMs());
        }

        private Fault step() {
            long most =
                    switch (dice.below(3)) {
                        case 0 -> MINUTE_MS;
                        case 1 -> HOUR_MS;
                        default -> 6 * HOUR_MS;
                    };
            long byMs = dice.between(SECOND_MS, most) * (dice.below(2) == 0 ? 1 : -1);
            if (Math.abs(aheadMs + byMs) > AHEAD_MS_MAX) {
                byMs = -byMs;
            }
            aheadMs += byMs;
            return new Fault.Step(byMs);
        }

        private Fault tear() {
            String victim = component();
            List<Fault.Damage> possible = possible(victim);
            return new Fault.Tear(victim, possible.get(dice.below(possible.size())), dice.bits());
        }

        // A collector has a journal alone, the ledger checkpoints and files.
        private static List<Fault.Damage> possible(String victim) {
            List<Fault.Damage> all = List.of(Fault.Damage.values());
            return switch (victim) {
                case ACCOUNTING -> all;
                case LEDGER -> all.subList(Fault.Damage.CHECKPOINT_CHANGED.ordinal(), all.size());
                default -> all.subList(0, Fault.Damage.CHECKPOINT_CHANGED.ordinal());
            };
        }
    }
}
