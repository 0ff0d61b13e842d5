package io.narwhal.cli;

import io.narwhal.base.Processes.Identity;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Whom the demo kills, and when: one component after the other, evenly over the time of traffic,
 * and the node manager after a third and after two thirds. A process is killed only while the whole
 * node runs, so that each death is one that somebody recovers from.
 */
final class DemoVictims {
    private static final String MANAGER = "node manager";
    private static final long FIRST_MS = 800;
    private static final long LAST_MS = 1_000;

    /** How long the components are left without a manager. */
    private static final long ALONE_MS = 700;

    private final DemoNode node;
    private final int planned;
    private final long lengthMs;
    private final Map<String, Integer> killed = new LinkedHashMap<>();
    private int done;
    private long nowMs;
    private @Nullable Down down;

    /** Who was killed last and is not back yet. */
    private record Down(String name, @Nullable Identity process, long sinceMs) {}

    DemoVictims(DemoNode node, int kills, int seconds) {
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
        if (down == null && done < planned && nowMs >= dueMs() && node.isReady()) {
            news.add(killNext());
        }
        return news;
    }

    /** Whether nobody is down. */
    boolean isQuiet() {
        return down == null;
    }

    /** Looks after who is down. */
    List<String> settle(long sinceStartMs) {
        nowMs = sinceStartMs;
        List<String> news = new ArrayList<>();
        Down one = down;
        if (one == null) {
            return news;
        }
        if (one.process() == null) {
            settleManager(one, news);
            return news;
        }
        node.running(one.name())
                .filter(process -> !process.equals(one.process()))
                .ifPresent(process -> back(one, process.pid(), news));
        return news;
    }

    private void settleManager(Down one, List<String> news) {
        if (!node.isManagerAlive()) {
            if (nowMs - one.sinceMs() >= ALONE_MS) {
                node.start();
            }
        } else if (node.isReady()) {
            back(one, node.managerPid(), news);
        }
    }

    private void back(Down one, long pid, List<String> news) {
        news.add(
                String.format(
                        Locale.ROOT,
                        "%s is back after %.1f s (process %d)",
                        one.name(),
                        (nowMs - one.sinceMs()) / 1_000.0,
                        pid));
        down = null;
    }

    private long dueMs() {
        return FIRST_MS + (lengthMs - FIRST_MS) * done / Math.max(1, planned);
    }

    private String killNext() {
        boolean isManagers = planned >= 4 && (done == planned / 3 || done == planned * 2 / 3);
        List<String> names = node.components();
        int others = done - killed.getOrDefault(MANAGER, 0);
        String name = isManagers ? MANAGER : names.get(others % names.size());
        done++;
        killed.merge(name, 1, Integer::sum);
        if (isManagers) {
            long pid = node.managerPid();
            node.killManager();
            down = new Down(name, null, nowMs);
            return "SIGKILL " + name + " (process " + pid + "); the components go on alone";
        }
        Identity process = node.running(name).orElseThrow();
        node.kill(process);
        down = new Down(name, process, nowMs);
        String kind = node.kind(name);
        String what = kind.equals(name) ? name : name + " (" + kind + ")";
        return "SIGKILL " + what + " (process " + process.pid() + ")";
    }
}
