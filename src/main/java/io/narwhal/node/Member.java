package io.narwhal.node;

import io.narwhal.base.Processes;
import io.narwhal.component.ComponentPage;
import io.narwhal.component.Kind;
import io.narwhal.component.Phase;

import java.time.Instant;

/** One component of the node: its page, its process, and what is decided about it. */
final class Member {
    private final String name;
    private final Kind kind;
    private final ComponentPage page;
    private final Supervision supervision;
    private Processes.Identity process;
    private Instant since = Instant.EPOCH;
    private String lastEnd;
    private String killedFor = "";
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
        since = at;
    }

    /** Whether this manager has started its process, or found it alive. */
    boolean isKnown() {
        return known;
    }

    Instant since() {
        return since;
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
