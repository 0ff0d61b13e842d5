package io.narwhal.node;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.SmallFile;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Progress;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The state of the host, as its node manager persists it: which processes run, and what has been
 * successfully processed. Replaced atomically.
 *
 * @param node name of the node
 * @param ready whether every component runs
 * @param draining whether the node takes nothing more in
 * @param manager the node manager
 * @param components its components
 * @param processed how far each reader has come in each journal
 * @param stalls since when readers stand that have something to read
 * @param alarms what an operator should see to
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostState(
        String node,
        boolean ready,
        boolean draining,
        Manager manager,
        List<Component> components,
        List<Progress> processed,
        @Nullable List<Stall> stalls,
        @Nullable List<Alarm> alarms) {
    /** The node manager's process. */
    public record Manager(long pid, long began, String since) {}

    /**
     * One component.
     *
     * @param desired running, stopped by the administrator, or drained
     * @param state what it last said of itself, failed while its next start waits, or down
     * @param restarts how often it was started again after it ended unasked
     * @param failures deaths by error since it last ran for a minute
     * @param nextTry when its next start is tried, if that waits
     * @param lastEnd how its last process ended unasked, or why it was restarted
     */
    public record Component(
            String name,
            String kind,
            long pid,
            long began,
            String since,
            String desired,
            String state,
            int restarts,
            int failures,
            @Nullable String nextTry,
            @Nullable String lastEnd,
            @Nullable String message) {}

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    // A release that knew less has written no such number.
                    .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build();

    /** What is known of the component of that name. */
    public Optional<Component> component(String name) {
        return components.stream().filter(one -> one.name().equals(name)).findFirst();
    }

    /** Since when readers stand that have something to read. */
    public List<Stall> knownStalls() {
        return stalls == null ? List.of() : stalls;
    }

    /** What an operator should see to, when the file was written. */
    public List<Alarm> knownAlarms() {
        return alarms == null ? List.of() : alarms;
    }

    /** Replaces the file. */
    void save(Disk disk, NodeLayout layout) {
        SmallFile.replace(disk, layout.node(), NodeLayout.STATE, JSON.writeValueAsBytes(this));
    }

    /**
     * Reads the file; empty when there is none yet.
     *
     * @throws DiskFailure when it cannot be read or is no state
     */
    public static Optional<HostState> load(Disk disk, NodeLayout layout) {
        Path file = layout.node().resolve(NodeLayout.STATE);
        if (!disk.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(SmallFile.read(disk, file), HostState.class));
        } catch (JacksonException e) {
            throw new DiskFailure("no state of a node in", file, e);
        }
    }
}
