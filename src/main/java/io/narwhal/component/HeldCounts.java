package io.narwhal.component;

import java.util.Map;
import java.util.TreeMap;

/**
 * How many records of one journal lie behind a position, and how old the first of them is: marks at
 * some positions, between which is reckoned in proportion. Exact at the marks, of which there is
 * one where each message that was sent ends.
 */
final class HeldCounts {
    private static final int MARKS_MAX = 8_192;
    private static final long SPACING_BYTES = 256 << 10;

    /** Of what was never read: records of this many bytes. */
    private static final long RECORD_BYTES = 64;

    /**
     * What is known at a position.
     *
     * @param records before it, since {@link #start}
     * @param arrivalMicros of the frame there
     */
    private record Mark(long records, long arrivalMicros) {}

    private final TreeMap<Long, Mark> marks = new TreeMap<>();
    private long spacingBytes = SPACING_BYTES;
    private long start;
    private long frontier;
    private long records;
    private long lastArrivalMicros;

    /** Counts from this position on. */
    HeldCounts(long start) {
        this.start = start;
        this.frontier = start;
    }

    /** Behind the last frame that was counted: the next is to begin here. */
    long frontier() {
        return frontier;
    }

    /** The frame at the frontier. */
    void add(long from, long through, long recordsOfFrame, long arrivalMicros) {
        Long last = marks.isEmpty() ? null : marks.lastKey();
        if (last == null || from - last >= spacingBytes) {
            mark(from, new Mark(records, arrivalMicros));
        }
        records += recordsOfFrame;
        lastArrivalMicros = arrivalMicros;
        frontier = through;
    }

    /** Nothing can be counted up to this position. */
    void skip(long through) {
        frontier = Math.max(frontier, through);
    }

    /** What was read from one position to another had so many records. */
    void sent(long from, long through, long recordsOfAll) {
        Mark before = marks.get(from);
        if (through == frontier) {
            mark(through, new Mark(records, lastArrivalMicros));
        } else if (before != null && through < frontier) {
            long arrival = arrivalMicros(through);
            mark(through, new Mark(before.records() + recordsOfAll, arrival));
        }
    }

    private void mark(long position, Mark mark) {
        marks.put(position, mark);
        if (marks.size() > MARKS_MAX) {
            spacingBytes *= 2;
            long[] last = {Long.MIN_VALUE / 2};
            marks.keySet()
                    .removeIf(
                            at -> {
                                boolean tooNear = at - last[0] < spacingBytes;
                                last[0] = tooNear ? last[0] : at;
                                return tooNear;
                            });
        }
    }

    /** What lies before this position is no longer there. */
    void forget(long position) {
        Long floor = marks.floorKey(position);
        if (floor != null) {
            marks.headMap(floor, false).clear();
        }
        start = Math.max(start, Math.min(position, frontier));
    }

    /** Records from a position to the end of what is published. */
    long behind(long position, long end) {
        long counted = position >= frontier ? 0 : records - before(position);
        long unread = Math.max(0, end - Math.max(position, frontier));
        return counted + unread / RECORD_BYTES;
    }

    private long before(long position) {
        Map.Entry<Long, Mark> floor = marks.floorEntry(position);
        Map.Entry<Long, Mark> next = marks.higherEntry(position);
        long from = floor == null ? start : floor.getKey();
        long low = floor == null ? 0 : floor.getValue().records();
        long to = next == null ? frontier : next.getKey();
        long high = next == null ? records : next.getValue().records();
        if (position <= from || to <= from) {
            return low;
        }
        return low + (long) ((double) (high - low) * (position - from) / (to - from));
    }

    /** When the first frame at or behind this position came; a little early between marks. */
    long arrivalMicros(long position) {
        Map.Entry<Long, Mark> floor = marks.floorEntry(position);
        if (floor != null) {
            return floor.getValue().arrivalMicros();
        }
        return marks.isEmpty() ? 0 : marks.firstEntry().getValue().arrivalMicros();
    }
}
