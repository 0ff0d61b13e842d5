package io.narwhal.cli;

import io.narwhal.base.Processes.Identity;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Whom the demo kills, and when: one component after the other, evenly over the time of traffic,
 * and the node manager after a third and after two thirds. A component is left long enough between
 * two deaths to save what it has done; one that is not is passed over.
 */
final class DemoVictims {
    private static final String MANAGER = "node manager";
    private static final long FIRST_MS = 800;
    private static final long LAST_MS = 1_000;

    /** How long the components are left without a manager. */
    private static final long ALONE_MS = 700;

    /** How long a component that is back is left in peace: a checkpoint is made every second. */
    private static final long PEACE_MS = 2_000;

    private final TrialNode node;
    private final int planned;
    private final long lengthMs;
    private final Map<String, Integer> killed = new LinkedHashMap<>();
    private final Map<String, Down> down = new LinkedHashMap<>();
    private final Map<String, Long> backMs = new HashMap<>();
    private int done;
    private int turn;
    private long nowMs;

    /** A process that was killed, whose place is not taken yet. */
    private record Down(Identity process, long sinceMs) {}

    DemoVictims(TrialNode node, int kills, int seconds) {
        this.node = node;
        this.planned = kills;
        this.lengthMs = Math.max(FIRST_MS, seconds * 1_000L - LAST_MS);
        node.components().forEach(name -> killed.put(name, 0));
        killed.put(MANAGER, 0);
    }

    /** By process: how often it was killed. */
    Map<String, Integer> killed() {
        return killed;
    }

    int kills() {
        return done;
    }

    /** Looks after who is down, and kills who is due; in a line each, what happened. */
    List<String> look(long sinceStartMs) {
        List<String> news = settle(sinceStartMs);
        if (done < planned && nowMs >= dueMs() && !down.containsKey(MANAGER)) {
            killNext(news);
        }
        return news;
    }

    /** Whether nobody is down. */
    boolean isQuiet() {
        return down.isEmpty();
    }

    /** Looks after who is down. */
    List<String> settle(long sinceStartMs) {
        nowMs = sinceStartMs;
        List<String> news = new ArrayList<>();
        Down manager = down.get(MANAGER);
        if (manager != null && !node.isManagerAlive() && nowMs - manager.sinceMs() >= ALONE_MS) {
            node.start();
            back(MANAGER, node.managerPid(), news);
        }
        for (String name : node.components()) {
            Down one = down.get(name);
            if (one != null) {
                node.running(name)
                        .filter(process -> !process.equals(one.process()))
                        .ifPresent(process -> back(name, process.pid(), news));
            }
        }
        return news;
    }

    private void back(String name, long pid, List<String> news) {
        Down one = down.remove(name);
        backMs.put(name, nowMs);
        long away = one == null ? 0 : nowMs - one.sinceMs();
        news.add(
                String.format(
                        Locale.ROOT,
                        "%s is back after %.1f s (process %d)",
                        name,
                        away / 1_000.0,
                        pid));
    }

    private long dueMs() {
        return FIRST_MS + (lengthMs - FIRST_MS) * done / Math.max(1, planned);
    }

    private void killNext(List<String> news) {
        if (planned >= 4 && (done == planned / 3 || done == planned * 2 / 3)) {
            node.killManager()
                    .ifPresent(
                            process -> {
                                note(MANAGER, process);
                                news.add(
                                        "SIGKILL node manager (process "
                                                + process.pid()
                                                + "); the components go on alone");
                            });
            return;
        }
        List<String> names = node.components();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get((turn + i) % names.size());
            Optional<Identity> victim = down.containsKey(name) ? Optional.empty() : ready(name);
            if (victim.isPresent()) {
                turn += i + 1;
                node.kill(victim.get());
                note(name, victim.get());
                news.add("SIGKILL " + described(name) + ", process " + victim.get().pid());
                return;
            }
        }
    }

    private Optional<Identity> ready(String name) {
        boolean isLeftLongEnough = nowMs - backMs.getOrDefault(name, -PEACE_MS) >= PEACE_MS;
        return isLeftLongEnough ? node.running(name) : Optional.empty();
    }

    private String described(String name) {
        String kind = node.kind(name);
        return kind.equals(name) ? name : name + " (" + kind + ")";
    }

    private void note(String name, Identity process) {
        done++;
        killed.merge(name, 1, Integer::sum);
        down.put(name, new Down(process, nowMs));
    }
}
