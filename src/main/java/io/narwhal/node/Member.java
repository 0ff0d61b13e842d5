package io.narwhal.node;

import io.narwhal.base.Processes;
import io.narwhal.component.ComponentPage;
import io.narwhal.component.Kind;
import io.narwhal.component.Phase;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** One component of the node: its page, its process, and what is decided about it. */
final class Member {
    private static final int SIGNALS = 128; // exit codes beyond it stand for signals

    private final String name;
    private final Kind kind;
    private final ComponentPage page;
    private final Supervision supervision;
    private Processes.Identity process;
    private Instant since = Instant.EPOCH;
    private String lastEnd;
    private String killedFor = "";
    private Optional<Integer> exit = Optional.empty();
    private OptionalLong memory = OptionalLong.empty();
    private boolean known;

    Member(String name, Kind kind, ComponentPage page, Supervision supervision, String lastEnd) {
        this.name = name;
        this.kind = kind;
        this.page = page;
        this.supervision = supervision;
        this.process = page.owner();
        this.lastEnd = lastEnd;
    }

    String name() {
        return name;
    }

    Kind kind() {
        return kind;
    }

    ComponentPage page() {
        return page;
    }

    Supervision supervision() {
        return supervision;
    }

    Processes.Identity process() {
        return process;
    }

    /** Why we killed its process; empty when we did not. */
    String killedFor() {
        return killedFor;
    }

    void setKilledFor(String reason) {
        killedFor = reason;
    }

    void setProcess(Processes.Identity started, Instant at) {
        process = started;
        known = true;
        killedFor = "";
        exit = Optional.empty();
        memory = OptionalLong.empty();
        since = at;
    }

    /** How its process ended: exit code, or 128 + signal; empty when nobody knows. */
    Optional<Integer> exit() {
        return exit;
    }

    void setExit(Optional<Integer> code) {
        exit = code;
    }

    /** Whether its process ended by its own error, or was killed by us for one. */
    boolean endedOfItself() {
        return !killedFor.isEmpty() || exit.map(code -> code <= SIGNALS).orElse(false);
    }

    /** Memory that its process has for itself, as last looked at. */
    OptionalLong memory() {
        return memory;
    }

    void setMemory(OptionalLong bytes) {
        memory = bytes;
    }

    /** Whether this manager has started its process, or found it alive. */
    boolean isKnown() {
        return known;
    }

    Instant since() {
        return since;
    }

    void setSince(Instant began) {
        since = began;
    }

    String lastEnd() {
        return lastEnd;
    }

    void setLastEnd(String how) {
        lastEnd = how;
    }

    /** What the process says of itself; nothing yet when the page is still its predecessor's. */
    Phase phase() {
        return page.owner().equals(process) ? page.phase() : Phase.STARTING;
    }
}
