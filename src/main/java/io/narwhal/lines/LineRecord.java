package io.narwhal.lines;

import io.narwhal.record.Field;
import io.narwhal.record.LineTarget;
import io.narwhal.record.RecordBlock;

import java.util.Arrays;

/** The values of one line, on their way into a block: nothing is written before all are read. */
final class LineRecord {
    private static final LineTarget[] TARGETS = LineTarget.values();

    private final long[] values = new long[TARGETS.length];
    private final long[][] addresses = new long[TARGETS.length][2];
    private long told;

    void clear() {
        Arrays.fill(values, 0);
        for (long[] address : addresses) {
            address[0] = 0;
            address[1] = 0;
        }
        told = 0;
    }

    void set(LineTarget target, long value) {
        values[target.ordinal()] = value;
    }

    /** Where the halves of an address go. */
    long[] address(LineTarget target) {
        return addresses[target.ordinal()];
    }

    /** Says that the line has a value for this. */
    void tell(LineTarget target) {
        told |= 1L << target.ordinal();
    }

    private boolean tells(LineTarget target) {
        return (told & 1L << target.ordinal()) != 0;
    }

    private long value(LineTarget target) {
        return values[target.ordinal()];
    }

    /** Makes a start and an end of what the line says. */
    void settleTimes(long arrivalMs) throws BadLine {
        long duration = value(LineTarget.DURATION);
        if (!tells(LineTarget.START) && !tells(LineTarget.END)) {
            set(LineTarget.END, arrivalMs);
            set(LineTarget.START, arrivalMs - Math.min(duration, arrivalMs));
        } else if (!tells(LineTarget.END)) {
            set(LineTarget.END, value(LineTarget.START) + Math.min(duration, LineDecoder.SPAN_MS));
        } else if (!tells(LineTarget.START)) {
            set(LineTarget.START, value(LineTarget.END) - Math.min(duration, LineDecoder.SPAN_MS));
        }
        long start = value(LineTarget.START);
        long end = value(LineTarget.END);
        if (start < LineDecoder.EARLIEST_MS || end < LineDecoder.EARLIEST_MS) {
            throw new BadLine("it begins or ends before 1980");
        }
        if (end < start) {
            throw new BadLine("it ends before it begins");
        }
        if (end - start > LineDecoder.SPAN_MS || duration > LineDecoder.SPAN_MS) {
            throw new BadLine("it lasts longer than 366 days");
        }
        if (end > arrivalMs + LineDecoder.AHEAD_MS) {
            throw new BadLine("it ends more than a day after it came");
        }
    }

    /** Appends the rows of the line, for which there is room. */
    LineDecoder.Outcome write(RecordBlock block, boolean isCharged) {
        boolean isPair = tells(LineTarget.REVERSE_OCTETS) || tells(LineTarget.REVERSE_PACKETS);
        if (isCharged && isPair && !tells(LineTarget.DIRECTION)) {
            set(LineTarget.DIRECTION, Field.UP);
            tell(LineTarget.DIRECTION);
        }
        row(block, block.size(), false);
        if (isPair) {
            row(block, block.size(), true);
        }
        return new LineDecoder.Outcome.Read(
                value(LineTarget.PACKETS) + value(LineTarget.REVERSE_PACKETS),
                value(LineTarget.OCTETS) + value(LineTarget.REVERSE_OCTETS));
    }

    private void row(RecordBlock block, int row, boolean isReverse) {
        long present = isReverse ? RecordBlock.REVERSE : 0;
        for (Field field : block.wanted()) {
            block.column(field)[row] = 0;
            if (field.kind() == Field.Kind.ADDRESS) {
                block.highColumn(field)[row] = 0;
            }
        }
        for (LineTarget target : TARGETS) {
            Field field = target.field().orElse(null);
            // The next hop is of one direction alone.
            if (field == null || isReverse && field == Field.NEXT_HOP) {
                continue;
            }
            LineTarget from = isReverse ? opposite(target) : target;
            if (tells(from) || field == Field.START || field == Field.END) {
                present |= tells(from) ? field.bit() : 0;
                put(block, row, field, from, isReverse);
            }
        }
        block.present()[row] = present;
        block.setSize(row + 1);
    }

    private void put(RecordBlock block, int row, Field field, LineTarget from, boolean isReverse) {
        if (!block.has(field)) {
            return;
        }
        if (field.kind() == Field.Kind.ADDRESS) {
            block.highColumn(field)[row] = address(from)[0];
            block.column(field)[row] = address(from)[1];
        } else if (isReverse && field == Field.DIRECTION) {
            long way = value(from);
            block.column(field)[row] =
                    way == Field.UP ? Field.DOWN : way == Field.DOWN ? Field.UP : 0;
        } else {
            block.column(field)[row] = value(from);
        }
    }

    /** What has the same meaning seen from the other end (RFC 5103 §6). */
    private static LineTarget opposite(LineTarget target) {
        return switch (target) {
            case SRC_ADDR -> LineTarget.DST_ADDR;
            case DST_ADDR -> LineTarget.SRC_ADDR;
            case SRC_PORT -> LineTarget.DST_PORT;
            case DST_PORT -> LineTarget.SRC_PORT;
            case IN_IF -> LineTarget.OUT_IF;
            case OUT_IF -> LineTarget.IN_IF;
            case SRC_AS -> LineTarget.DST_AS;
            case DST_AS -> LineTarget.SRC_AS;
            case SRC_MASK -> LineTarget.DST_MASK;
            case DST_MASK -> LineTarget.SRC_MASK;
            case OCTETS -> LineTarget.REVERSE_OCTETS;
            case PACKETS -> LineTarget.REVERSE_PACKETS;
            case EXPORTER,
                    DOMAIN,
                    PROTOCOL,
                    TOS,
                    TCP_FLAGS,
                    VLAN,
                    NEXT_HOP,
                    CUSTOMER,
                    SUBSCRIBER,
                    SESSION_ID,
                    NAS,
                    DIRECTION,
                    SAMPLING_RATE,
                    REVERSE_OCTETS,
                    REVERSE_PACKETS,
                    START,
                    END,
                    DURATION ->
                    target;
        };
    }
}
