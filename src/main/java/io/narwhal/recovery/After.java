package io.narwhal.recovery;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/** What ended the predecessor of a component that starts. */
public enum After {
    /** There was none, as far as anything on the disk tells. */
    FIRST,
    /** It was stopped, or drained, and had saved everything. */
    ORDERLY,
    /** It ended unasked while the machine stayed up: killed, crashed, out of memory, hung. */
    CRASH,
    /** The machine went down before it could end in order: power cut, reset, panic. */
    POWER_CUT;

    /** As in a note and on the screen. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The one with this label; a crash when there is none. */
    public static After labelled(@Nullable String label) {
        for (After one : values()) {
            if (one.label().equals(label)) {
                return one;
            }
        }
        return CRASH;
    }

    /**
     * What is known of the predecessor.
     *
     * @param boot of the machine, when it began; null when nothing is written down of it
     * @param ended whether it is written down that it ended in order
     * @param claimed whether its page says that there ever was a process
     * @param over whether its page says that it ended in order; after a power cut a page may say
     *     anything that it ever said
     */
    public record Before(@Nullable String boot, boolean ended, boolean claimed, boolean over) {}

    /** What ended it, when this is the boot now. */
    public static After of(Before before, String bootNow) {
        if (before.ended()) {
            return ORDERLY;
        }
        String boot = before.boot();
        if (boot != null && !boot.equals(bootNow)) {
            return POWER_CUT;
        }
        if (!before.claimed()) {
            return boot == null ? FIRST : CRASH;
        }
        return before.over() ? ORDERLY : CRASH;
    }
}
