package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.base.Processes;
import io.narwhal.base.Processes.Identity;
import io.narwhal.base.SharedPage;
import io.narwhal.base.SteppedClock;
import io.narwhal.cli.Fault.Kind;
import io.narwhal.cli.TorturePlan.Planned;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Does to a node what a plan says, and starts its manager again, as systemd would. A fault waits
 * until it can be done and is one that the guarantees cover: nothing can be done to a process that
 * is not there, and a TCP connection needs its collector or the node manager to live.
 */
final class TortureFaults {
    private static final long SETTLED_MS = 1_500;
    private static final long CONNECTED_MS = 1_000;
    private static final long WAIT_MS_MAX = 30_000;
    private static final long DEATH_MS_MAX = 5_000;
    private static final long LOOK_MS = 5;

    /** After which a node manager that ended unasked is started again. */
    private static final long UNASKED_MS = 500;

    private final Machine machine;
    private final List<Planned> left;
    private final Map<Kind, Integer> done = new EnumMap<>(Kind.class);
    private final Map<String, Integer> killed = new TreeMap<>();
    private final List<String> skipped = new ArrayList<>();
    private final List<Halted> halted = new ArrayList<>();
    private long nowMs;
    private long slipMs;
    private long waitingSinceMs = -1;
    private long managerBackMs = -1;
    private long managerSettledMs = -1;
    private long connectedMs = -1;
    private long freeMs = -1;
    private long aheadMs;
    private int unasked;

    /**
     * What it is done to, and by.
     *
     * @param clock by which the node's wall clock steps
     */
    record Machine(
            TrialNode node,
            Processes processes,
            Clock time,
            Shell shell,
            TortureDisk disk,
            SharedPage clock,
            TortureDamage damage,
            boolean withStreams) {}

    /** A process that goes on at that time, or, a manager that hangs, is killed. */
    private record Halted(Kind kind, String name, Identity process, long untilMs) {}

    TortureFaults(TorturePlan plan, Machine machine) {
        this.left = new ArrayList<>(plan.faults());
        this.machine = machine;
    }

    /** By kind: how many were done. */
    Map<Kind, Integer> done() {
        return done;
    }

    int count() {
        return done.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** By name: how many processes were killed, or asked to end. */
    Map<String, Integer> killed() {
        return killed;
    }

    /** What was not done, and why. */
    List<String> skipped() {
        return skipped;
    }

    /** How often the node manager ended though nobody killed it. */
    int unaskedEnds() {
        return unasked;
    }

    /** Whether all are done and nothing of them goes on. */
    boolean isOver() {
        return left.isEmpty() && halted.isEmpty() && managerBackMs < 0 && freeMs < 0;
    }

    /** Ends what is over and begins what is due; in a line each, what happened. */
    synchronized List<String> look(long sinceStartMs) {
        nowMs = sinceStartMs;
        List<String> news = new ArrayList<>();
        settle(news);
        while (!left.isEmpty() && left.getFirst().atMs() + slipMs <= nowMs) {
            Planned next = left.getFirst();
            Optional<String> obstacle = obstacle(next.fault());
            if (obstacle.isPresent() && waits(next, obstacle.get(), news)) {
                break;
            }
            left.removeFirst();
            // Those behind keep their distance.
            slipMs = waitingSinceMs < 0 ? slipMs : slipMs + nowMs - waitingSinceMs;
            waitingSinceMs = -1;
            if (obstacle.isEmpty()) {
                news.add(
                        "#"
                                + next.number()
                                + " "
                                + next.fault().kind().label()
                                + ": "
                                + perform(next.fault()));
                done.merge(next.fault().kind(), 1, Integer::sum);
            }
        }
        return news;
    }

    /** Ends all at once, so that the node can be stopped; from any thread. */
    synchronized void stop() {
        left.clear();
        halted.forEach(one -> machine.shell().resume(one.process()));
        halted.clear();
        if (machine.disk().isFull()) {
            machine.disk().free();
        }
    }

    private boolean waits(Planned next, String obstacle, List<String> news) {
        if (waitingSinceMs < 0) {
            waitingSinceMs = nowMs;
        }
        if (nowMs - waitingSinceMs < WAIT_MS_MAX && !isNever(next.fault())) {
            return true;
        }
        String line = "#" + next.number() + " " + next.fault().text() + ": skipped, " + obstacle;
        skipped.add(line);
        news.add(line);
        return false;
    }

    private boolean isNever(Fault fault) {
        return fault instanceof Fault.Fill && !machine.disk().isMounted()
                || !machine.withStreams() && victims(fault).equals(List.of(TorturePlan.STREAMS));
    }

    private static List<String> victims(Fault fault) {
        return switch (fault) {
            case Fault.Kill kill -> kill.victims();
            case Fault.Terminate(var victim) -> List.of(victim);
            case Fault.Halt(var _, var victim, var _) -> List.of(victim);
            case Fault.Tear(var victim, var _, var _) -> List.of(victim);
            case Fault.Fill _, Fault.Step _ -> List.of();
        };
    }

    /** Why a fault cannot be now. */
    private Optional<String> obstacle(Fault fault) {
        List<String> victims = victims(fault);
        if (fault instanceof Fault.Kill(var kind, var _, var _) && kind == Kind.STORM) {
            return stormObstacle(victims);
        }
        if (victims.stream().anyMatch(name -> process(name).isEmpty())) {
            return Optional.of(victims + " does not run");
        }
        return switch (fault) {
            case Fault.Kill _, Fault.Terminate _ -> connectionObstacle(victims);
            case Fault.Halt(var _, var victim, var _) ->
                    halted.stream().anyMatch(one -> one.name().equals(victim))
                            ? Optional.of(victim + " is halted already")
                            : Optional.empty();
            case Fault.Fill _ ->
                    !machine.disk().isMounted()
                            ? Optional.of("there is no right to mount a disk of its own")
                            : machine.disk().isFull()
                                    ? Optional.of("the disk is full already")
                                    : Optional.empty();
            case Fault.Step _ -> Optional.empty();
            case Fault.Tear _ -> tearObstacle();
        };
    }

    // Whoever is down already is spared.
    private Optional<String> stormObstacle(List<String> victims) {
        return victims.stream().allMatch(name -> process(name).isEmpty())
                ? Optional.of("none of " + victims + " runs")
                : connectionObstacle(victims);
    }

    private Optional<String> connectionObstacle(List<String> victims) {
        if (!machine.withStreams()) {
            return Optional.empty();
        }
        if (victims.contains(Fault.MANAGER) && !isConnected()) {
            return Optional.of("the collector of connections is not safely at work");
        }
        if (victims.contains(TorturePlan.STREAMS) && !isManagerSettled()) {
            return Optional.of("the node manager does not hold the connections yet");
        }
        return Optional.empty();
    }

    private Optional<String> tearObstacle() {
        if (!isManagerSettled() || halted.stream().anyMatch(one -> isManager(one.name()))) {
            return Optional.of("the node manager is at something else");
        }
        return machine.disk().isFull()
                ? Optional.of("there is no room to write anything")
                : Optional.empty();
    }

    private boolean isManagerSettled() {
        return managerSettledMs >= 0 && nowMs - managerSettledMs >= SETTLED_MS;
    }

    // One that is halted may be killed by the manager at any time.
    private boolean isConnected() {
        return connectedMs >= 0
                && nowMs - connectedMs >= CONNECTED_MS
                && halted.stream().noneMatch(one -> one.name().equals(TorturePlan.STREAMS));
    }

    private static boolean isManager(String name) {
        return name.equals(Fault.MANAGER);
    }

    private Optional<Identity> process(String name) {
        return isManager(name) ? machine.node().managerProcess() : machine.node().process(name);
    }

    private String perform(Fault fault) {
        return switch (fault) {
            case Fault.Kill kill -> kill(kill);
            case Fault.Terminate(var victim) -> terminate(victim, fault.text());
            case Fault.Halt halt -> halt(halt);
            case Fault.Fill(var forMs) -> fill(forMs, fault.text());
            case Fault.Step(var byMs) -> step(byMs);
            case Fault.Tear tear -> tear(tear);
        };
    }

    private String kill(Fault.Kill kill) {
        List<String> dead = new ArrayList<>();
        for (String name : kill.victims()) {
            process(name)
                    .ifPresent(
                            process -> {
                                machine.processes().kill(process);
                                note(name);
                                dead.add(name + " (" + process.pid() + ")");
                                if (isManager(name)) {
                                    managerBackMs = nowMs + kill.awayMs();
                                    managerSettledMs = -1;
                                }
                            });
        }
        return "SIGKILL " + String.join(", ", dead);
    }

    private void note(String name) {
        killed.merge(name, 1, Integer::sum);
    }

    private String terminate(String victim, String text) {
        process(victim).ifPresent(machine.processes()::terminate);
        note(victim);
        return text;
    }

    private String halt(Fault.Halt halt) {
        process(halt.victim())
                .ifPresent(
                        process -> {
                            machine.shell().halt(process);
                            halted.add(
                                    new Halted(
                                            halt.kind(),
                                            halt.victim(),
                                            process,
                                            nowMs + halt.forMs()));
                        });
        return halt.text();
    }

    private String fill(long forMs, String text) {
        machine.disk().fill();
        freeMs = nowMs + forMs;
        return text;
    }

    private String step(long byMs) {
        aheadMs += byMs;
        SteppedClock.set(machine.clock(), aheadMs * 1_000);
        return String.format(
                Locale.ROOT,
                "clock steps by %+,.3f s, is now %+,.3f s off",
                byMs / 1_000.0,
                aheadMs / 1_000.0);
    }

    // The manager is halted meanwhile: it must not start the component again before it is torn.
    private String tear(Fault.Tear tear) {
        Optional<Identity> manager = machine.node().managerProcess();
        manager.ifPresent(machine.shell()::halt);
        try {
            Identity victim = process(tear.victim()).orElse(null);
            if (victim == null || !die(victim)) {
                return tear.text() + ": it was down, or would not die";
            }
            note(tear.victim());
            return tear.text() + ": " + machine.damage().apply(tear);
        } finally {
            manager.ifPresent(machine.shell()::resume);
        }
    }

    private boolean die(Identity victim) {
        machine.processes().kill(victim);
        for (long waitedMs = 0; waitedMs < DEATH_MS_MAX; waitedMs += LOOK_MS) {
            if (!machine.processes().isAlive(victim)) {
                return true;
            }
            machine.time().sleepMillis(LOOK_MS);
        }
        return false;
    }

    private void settle(List<String> news) {
        goOn(news);
        if (freeMs >= 0 && nowMs >= freeMs) {
            machine.disk().free();
            freeMs = -1;
            news.add("there is room on the disk again");
        }
        if (managerBackMs >= 0 && nowMs >= managerBackMs && !machine.node().isManagerAlive()) {
            machine.node().start();
            managerBackMs = -1;
            news.add("the node manager is started again (" + machine.node().managerPid() + ")");
        } else if (managerBackMs < 0 && !machine.node().isManagerAlive()) {
            managerSettledMs = -1;
            managerBackMs = nowMs + UNASKED_MS;
            unasked++;
            news.add("the node manager ended unasked");
        }
        noteStanding();
    }

    private void noteStanding() {
        if (machine.node().running(TorturePlan.STREAMS).isEmpty()) {
            connectedMs = -1;
        } else if (connectedMs < 0) {
            connectedMs = nowMs;
        }
        if (!machine.node().isManagerRunning()) {
            managerSettledMs = -1;
        } else if (managerSettledMs < 0) {
            managerSettledMs = nowMs;
        }
    }

    private void goOn(List<String> news) {
        for (Halted one : List.copyOf(halted)) {
            boolean dead = !machine.processes().isAlive(one.process());
            if (dead || nowMs >= one.untilMs()) {
                halted.remove(one);
                news.add(dead ? one.name() + " was killed while halted" : wake(one));
            }
        }
    }

    // What systemd's watchdog does to a node manager that hangs.
    private String wake(Halted one) {
        boolean kills =
                isManager(one.name())
                        && one.kind() == Kind.HANG
                        && connectionObstacle(List.of(Fault.MANAGER)).isEmpty();
        if (kills) {
            kill(new Fault.Kill(one.kind(), List.of(Fault.MANAGER), 0));
            return one.name() + " hangs: killed";
        }
        machine.shell().resume(one.process());
        return one.name() + " goes on";
    }
}
