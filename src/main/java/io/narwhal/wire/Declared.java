package io.narwhal.wire;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.Arrays;

/**
 * Reads the statistics that {@link DeclaredLosses} holds out of options records. They are totals of
 * a process, named by meteringProcessId or exportingProcessId, so the newest value of a process
 * counts; a smaller one is of a process that began anew, and what it had said before stays.
 */
final class Declared {
    /** Processes of one exporter that are told apart; what others say is not kept. */
    static final int PROCESSES = 16;

    private static final int METERING_PROCESS_ID = 143;
    private static final int EXPORTING_PROCESS_ID = 144;
    private static final int[] TOTALS = {164, 165, 166, 167, 168, 41, 42, 40};

    private final long[] sums = new long[TOTALS.length];
    private long[] processes = new long[0];

    /** By process: the newest value of each total. */
    private long[] newest = new long[0];

    /** Whether records of this template can tell any. */
    static boolean tells(Template template) {
        for (int element : TOTALS) {
            if (template.field(element) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Reads all records of a set, which were counted before. */
    void read(Template template, byte[] bytes, int from, int to, int records) {
        int[] places = new int[template.lengths.length];
        int[] widths = new int[template.lengths.length];
        int p = from;
        for (int i = 0; i < records; i++) {
            p = template.walk(bytes, p, to, places, widths);
            record(template, bytes, places, widths);
        }
    }

    private void record(Template template, byte[] bytes, int[] places, int[] widths) {
        long metering = value(template.field(METERING_PROCESS_ID), bytes, places, widths);
        long exporting = value(template.field(EXPORTING_PROCESS_ID), bytes, places, widths);
        int process = process(metering << 32 ^ exporting);
        for (int i = 0; process >= 0 && i < TOTALS.length; i++) {
            long value = value(template.field(TOTALS[i]), bytes, places, widths);
            if (value >= 0) {
                int at = process * TOTALS.length + i;
                sums[i] += value < newest[at] ? value : value - newest[at];
                newest[at] = value;
            }
        }
    }

    /** Where that process stands; −1 when there are too many. */
    private int process(long key) {
        for (int i = 0; i < processes.length; i++) {
            if (processes[i] == key) {
                return i;
            }
        }
        int count = processes.length;
        if (count == PROCESSES) {
            return -1;
        }
        processes = Arrays.copyOf(processes, count + 1);
        newest = Arrays.copyOf(newest, (count + 1) * TOTALS.length);
        processes[count] = key;
        return count;
    }

    /** The value of a field of the record walked last; −1 when there is none. */
    private static long value(int field, byte[] bytes, int[] places, int[] widths) {
        return field < 0 || widths[field] < 1 || widths[field] > 8
                ? -1
                : Wire.number(bytes, places[field], widths[field]);
    }

    /** Adds what an exporter said that is no longer followed. */
    void add(DeclaredLosses other) {
        sums[0] += other.ignoredPackets();
        sums[1] += other.ignoredOctets();
        sums[2] += other.notSentFlows();
        sums[3] += other.notSentPackets();
        sums[4] += other.notSentOctets();
        sums[5] += other.exportedMessages();
        sums[6] += other.exportedRecords();
        sums[7] += other.exportedOctets();
    }

    DeclaredLosses report() {
        return new DeclaredLosses(
                sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7]);
    }

    void snapshot(StateWriter out) {
        out.putLongs(sums, 0, sums.length).putInt(processes.length);
        out.putLongs(processes, 0, processes.length).putLongs(newest, 0, newest.length);
    }

    void restore(StateReader in) {
        in.getLongs(sums, 0, sums.length);
        int count = in.getCount(8 + 8 * TOTALS.length);
        processes = new long[count];
        newest = new long[count * TOTALS.length];
        in.getLongs(processes, 0, count);
        in.getLongs(newest, 0, newest.length);
    }
}
