package io.narwhal.record;

import io.narwhal.base.Check;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the key of a usage row is packed into longs: addresses take two whole longs (high, low), the
 * other fields share longs in the order declared, each in the lowest bits that are free.
 */
public final class KeyLayout {
    private final List<Field> fields;
    private final int[] slots;
    private final int[] shifts;
    private final int width;
    private final int[] texts;

    private KeyLayout(List<Field> fields, int[] slots, int[] shifts, int width) {
        this.fields = fields;
        this.slots = slots;
        this.shifts = shifts;
        this.width = width;
        this.texts =
                IntStream.range(0, fields.size())
                        .filter(i -> fields.get(i).kind() == Field.Kind.TEXT)
                        .toArray();
    }

    /** The numbers of the fields that are texts; not to be changed. */
    public int[] texts() {
        return texts;
    }

    /** The layout of these key fields. */
    public static KeyLayout of(List<Field> fields) {
        int[] slots = new int[fields.size()];
        int[] shifts = new int[fields.size()];
        int width = 0;
        int sharedSlot = -1;
        int used = 64;
        for (int i = 0; i < fields.size(); i++) {
            Field field = fields.get(i);
            if (field.kind() == Field.Kind.ADDRESS) {
                slots[i] = width;
                width += 2;
                continue;
            }
            if (used + field.bits() > 64) {
                sharedSlot = width++;
                used = 0;
            }
            slots[i] = sharedSlot;
            shifts[i] = used;
            used += field.bits();
        }
        return new KeyLayout(List.copyOf(fields), slots, shifts, width);
    }

    /** The fields, in the order declared. */
    public List<Field> fields() {
        return fields;
    }

    /** Longs in a key; 0 when there are no key fields. */
    public int width() {
        return width;
    }

    /**
     * Ors the values of one field into packed keys.
     *
     * @param field number of the field in {@link #fields()}
     * @param low its column; the low halves of an address
     * @param high the high halves of an address, otherwise not looked at
     * @param count records; key {@code i} begins at {@code keys[i * width()]} and was zeroed before
     */
    public void pack(int field, long[] low, long[] high, int count, long[] keys) {
        int slot = slots[field];
        if (fields.get(field).kind() == Field.Kind.ADDRESS) {
            for (int i = 0, at = slot; i < count; i++, at += width) {
                keys[at] = high[i];
                keys[at + 1] = low[i];
            }
            return;
        }
        int shift = shifts[field];
        long mask = mask(field);
        for (int i = 0, at = slot; i < count; i++, at += width) {
            keys[at] |= (low[i] & mask) << shift;
        }
    }

    /** The value of a field (the low half of an address) in the key that begins at {@code at}. */
    public long get(int field, long[] keys, int at) {
        if (fields.get(field).kind() == Field.Kind.ADDRESS) {
            return keys[at + slots[field] + 1];
        }
        return (keys[at + slots[field]] >>> shifts[field]) & mask(field);
    }

    /** The high half of an address field in the key that begins at {@code at}. */
    public long getHigh(int field, long[] keys, int at) {
        Check.that(
                fields.get(field).kind() == Field.Kind.ADDRESS, "only addresses have high halves");
        return keys[at + slots[field]];
    }

    /** Replaces the value of a field that is not an address. */
    public void set(int field, long[] keys, int at, long value) {
        Check.that(fields.get(field).kind() != Field.Kind.ADDRESS, "addresses are packed whole");
        int place = at + slots[field];
        keys[place] =
                keys[place] & ~(mask(field) << shifts[field])
                        | (value & mask(field)) << shifts[field];
    }

    private long mask(int field) {
        return -1L >>> (64 - fields.get(field).bits());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyLayout layout && layout.fields.equals(fields);
    }

    @Override
    public int hashCode() {
        return fields.hashCode();
    }

    @Override
    public String toString() {
        return fields + " at " + Arrays.toString(slots) + " in " + width;
    }
}
