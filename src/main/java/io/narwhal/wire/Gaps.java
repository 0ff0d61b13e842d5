package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The gaps of one exporter's numbers, the oldest first: the newest {@link #LIMIT} one by one, and
 * what is older as sums. A gap that falls out is lost; what is unsure of it goes to a pool, which
 * is settled when no set of it is held any more.
 */
final class Gaps {
    /** Gaps that are told apart. */
    static final int LIMIT = 64;

    private final List<Gap> gaps = new ArrayList<>(0);

    private long lost;
    private long firstLostMs;
    private long lastLostMs;

    private long poolUnsure;
    private int poolUndecoded;
    private boolean poolGivenUp;

    // What the newest split left of its gap; null where nothing.
    private @Nullable Gap left;
    private @Nullable Gap right;

    /** Opens a gap behind all others. */
    Gap open(int first, long count, long fromMs, long toMs) {
        if (gaps.size() == LIMIT) {
            fold(gaps.removeFirst());
        }
        var gap = new Gap(first, count, fromMs, toMs);
        gaps.add(gap);
        return gap;
    }

    private void fold(Gap gap) {
        lose(gap.certain(), gap.toMs);
        if (gap.undecoded > 0) {
            poolUnsure += gap.unsure;
            pool(gap.undecoded, gap.givenUp);
        }
    }

    private void lose(long count, long atMs) {
        if (count > 0) {
            lost += count;
            firstLostMs = firstLostMs == 0 ? atMs : Math.min(firstLostMs, atMs);
            lastLostMs = Math.max(lastLostMs, atMs);
        }
    }

    /** Sets are held whose records no gap that we know can be explained by. */
    void pool(int sets, boolean oneWasGivenUp) {
        poolUndecoded += sets;
        poolGivenUp |= oneWasGivenUp && sets > 0;
    }

    /** A set of the pool is held no more; it had so many records, or was given up. */
    void unpool(int records, boolean wasGivenUp, long atMs) {
        poolUndecoded = Math.max(0, poolUndecoded - 1);
        poolGivenUp |= wasGivenUp;
        poolUnsure -= Math.min(records, poolUnsure);
        if (poolUndecoded == 0) {
            lose(poolGivenUp ? 0 : poolUnsure, atMs);
            poolUnsure = 0;
            poolGivenUp = false;
        }
    }

    /** Whether these numbers are all open. */
    boolean has(int start, int units) {
        for (Gap gap : gaps) {
            if (gap.has(start, units)) {
                return true;
            }
        }
        return false;
    }

    /** Takes numbers out of the gap that has them; false when none has. */
    boolean fill(int start, int units) {
        left = null;
        right = null;
        for (int i = gaps.size() - 1; i >= 0; i--) {
            if (gaps.get(i).has(start, units)) {
                split(i, start, units);
                return true;
            }
        }
        return false;
    }

    private void split(int at, int start, int units) {
        Gap gap = gaps.get(at);
        long before = Integer.toUnsignedLong(start - gap.first);
        long behind = gap.count - before - units;
        if (behind > 0) {
            var rest = new Gap(start + units, behind, gap.fromMs, gap.toMs);
            rest.prior = gap.prior;
            gaps.add(at + 1, rest);
            right = rest;
        }
        gap.count = before;
        gap.unsure = Math.min(gap.unsure, before);
        if (before > 0) {
            left = gap;
        } else {
            drop(gap);
        }
        if (gaps.size() > LIMIT) {
            fold(gaps.removeFirst());
        }
    }

    private void drop(Gap gap) {
        gaps.remove(gap);
        pool(gap.undecoded, gap.givenUp);
    }

    /** What the newest {@link #fill} left before the numbers. */
    @Nullable Gap left() {
        return left;
    }

    /** What the newest {@link #fill} left behind the numbers. */
    @Nullable Gap right() {
        return right;
    }

    /** The gap that waits for held sets of the message with that number. */
    @Nullable Gap owned(int sequence) {
        for (Gap gap : gaps) {
            if (gap.undecoded > 0 && gap.owner == sequence) {
                return gap;
            }
        }
        return null;
    }

    /** A gap changed: settles it, and drops it when nothing is left. */
    void settle(Gap gap) {
        gap.settle();
        if (gap.count == 0) {
            drop(gap);
        }
    }

    /** The exporter began anew: nothing is filled any more, and what was unsure is unknown. */
    void close() {
        for (Iterator<Gap> each = gaps.iterator(); each.hasNext(); ) {
            Gap gap = each.next();
            gap.count = gap.certain();
            gap.unsure = 0;
            gap.undecoded = 0;
            gap.closed = true;
            if (gap.count == 0) {
                each.remove();
            }
        }
        poolUnsure = 0;
        poolUndecoded = 0;
        poolGivenUp = false;
    }

    /** All is forgotten but this sum: the numbers were taken for what they are not. */
    void correct(long missing) {
        gaps.clear();
        lost = missing;
        poolUnsure = 0;
        poolUndecoded = 0;
        poolGivenUp = false;
        if (missing == 0) {
            firstLostMs = 0;
            lastLostMs = 0;
        }
    }

    /** Numbers that certainly did not come. */
    long missing() {
        long sum = lost;
        for (Gap gap : gaps) {
            sum += gap.certain();
        }
        return sum;
    }

    /** When a number was first noticed to be missing, ms since 1970; 0: never. */
    long firstMs() {
        long first = firstLostMs;
        for (Gap gap : gaps) {
            if (gap.certain() > 0) {
                first = first == 0 ? gap.toMs : Math.min(first, gap.toMs);
            }
        }
        return first;
    }

    /** When a number was last noticed to be missing; 0: never. */
    long lastMs() {
        long last = lastLostMs;
        for (Gap gap : gaps) {
            last = gap.certain() > 0 ? Math.max(last, gap.toMs) : last;
        }
        return last;
    }

    /** The newest gaps, the oldest first; open are those less than {@code late} before next. */
    List<SequenceGap> report(int next, int late) {
        List<SequenceGap> report = new ArrayList<>();
        for (Gap gap : gaps) {
            if (gap.certain() > 0) {
                long age = Integer.toUnsignedLong(next - gap.first) - gap.count;
                report.add(
                        new SequenceGap(
                                Integer.toUnsignedLong(gap.first),
                                gap.certain(),
                                gap.fromMs,
                                gap.toMs,
                                gap.closed || age >= late
                                        ? SequenceGap.State.LOST
                                        : SequenceGap.State.OPEN));
            }
        }
        return report;
    }

    void snapshot(StateWriter out) {
        out.putLong(lost).putLong(firstLostMs).putLong(lastLostMs);
        out.putLong(poolUnsure).putInt(poolUndecoded).putBoolean(poolGivenUp).putInt(gaps.size());
        gaps.forEach(gap -> gap.snapshot(out));
    }

    void restore(StateReader in) {
        lost = in.getLong();
        firstLostMs = in.getLong();
        lastLostMs = in.getLong();
        poolUnsure = in.getLong();
        poolUndecoded = in.getInt();
        poolGivenUp = in.getBoolean();
        for (int left = in.getCount(Gap.SNAPSHOT_BYTES); left > 0; left--) {
            gaps.add(Gap.restore(in));
        }
    }
}
