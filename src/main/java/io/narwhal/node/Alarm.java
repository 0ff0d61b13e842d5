package io.narwhal.node;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/**
 * Something that an operator should see to before it becomes a loss.
 *
 * @param what its kind: the label of a {@link What}
 * @param about which component, journal or directory
 * @param since when it began, ISO-8601; null when nobody has watched
 * @param detail what is seen
 * @param next what to do
 */
public record Alarm(String what, String about, @Nullable String since, String detail, String next) {
    /** The kinds of alarm. */
    enum What {
        /** A journal has little left of its capacity. */
        JOURNAL_NEARLY_FULL,
        /** The file system of the data directory has little room left. */
        DISK_NEARLY_FULL,
        /** A component fails again and again. */
        CRASH_LOOP,
        /** A reader has not advanced for long, while there is something to read. */
        READER_STALLED,
        /** A component was stopped on purpose, and what it should read grows. */
        STOPPED_WITH_BACKLOG,
        /** What is wished of a component cannot be read. */
        WISH_UNREADABLE,
        /** Something is wrong with a link by which this node pulls: it keeps data from counting. */
        LINK_TROUBLE;

        /** As in status. */
        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Whether the other one tells of the same thing, perhaps at another time. */
    boolean isSameAs(Alarm other) {
        return what.equals(other.what) && about.equals(other.about);
    }
}
