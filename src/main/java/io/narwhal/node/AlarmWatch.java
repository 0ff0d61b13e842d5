package io.narwhal.node;

import io.narwhal.base.DiskFailure;
import io.narwhal.component.Progress;
import io.narwhal.config.NodeConfig;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/** Looks at a running node for {@link Alarms}, and says in the log when one begins and ends. */
final class AlarmWatch {
    private static final Logger LOG = LoggerFactory.getLogger(AlarmWatch.class);
    private static final long LOOK_MS = 10_000;

    private final NodeConfig config;
    private final NodeManager.Host host;
    private List<Stall> stalls;
    private List<Alarm> alarms;
    private long lookedMs;
    private boolean hasLooked;
    private List<String> loopingBefore = List.of();

    /**
     * A watch that goes on where its predecessor was.
     *
     * @param stalls since when readers stood
     * @param alarms what was told already
     */
    AlarmWatch(NodeConfig config, NodeManager.Host host, List<Stall> stalls, List<Alarm> alarms) {
        this.config = config;
        this.host = host;
        this.stalls = stalls;
        this.alarms = alarms;
    }

    List<Stall> stalls() {
        return stalls;
    }

    List<Alarm> alarms() {
        return alarms;
    }

    /** Takes note of how far the readers are; looks for alarms when it is time to. */
    void look(List<Progress> progress, List<Sight.Component> components) {
        long wallMs = host.clock().wallMicros() / 1_000;
        stalls = Stall.of(progress, stalls, wallMs);
        long nowMs = host.clock().monotonicNanos() / 1_000_000;
        List<String> looping = looping(components);
        if (hasLooked && nowMs - lookedMs < LOOK_MS && looping.equals(loopingBefore)) {
            return;
        }
        hasLooked = true;
        loopingBefore = looping;
        lookedMs = nowMs;
        try {
            var sight = Sight.of(config, host.disk(), components, progress, stalls, wallMs);
            tell(Alarms.of(sight, alarms));
        } catch (DiskFailure e) {
            // A segment may be deleted while we look.
            LOG.debug("no alarms this time: {}", e.getMessage());
        }
    }

    // A loop of crashes is told at once: its log grows.
    private static List<String> looping(List<Sight.Component> components) {
        return components.stream()
                .filter(one -> one.failures() >= Supervision.LOOP_FAILURES)
                .map(Sight.Component::name)
                .toList();
    }

    private void tell(List<Alarm> now) {
        for (Alarm one : now) {
            if (alarms.stream().noneMatch(one::isSameAs)) {
                LOG.warn("alarm {}: {}: {}; {}", one.what(), one.about(), one.detail(), one.next());
            }
        }
        for (Alarm one : alarms) {
            if (now.stream().noneMatch(one::isSameAs)) {
                LOG.warn("alarm {}: {}: over", one.what(), one.about());
            }
        }
        alarms = now;
    }
}
