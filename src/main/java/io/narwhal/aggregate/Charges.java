package io.narwhal.aggregate;

import io.narwhal.record.EndKey;
import io.narwhal.record.Field;
import io.narwhal.record.KeyLayout;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.UsageDefinition;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;

/**
 * Whom a block's records are charged to: the packed key of every charge, in the order of the
 * records. A record is one charge, or, where customers or subscribers are charged, one at each end
 * that is known (up before down) and one without a name when neither is. A block that has a
 * direction of its own, as that of sessions, says itself whom each of its rows is charged to.
 */
final class Charges {
    private static final int CHARGES_MAX = 2 * RecordBlock.CAPACITY;

    private final KeyLayout layout;
    private final boolean twoSided;
    private final List<EndKey> ends;
    // By end key, the columns of the block that is charged.
    private final long[][] sources;
    private final long[][] destinations;
    private final long[] keys;
    private final int[] hashes;
    private final int[] records;
    // By charge: which end of its record it is for; 0 when neither is known.
    private final long[] directions;
    private final long[] low;
    private final long[] high;
    private int size;
    // Whether the block is charged at both ends of its records.
    private boolean ofEnds;

    Charges(UsageDefinition definition) {
        layout = KeyLayout.of(definition.keys());
        twoSided = definition.isTwoSided();
        ends = EndKey.of(definition.keys());
        sources = new long[ends.size()][];
        destinations = new long[ends.size()][];
        int max = twoSided ? CHARGES_MAX : RecordBlock.CAPACITY;
        keys = new long[max * layout.width()];
        hashes = new int[max];
        records = new int[max];
        directions = new long[twoSided ? max : 0];
        low = new long[twoSided ? max : 0];
        high = new long[twoSided ? max : 0];
        for (int i = 0; i < max; i++) {
            records[i] = i;
        }
    }

    /** Charges in the block. */
    int size() {
        return size;
    }

    /** Number of the record that a charge comes from. */
    int record(int charge) {
        return records[charge];
    }

    /** Packed keys; that of charge {@code i} begins at {@code i * width}. */
    long[] keys() {
        return keys;
    }

    int hash(int charge) {
        return hashes[charge];
    }

    /** Replaces the charges with those of this block. */
    void of(RecordBlock block) {
        size = block.size();
        ofEnds = twoSided && !block.has(Field.DIRECTION);
        if (ofEnds) {
            chooseEnds(block);
        } else if (twoSided) {
            Arrays.setAll(records, i -> i); // as a block before may have been charged at its ends
        }
        int width = layout.width();
        Arrays.fill(keys, 0, size * width, 0);
        List<Field> fields = layout.fields();
        for (int field = 0; field < fields.size(); field++) {
            pack(field, fields.get(field), block);
        }
        for (int i = 0; i < size; i++) {
            hashes[i] = BinTable.hash(keys, i * width, width);
        }
    }

    private void chooseEnds(RecordBlock block) {
        for (int end = 0; end < ends.size(); end++) {
            sources[end] = block.column(ends.get(end).source());
            destinations[end] = block.column(ends.get(end).destination());
        }
        size = 0;
        for (int i = 0; i < block.size(); i++) {
            long source = 0;
            long destination = 0;
            for (int end = 0; end < sources.length; end++) {
                source |= sources[end][i];
                destination |= destinations[end][i];
            }
            if (source != 0) {
                charge(i, Field.UP);
            }
            if (destination != 0) {
                charge(i, Field.DOWN);
            }
            if ((source | destination) == 0) {
                charge(i, 0);
            }
        }
    }

    private void charge(int record, int direction) {
        records[size] = record;
        directions[size] = direction;
        size++;
    }

    private void pack(int number, Field field, RecordBlock block) {
        EndKey end = ofEnds ? end(field) : null;
        if (end != null) {
            long[] names = named(block.column(end.source()), block.column(end.destination()), low);
            layout.pack(number, names, names, size, keys);
        } else if (ofEnds && field == Field.DIRECTION) {
            layout.pack(number, directions, directions, size, keys);
        } else if (!block.has(field)) {
            // What this kind of record cannot have is empty or 0, as the keys are.
        } else {
            long[] lows = block.column(field);
            long[] highs = field.kind() == Field.Kind.ADDRESS ? block.highColumn(field) : lows;
            if (ofEnds) {
                layout.pack(number, gathered(lows, low), gathered(highs, high), size, keys);
            } else {
                layout.pack(number, lows, highs, size, keys);
            }
        }
    }

    private @Nullable EndKey end(Field field) {
        for (EndKey end : ends) {
            if (end.key() == field) {
                return end;
            }
        }
        return null;
    }

    private long[] named(long[] sources, long[] destinations, long[] into) {
        for (int i = 0; i < size; i++) {
            int record = records[i];
            into[i] =
                    directions[i] == Field.UP
                            ? sources[record]
                            : directions[i] == Field.DOWN ? destinations[record] : 0;
        }
        return into;
    }

    private long[] gathered(long[] column, long[] into) {
        for (int i = 0; i < size; i++) {
            into[i] = column[records[i]];
        }
        return into;
    }
}
