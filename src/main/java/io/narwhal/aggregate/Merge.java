package io.narwhal.aggregate;

import io.narwhal.base.Check;
import io.narwhal.record.Dictionary;
import io.narwhal.record.KeyLayout;

/**
 * Adds up what several shards summed for one bin, so that a key that they share makes one row. Keys
 * keep the order in which they first come, shard after shard.
 */
final class Merge {
    private final KeyLayout layout;
    private final int[] textFields;
    private final Dictionary dictionary = new Dictionary();
    private final BinTable sum;
    private final long[] key;

    Merge(KeyLayout layout, BinTable first) {
        this.layout = layout;
        this.textFields = layout.texts();
        this.sum =
                new BinTable(
                        first.startMs(),
                        first.dueMs(),
                        first.late(),
                        layout.width(),
                        first.isScaled());
        this.key = new long[layout.width()];
    }

    /**
     * Adds the entries of one shard.
     *
     * @param texts of its keys
     */
    void add(BinTable bin, Dictionary texts) {
        Check.that(bin.startMs() == sum.startMs(), "bins of one time are added up");
        for (int entry = 0; entry < bin.size(); entry++) {
            System.arraycopy(bin.entries(), bin.keyAt(entry), key, 0, key.length);
            for (int field : textFields) {
                String text = texts.text((int) layout.get(field, key, 0));
                layout.set(field, key, 0, dictionary.number(text));
            }
            int hash = BinTable.hash(key, 0, key.length);
            int found = sum.find(key, 0, hash);
            int into = found >= 0 ? found : sum.insert(key, 0, hash);
            sum.add(into, bin.octets(entry), bin.packets(entry), bin.flows(entry));
            sum.addScaled(into, bin, entry);
        }
    }

    BinTable sum() {
        return sum;
    }

    /** The texts of the sum's keys. */
    Dictionary dictionary() {
        return dictionary;
    }
}
