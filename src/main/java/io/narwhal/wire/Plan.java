package io.narwhal.wire;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * A template compiled to one column loop for each wanted field. With records of one length the
 * loops run over a whole set; with variable lengths over one record after the other.
 */
final class Plan {
    /**
     * A field of variable length that fills a column.
     *
     * @param field number of the field in the template
     * @param isAddress whether it is one, of 4 or 16 bytes, or a number of 1 to 8
     * @param bit in the present bits of records in which it has such a width
     */
    record Open(int field, boolean isAddress, long bit) {
        boolean isUsable(int width) {
            return isAddress ? width == 4 || width == 16 : width >= 1 && width <= 8;
        }
    }

    private final Template template;
    private final ColumnOp[] ops;

    /** By operation: the field that it reads, −1 for none. */
    private final int[] fields;

    private final int[] offsets;
    private final int[] widths;
    private final long presentBits;
    private final Open[] open;
    private final Columns columns;

    /** Of the row of a reverse direction; null where records have one direction. */
    private final @Nullable Plan reverse;

    /** What makes differences of totals; null where counters are deltas. */
    private final @Nullable TotalCounters totals;

    // Of the record that is being decoded, when lengths vary.
    private final int[] placesNow;
    private final int[] widthsNow;

    Plan(
            Template template,
            ColumnOp[] ops,
            int[] fields,
            long presentBits,
            Open[] open,
            Columns columns,
            @Nullable Plan reverse,
            @Nullable TotalCounters totals) {
        this.template = template;
        this.ops = ops;
        this.fields = fields;
        this.presentBits = presentBits;
        this.open = open;
        this.columns = columns;
        this.reverse = reverse;
        this.totals = totals;
        this.offsets = new int[ops.length];
        this.widths = new int[ops.length];
        this.placesNow = new int[template.variable ? template.lengths.length : 0];
        this.widthsNow = new int[placesNow.length];
        if (!template.variable) {
            layOut();
        }
    }

    static Plan of(Template template, Columns columns) {
        return PlanMaker.of(template, columns);
    }

    /** Whether what a record counts goes by what came before. */
    boolean hasTotals() {
        return totals != null;
    }

    /** Whether each record has to be {@link #finish finished} before the next one is decoded. */
    boolean isStepwise() {
        return reverse != null || totals != null;
    }

    /**
     * After {@link #decode} of the one record at {@code at} into {@code row}: makes differences of
     * its totals, and puts its reverse direction into the row behind, if that counted anything.
     *
     * @return how many rows the record has: 1 or 2
     */
    int finish(ColumnOp.Context context, byte[] bytes, int at, int end, int row, long[] present) {
        if (reverse != null) {
            reverse.decode(context, bytes, at, end, 1, row + 1, present);
        }
        if (totals != null) {
            totals.difference(context, bytes, at, end, row);
        }
        return reverse != null && !columns.isIdle(row + 1) ? 2 : 1;
    }

    private void layOut() {
        int[] starts = new int[template.lengths.length];
        int at = 0;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = at;
            at += template.lengths[i];
        }
        for (int i = 0; i < ops.length; i++) {
            if (fields[i] >= 0) {
                offsets[i] = starts[fields[i]];
                widths[i] = template.lengths[fields[i]];
            }
        }
    }

    /**
     * Decodes {@code records} records that begin at {@code at} into the rows from {@code row} on.
     * The caller has counted them, so they are there.
     *
     * @return where the next record begins
     */
    int decode(
            ColumnOp.Context context,
            byte[] bytes,
            int at,
            int end,
            int records,
            int row,
            long[] present) {
        Arrays.fill(present, row, row + records, presentBits);
        if (template.variable) {
            return decodeVariable(context, bytes, at, end, records, row, present);
        }
        int stride = template.recordBytes;
        for (int i = 0; i < ops.length; i++) {
            ops[i].fill(context, bytes, at + offsets[i], widths[i], stride, row, row + records);
        }
        return at + records * stride;
    }

    private int decodeVariable(
            ColumnOp.Context context,
            byte[] bytes,
            int at,
            int end,
            int records,
            int row,
            long[] present) {
        int p = at;
        for (int r = row; r < row + records; r++) {
            int next = template.walk(bytes, p, end, placesNow, widthsNow);
            for (Open one : open) {
                present[r] |= one.isUsable(widthsNow[one.field]) ? one.bit : 0;
            }
            for (int i = 0; i < ops.length; i++) {
                int field = fields[i];
                int place = field < 0 ? p : placesNow[field];
                ops[i].fill(context, bytes, place, field < 0 ? 0 : widthsNow[field], 0, r, r + 1);
            }
            p = next;
        }
        return p;
    }
}
