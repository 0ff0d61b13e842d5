package io.narwhal.record;

import io.narwhal.base.Check;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/**
 * Up to {@link #CAPACITY} rows of flow records as columns. Only the wanted fields have columns; an
 * address has two. Reused: {@link #clear()} sets the size to 0 and leaves the columns as they are,
 * so whoever appends a record writes every wanted column of it (0 where the record has no such
 * field).
 */
public final class RecordBlock {
    /** Records in a full block: the columns of a usual plan then fit the second-level cache. */
    public static final int CAPACITY = 1024;

    /**
     * The bit in {@link #present()} of a row that is the reverse direction of the record in the row
     * before it (RFC 5103): its packets and octets count, but it is no record of its own.
     */
    public static final long REVERSE = Long.MIN_VALUE;

    private static final long[] NONE = new long[0];

    private final Set<Field> wanted;
    private final long[][] low = new long[Field.values().length][];
    private final long[][] high = new long[Field.values().length][];
    private final long[] present = new long[CAPACITY];
    private int size;

    /** A block with columns for these fields. */
    public RecordBlock(Collection<Field> wanted) {
        this.wanted = Set.copyOf(wanted);
        for (Field field : Field.values()) {
            boolean has = this.wanted.contains(field);
            low[field.ordinal()] = has ? new long[CAPACITY] : NONE;
            high[field.ordinal()] =
                    has && field.kind() == Field.Kind.ADDRESS ? new long[CAPACITY] : NONE;
        }
    }

    /** A block with columns for every field. */
    public static RecordBlock ofAllFields() {
        return new RecordBlock(EnumSet.allOf(Field.class));
    }

    /** Whether this field has a column. */
    public boolean has(Field field) {
        return wanted.contains(field);
    }

    /** The fields that have columns. */
    public Set<Field> wanted() {
        return wanted;
    }

    /** The values of a field, or the low 64 bits of an address. */
    public long[] column(Field field) {
        Check.that(has(field), "the block has a column for %s", field);
        return low[field.ordinal()];
    }

    /** The high 64 bits of an address. */
    public long[] highColumn(Field field) {
        Check.that(
                has(field) && field.kind() == Field.Kind.ADDRESS, "%s is a wanted address", field);
        return high[field.ordinal()];
    }

    /**
     * By record: the bits ({@link Field#bit()}) of the fields that the exporter sent, and {@link
     * #REVERSE}.
     */
    public long[] present() {
        return present;
    }

    /**
     * Whether the record has a value for the field. A sampling rate may have been sent beside the
     * record, in a header or an option, which its bit does not tell: there, 0 is unknown.
     */
    public boolean tells(Field field, int row) {
        return field == Field.SAMPLING_RATE || field == Field.SAMPLING_SOURCE
                ? column(field)[row] != 0
                : (present[row] & field.bit()) != 0;
    }

    /** Whether a row is the reverse direction of the record in the row before it. */
    public boolean isReverse(int row) {
        return present[row] < 0;
    }

    /** How many records the rows are: one each, but for those of reverse directions. */
    public int records() {
        int records = size;
        for (int i = 0; i < size; i++) {
            records += (int) (present[i] >> 63);
        }
        return records;
    }

    /** Rows in the block. */
    public int size() {
        return size;
    }

    /** Says how many records the columns now hold. */
    public void setSize(int size) {
        Check.that(
                size >= 0 && size <= CAPACITY,
                "a block holds 0 to %d records, not %d",
                CAPACITY,
                size);
        this.size = size;
    }

    /** Records that can still be appended. */
    public int room() {
        return CAPACITY - size;
    }

    /** Forgets the records. */
    public void clear() {
        size = 0;
    }
}
