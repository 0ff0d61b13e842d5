package io.narwhal.node;

import io.narwhal.base.Disk;
import io.narwhal.component.Progress;
import io.narwhal.node.Alarm.What;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * From what is seen of a node to what an operator should see to. A pure function; an alarm that
 * stands ends a little farther away than where it began, so that it does not flicker.
 */
public final class Alarms {
    /** A journal is nearly full from this share of its capacity on. */
    static final int JOURNAL_PERCENT = 80;

    /** The disk is nearly full below this share of room. */
    static final int DISK_PERCENT = 10;

    /** Or below as many of the files that journals begin. */
    static final int DISK_SEGMENTS = 2;

    /** How much better it must be for such an alarm to end, in percent of the whole. */
    static final int RELIEF_PERCENT = 2;

    /** A reader stands still when it has not advanced for this long. */
    static final long STALL_MS = 3_600_000;

    private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private final Sight sight;
    private final List<Alarm> before;
    private final List<Alarm> found = new ArrayList<>();

    private Alarms(Sight sight, List<Alarm> before) {
        this.sight = sight;
        this.before = before;
    }

    /**
     * The alarms that are due.
     *
     * @param before those of the look before: what they tell of began when they say
     */
    public static List<Alarm> of(Sight sight, List<Alarm> before) {
        var alarms = new Alarms(sight, before);
        alarms.disk();
        sight.journals().forEach(alarms::journal);
        sight.components().forEach(alarms::component);
        sight.progress().forEach(alarms::reader);
        sight.troubles().forEach(alarms::link);
        return alarms.found;
    }

    private void disk() {
        if (sight.room().isEmpty()) {
            return;
        }
        Disk.Room room = sight.room().get();
        String about = sight.data().toString();
        int percent = DISK_PERCENT + relief(What.DISK_NEARLY_FULL, about);
        long least =
                Math.max(share(room.totalBytes(), percent), DISK_SEGMENTS * sight.segmentBytes());
        if (room.freeBytes() < least) {
            add(
                    What.DISK_NEARLY_FULL,
                    about,
                    text(room.freeBytes()) + " free of " + text(room.totalBytes()),
                    "free some space, move the ledger's oldest files away, or shorten"
                            + " journals.received.retention; when it is full everything waits");
        }
    }

    private void journal(Sight.Journal journal) {
        int percent = JOURNAL_PERCENT - relief(What.JOURNAL_NEARLY_FULL, journal.name());
        if (journal.bytes() >= share(journal.capacityBytes(), percent)) {
            add(
                    What.JOURNAL_NEARLY_FULL,
                    journal.name(),
                    text(journal.bytes())
                            + " of "
                            + text(journal.capacityBytes())
                            + slowest(journal.name()),
                    "see to its slowest reader, shorten the journal's retention, or raise its"
                            + " capacity; when it is full its writer waits");
        }
    }

    private String slowest(String journal) {
        Progress slowest = null;
        for (Progress one : sight.progress()) {
            boolean slower = slowest == null || one.lag() > slowest.lag();
            if (one.journal().equals(journal) && one.lag() > 0 && slower) {
                slowest = one;
            }
        }
        return slowest == null
                ? "; its readers have read all of it"
                : "; " + slowest.reader() + " has " + text(slowest.lag()) + " yet to read";
    }

    private void component(Sight.Component one) {
        if (one.wish() instanceof Wish.Unreadable(String why)) {
            add(
                    What.WISH_UNREADABLE,
                    one.name(),
                    why,
                    "narwhal stop " + one.name() + ", or narwhal start " + one.name());
        }
        if (one.failures() >= Supervision.LOOP_FAILURES) {
            add(
                    What.CRASH_LOOP,
                    one.name(),
                    "failed "
                            + one.failures()
                            + " times, the last: "
                            + (one.lastEnd() == null ? "unknown" : one.lastEnd())
                            + (one.nextTry() == null ? "" : "; next try at " + one.nextTry()),
                    "see log/" + one.name() + ".log; its sockets and journals are kept meanwhile");
        }
        if (one.wish() instanceof Wish.Stopped stopped) {
            backlog(one, stopped);
        }
    }

    private void backlog(Sight.Component one, Wish.Stopped stopped) {
        List<Progress> behind =
                sight.progress().stream()
                        .filter(p -> p.lag() > 0)
                        .filter(p -> sight.componentOf(p.reader()).equals(one.name()))
                        .toList();
        if (!behind.isEmpty()) {
            String waiting =
                    behind.stream()
                            .map(p -> text(p.lag()) + " in " + p.journal())
                            .collect(Collectors.joining(", "));
            add(
                    What.STOPPED_WITH_BACKLOG,
                    one.name(),
                    stopped.told() + "; waiting for it: " + waiting,
                    "narwhal start " + one.name());
        }
    }

    private void reader(Progress one) {
        String component = sight.componentOf(one.reader());
        boolean stopped =
                sight.components().stream()
                        .anyMatch(
                                c ->
                                        c.name().equals(component)
                                                && c.wish() instanceof Wish.Stopped);
        if (stopped) {
            return; // which is told already
        }
        for (Stall stall : sight.stalls()) {
            if (one.lag() > 0 && stall.isOf(one) && sight.nowMs() - stall.sinceMs() >= STALL_MS) {
                add(
                        What.READER_STALLED,
                        one.reader() + " in " + one.journal(),
                        "has not advanced since "
                                + Instant.ofEpochMilli(stall.sinceMs())
                                + " with "
                                + text(one.lag())
                                + " to read; it holds "
                                + one.journal()
                                + " from position "
                                + one.position()
                                + " on",
                        "see the state of " + component + " and log/" + component + ".log");
            }
        }
    }

    private void link(PulledTrouble trouble) {
        add(
                What.LINK_TROUBLE,
                trouble.link(),
                trouble.complaint(),
                "see narwhal transfer; what is held is not lost, and neither is what the agent"
                        + " keeps");
    }

    private void add(What what, String about, String detail, String next) {
        Alarm standing = standing(what, about);
        String since =
                standing != null && standing.since() != null
                        ? standing.since()
                        : Instant.ofEpochMilli(sight.nowMs()).toString();
        found.add(new Alarm(what.label(), about, since, detail, next));
    }

    private int relief(What what, String about) {
        return standing(what, about) == null ? 0 : RELIEF_PERCENT;
    }

    private @Nullable Alarm standing(What what, String about) {
        var wanted = new Alarm(what.label(), about, null, "", "");
        return before.stream().filter(wanted::isSameAs).findFirst().orElse(null);
    }

    // Without overflow, at the cost of some bytes.
    private static long share(long whole, int percent) {
        return whole / 100 * percent;
    }

    private static String text(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0
                ? bytes + " " + UNITS[0]
                : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }
}
