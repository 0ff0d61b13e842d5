package io.narwhal.wire;

import io.narwhal.record.Field;

import java.util.List;

/** Chooses which elements of a template tell when a flow began and ended. */
final class TimePlan {
    private static final int NO_FIELD = PlanMaker.NO_FIELD;

    private final PlanMaker maker;
    private final Template template;
    private final Columns columns;

    TimePlan(PlanMaker maker, Template template, Columns columns) {
        this.maker = maker;
        this.template = template;
        this.columns = columns;
    }

    /** Adds the operations for both times; for neither when nobody wants one. */
    void add() {
        boolean hasStart = has(TimeElement.STARTS, Element.FLOW_START_SYS_UP_TIME);
        boolean hasEnd = has(TimeElement.ENDS, Element.FLOW_END_SYS_UP_TIME);
        if (columns.wants(Field.START) || columns.wants(Field.END)) {
            fill(hasStart, hasEnd);
        } else if (hasStart || hasEnd) {
            bits(hasStart, hasEnd);
        }
    }

    private void bits(boolean hasStart, boolean hasEnd) {
        if (hasStart) {
            maker.present(Field.START, NO_FIELD);
        }
        if (hasEnd) {
            maker.present(Field.END, NO_FIELD);
        }
    }

    private void fill(boolean hasStart, boolean hasEnd) {
        long[] start = columns.low(Field.START);
        long[] end = columns.low(Field.END);
        if (hasStart) {
            time(Field.START, TimeElement.STARTS, Element.FLOW_START_SYS_UP_TIME);
        }
        if (hasEnd) {
            time(Field.END, TimeElement.ENDS, Element.FLOW_END_SYS_UP_TIME);
        }
        if (hasStart && !hasEnd) {
            maker.op(new ColumnOp.Copy(end, start), NO_FIELD);
            shift(Field.END, 1);
        } else if (hasEnd && !hasStart) {
            maker.op(new ColumnOp.Copy(start, end), NO_FIELD);
            shift(Field.START, -1);
        } else if (!hasStart && !sinceOptions(start, end)) {
            observation(start, end);
        }
        maker.op(new ColumnOp.Plausible(start, end), NO_FIELD);
    }

    /** The other end of a flow of known duration. */
    private void shift(Field field, int sign) {
        int ms = maker.numberField(Element.FLOW_DURATION_MILLISECONDS);
        int at = ms >= 0 ? ms : maker.numberField(Element.FLOW_DURATION_MICROSECONDS);
        if (at >= 0) {
            maker.present(field, at);
            maker.op(new ColumnOp.Shift(columns.low(field), sign, ms >= 0 ? 1 : 1000), at);
        }
    }

    /** IPFIX records with uptimes alone need the exporter's start, which options may tell. */
    private boolean sinceOptions(long[] start, long[] end) {
        int first = maker.numberField(Element.FLOW_START_SYS_UP_TIME);
        int last = maker.numberField(Element.FLOW_END_SYS_UP_TIME);
        if (first < 0 && last < 0) {
            return false;
        }
        long startBit = first < 0 ? 0 : Field.START.bit();
        long endBit = last < 0 ? 0 : Field.END.bit();
        maker.op(
                new ColumnOp.TimeSinceOptions(start, columns.present(), startBit),
                first < 0 ? last : first);
        maker.op(
                new ColumnOp.TimeSinceOptions(end, columns.present(), endBit),
                last < 0 ? first : last);
        return true;
    }

    private void observation(long[] start, long[] end) {
        for (TimeElement kind : TimeElement.OBSERVATIONS) {
            int at = timeField(kind);
            if (at >= 0) {
                maker.present(Field.START, at);
                maker.present(Field.END, at);
                maker.op(new ColumnOp.Time(start, kind.form()), at);
                maker.op(new ColumnOp.Copy(end, start), NO_FIELD);
                return;
            }
        }
        maker.op(new ColumnOp.TimeOfExport(start), NO_FIELD);
        maker.op(new ColumnOp.Copy(end, start), NO_FIELD);
    }

    private boolean has(List<TimeElement> kinds, int uptime) {
        return kinds.stream().anyMatch(kind -> timeField(kind) >= 0)
                || maker.numberField(uptime) >= 0
                        && (template.protocol != FlowProtocol.IPFIX || init() >= 0);
    }

    private int timeField(TimeElement kind) {
        int at = maker.numberField(kind.element());
        return at < 0 || maker.isOpen(at) || kind.form().hasWidth(template.lengths[at])
                ? at
                : NO_FIELD;
    }

    /** Fills a time column by the best element there is. */
    private void time(Field field, List<TimeElement> kinds, int uptime) {
        long[] column = columns.low(field);
        for (TimeElement kind : kinds) {
            int at = timeField(kind);
            if (at >= 0) {
                maker.present(field, at);
                maker.op(new ColumnOp.Time(column, kind.form()), at);
                return;
            }
        }
        int at = maker.numberField(uptime);
        maker.present(field, at);
        if (template.protocol == FlowProtocol.IPFIX) {
            maker.op(new ColumnOp.Number(column), init());
            maker.op(new ColumnOp.TimeSinceInit(column), at);
        } else {
            maker.op(new ColumnOp.Time(column, TimeForm.UPTIME), at);
        }
    }

    private int init() {
        return maker.numberField(Element.SYSTEM_INIT_TIME_MILLISECONDS);
    }
}
