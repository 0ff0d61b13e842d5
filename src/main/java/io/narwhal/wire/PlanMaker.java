package io.narwhal.wire;

import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Chooses, field by field, which elements of a template fill a column, and in which order. */
final class PlanMaker {
    static final int NO_FIELD = -1;

    private final Template template;

    /** By field of the template: what it means in the direction that the plan is for. */
    private final int[] elements;

    /** Whether the plan fills the row behind that of the forward direction. */
    private final boolean reverse;

    private final Columns columns;
    private final List<ColumnOp> ops = new ArrayList<>();
    private final List<Integer> fields = new ArrayList<>();
    private final List<Plan.Open> open = new ArrayList<>();
    private long presentBits = Field.EXPORTER.bit() | Field.DOMAIN.bit();

    private PlanMaker(Template template, int[] elements, boolean reverse, Columns columns) {
        this.template = template;
        this.elements = elements;
        this.reverse = reverse;
        this.columns = columns;
        if (reverse) {
            presentBits |= RecordBlock.REVERSE;
        }
    }

    /** The plan of a template, with that of its reverse direction if it has one. */
    static Plan of(Template template, Columns columns) {
        int[] forward = Directions.forward(template);
        int[] reverse = Directions.reverse(template);
        Plan second =
                reverse == null
                        ? null
                        : new PlanMaker(template, reverse, true, columns).plan(null, null);
        TotalCounters totals = TotalCounters.of(template, forward, reverse, columns);
        return new PlanMaker(template, forward, false, columns).plan(second, totals);
    }

    private Plan plan(@Nullable Plan reversed, @Nullable TotalCounters totals) {
        for (Field field : Field.values()) {
            add(field);
        }
        new TimePlan(this, template, columns).add();
        return new Plan(
                template,
                ops.toArray(ColumnOp[]::new),
                fields.stream().mapToInt(Integer::intValue).toArray(),
                presentBits,
                open.toArray(Plan.Open[]::new),
                columns,
                reversed,
                totals);
    }

    private void add(Field field) {
        switch (field) {
            case EXPORTER -> exporter();
            case DOMAIN -> {
                if (columns.wants(field)) {
                    op(new ColumnOp.Domain(columns.low(field)), NO_FIELD);
                }
            }
            case SRC_ADDR ->
                    address(field, Element.SOURCE_IPV4_ADDRESS, Element.SOURCE_IPV6_ADDRESS);
            case DST_ADDR ->
                    address(
                            field,
                            Element.DESTINATION_IPV4_ADDRESS,
                            Element.DESTINATION_IPV6_ADDRESS);
            case NEXT_HOP ->
                    address(
                            field,
                            Element.IP_NEXT_HOP_IPV4_ADDRESS,
                            Element.IP_NEXT_HOP_IPV6_ADDRESS);
            case SRC_PORT -> number(field, Element.SOURCE_TRANSPORT_PORT);
            case DST_PORT -> number(field, Element.DESTINATION_TRANSPORT_PORT);
            case PROTOCOL -> number(field, Element.PROTOCOL_IDENTIFIER);
            case TOS -> number(field, Element.IP_CLASS_OF_SERVICE);
            case TCP_FLAGS -> number(field, Element.TCP_CONTROL_BITS);
            case IN_IF -> number(field, Element.INGRESS_INTERFACE);
            case OUT_IF -> number(field, Element.EGRESS_INTERFACE);
            case SRC_AS -> number(field, Element.BGP_SOURCE_AS_NUMBER);
            case DST_AS -> number(field, Element.BGP_DESTINATION_AS_NUMBER);
            case SRC_MASK ->
                    either(
                            field,
                            Element.SOURCE_IPV4_PREFIX_LENGTH,
                            Element.SOURCE_IPV6_PREFIX_LENGTH);
            case DST_MASK ->
                    either(
                            field,
                            Element.DESTINATION_IPV4_PREFIX_LENGTH,
                            Element.DESTINATION_IPV6_PREFIX_LENGTH);
            case VLAN -> number(field, Element.VLAN_ID);
            case OCTETS ->
                    counter(
                            field,
                            Element.OCTET_DELTA_COUNT,
                            Element.OCTET_TOTAL_COUNT,
                            Element.LAYER2_OCTET_DELTA_COUNT);
            case PACKETS -> counter(field, Element.PACKET_DELTA_COUNT, Element.PACKET_TOTAL_COUNT);
            case SAMPLING_RATE -> new SamplingPlan(this, template, columns).add();
            case SAMPLING_SOURCE -> {} // with the rate
            case START, END -> {} // both together, at the end
            case CUSTOMER, SRC_CUSTOMER, DST_CUSTOMER, DIRECTION -> absent(field);
            case SUBSCRIBER, SRC_SUBSCRIBER, DST_SUBSCRIBER -> absent(field);
            case SESSION_ID, SRC_SESSION_ID, DST_SESSION_ID -> absent(field);
            case NAS, SRC_NAS, DST_NAS -> absent(field);
        }
    }

    /** Whether the plan fills the row behind that of the forward direction. */
    boolean isReverse() {
        return reverse;
    }

    /** Appends an operation that reads a field, or {@link #NO_FIELD}. */
    void op(ColumnOp op, int field) {
        ops.add(op);
        fields.add(field);
    }

    private void absent(Field field) {
        if (columns.wants(field)) {
            op(new ColumnOp.Absent(columns.low(field)), NO_FIELD);
            if (field.kind() == Field.Kind.ADDRESS) {
                op(new ColumnOp.Absent(columns.high(field)), NO_FIELD);
            }
        }
    }

    /**
     * The first field of the element that has a width we can read as a number, or a variable one;
     * −1 if there is none.
     */
    int numberField(int element) {
        for (int i = 0; i < elements.length; i++) {
            int length = template.lengths[i];
            if (elements[i] == element && (length >= 1 && length <= 8 || isOpen(i))) {
                return i;
            }
        }
        return NO_FIELD;
    }

    /** Whether the width of that field stands in each record. */
    boolean isOpen(int field) {
        return template.variable && template.lengths[field] == Template.VARIABLE;
    }

    /** Says that the records have the field: all, or those with a usable width. */
    void present(Field field, int at) {
        if (at >= 0 && isOpen(at)) {
            open.add(new Plan.Open(at, field.kind() == Field.Kind.ADDRESS, field.bit()));
        } else {
            presentBits |= field.bit();
        }
    }

    private void number(Field field, int element) {
        int at = numberField(element);
        if (at < 0) {
            absent(field);
            return;
        }
        present(field, at);
        if (columns.wants(field)) {
            op(new ColumnOp.Number(columns.low(field)), at);
        }
    }

    /** Two elements of which a record uses one: the one that is not 0. */
    private void either(Field field, int element, int other) {
        int first = numberField(element);
        int second = numberField(other);
        if (first < 0 || second < 0) {
            number(field, first < 0 ? other : element);
            return;
        }
        number(field, element);
        present(field, second);
        if (columns.wants(field)) {
            op(new ColumnOp.NumberIfZero(columns.low(field)), second);
        }
    }

    /**
     * The books need it, wanted or not. The first element that there is; what a total has grown by
     * is found later, by {@link TotalCounters}.
     */
    private void counter(Field field, int... choices) {
        int at = NO_FIELD;
        for (int i = 0; i < choices.length && at < 0; i++) {
            at = numberField(choices[i]);
        }
        if (at < 0) {
            op(new ColumnOp.Absent(columns.low(field)), NO_FIELD);
            return;
        }
        present(field, at);
        op(new ColumnOp.Number(columns.low(field)), at);
    }

    private void exporter() {
        if (!columns.wants(Field.EXPORTER)) {
            return;
        }
        long[] low = columns.low(Field.EXPORTER);
        long[] high = columns.high(Field.EXPORTER);
        // A mediator names the original exporter (RFC 5982 §6.1); an address of zero names none.
        op(new ColumnOp.Absent(low), NO_FIELD);
        op(new ColumnOp.Absent(high), NO_FIELD);
        int before = ops.size();
        for (int i = 0; i < elements.length; i++) {
            if (isAddress(i, Element.EXPORTER_IPV4_ADDRESS, Element.EXPORTER_IPV6_ADDRESS)) {
                op(new ColumnOp.AddressIfZero(low, high), i);
            }
        }
        if (ops.size() == before) {
            ops.subList(before - 2, before).clear();
            fields.subList(before - 2, before).clear();
            op(new ColumnOp.Exporter(low, high), NO_FIELD);
        } else {
            op(new ColumnOp.ExporterIfZero(low, high), NO_FIELD);
        }
    }

    private boolean isAddress(int i, int ipv4, int ipv6) {
        int length = template.lengths[i];
        return (elements[i] == ipv4 || elements[i] == ipv6)
                && (length == 4 || length == 16 || isOpen(i));
    }

    /** Where a record has an IPv4 and an IPv6 field, the one that is not zero. */
    private void address(Field field, int ipv4, int ipv6) {
        long[] low = columns.low(field);
        long[] high = columns.high(field);
        boolean any = false;
        for (int i = 0; i < elements.length; i++) {
            if (!isAddress(i, ipv4, ipv6)) {
                continue;
            }
            if (!any && isOpen(i)) {
                absent(field); // what a width that is none of an address leaves
                any = true;
            }
            if (columns.wants(field)) {
                op(addressOp(any, template.lengths[i], low, high), i);
            }
            present(field, i);
            any = true;
        }
        if (!any) {
            absent(field);
        }
    }

    private static ColumnOp addressOp(boolean second, int length, long[] low, long[] high) {
        if (second) {
            return new ColumnOp.AddressIfZero(low, high);
        }
        return length == 4 ? new ColumnOp.Ipv4(low, high) : new ColumnOp.Ipv6(low, high);
    }
}
