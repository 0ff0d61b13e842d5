package io.narwhal.node;

import io.narwhal.component.Phase;

import java.util.Locale;

/** Where a component stands with its node manager: the states of {@link Supervision}. */
enum Standing {
    /** It has no process, and one is due. */
    DOWN,
    /** Its process lives. */
    UP,
    /** Its process lives and was asked to end. */
    STOPPING,
    /** It has no process, and none is wanted. */
    STOPPED,
    /** It has no process, as it has finished its drain. */
    DRAINED,
    /** Its process failed, or could not be started, and the next one has to wait. */
    FAILED;

    /**
     * As in status.
     *
     * @param alive whether its process lives this very moment
     * @param phase what that process said of itself last
     */
    String label(boolean alive, Phase phase) {
        if (alive) {
            return this == STOPPING ? Phase.STOPPING.label() : phase.label();
        }
        if (phase.isOver()) {
            return phase.label();
        }
        return this == STOPPED || this == FAILED ? name().toLowerCase(Locale.ROOT) : "down";
    }

    /** Whether a process of it was alive when it was last looked at. */
    boolean isAlive() {
        return this == UP || this == STOPPING;
    }

    /** Whether a component may go from this standing to that one. */
    boolean mayBecome(Standing next) {
        return switch (this) {
            case DOWN -> next == UP || next == STOPPED || next == DRAINED || next == FAILED;
            case UP -> next == STOPPING || next == DOWN || next == FAILED;
            case STOPPING -> next == DOWN;
            // A process may show itself late, which a killed manager had just started.
            case STOPPED -> next == DOWN || next == UP;
            case DRAINED -> next == DOWN || next == UP || next == STOPPED;
            case FAILED -> next == UP || next == DOWN || next == STOPPED;
        };
    }
}
