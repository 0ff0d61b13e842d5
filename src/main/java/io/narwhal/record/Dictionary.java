package io.narwhal.record;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Texts and their numbers, so that columns and keys stay longs. Number 0 is the empty text. */
public final class Dictionary {
    private static final int CROWDED_AT_LEAST = 1 << 16;

    private final List<String> texts = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    // Texts that were in use when it was last tidied.
    private int kept;

    /** Holds the empty text alone. */
    public Dictionary() {
        number("");
    }

    /** The number of this text, given now if it has none. */
    public int number(String text) {
        Integer known = numbers.get(text);
        if (known != null) {
            return known;
        }
        texts.add(text);
        numbers.put(text, texts.size() - 1);
        return texts.size() - 1;
    }

    /** The text of this number. */
    public String text(int number) {
        Check.that(number >= 0 && number < texts.size(), "text %d is in the dictionary", number);
        return texts.get(number);
    }

    /** Forgets all but the empty text. Numbers that were given before mean nothing from now on. */
    public void clear() {
        texts.clear();
        numbers.clear();
        number("");
    }

    /** How many texts there are, the empty one included. */
    public int size() {
        return texts.size();
    }

    /**
     * Whether so many texts came since it was last tidied that it is worth to look which are still
     * in use: names of sessions come and go without end.
     */
    public boolean isCrowded() {
        return texts.size() > CROWDED_AT_LEAST && texts.size() > 2 * kept;
    }

    /**
     * Forgets all texts that are not in use; the others get new numbers, in the same order.
     *
     * @param used numbers of the texts that are
     * @return the new numbers, by old number; 0 for a text that is forgotten
     */
    public int[] tidy(BitSet used) {
        int[] numbers = new int[texts.size()];
        List<String> all = List.copyOf(texts);
        texts.clear();
        this.numbers.clear();
        number("");
        for (int i = 1; i < all.size(); i++) {
            numbers[i] = used.get(i) ? number(all.get(i)) : 0;
        }
        kept = texts.size();
        return numbers;
    }

    /** Writes the texts in the order of their numbers. */
    public void snapshot(StateWriter out) {
        out.putInt(kept);
        out.putInt(texts.size() - 1);
        for (String text : texts.subList(1, texts.size())) {
            out.putString(text);
        }
    }

    /** Reads what {@link #snapshot} wrote. */
    public static Dictionary restore(StateReader in) {
        var dictionary = new Dictionary();
        int kept = in.getInt();
        int count = in.getCount(4);
        for (int i = 0; i < count; i++) {
            dictionary.number(in.getString());
        }
        dictionary.kept = kept;
        return dictionary;
    }
}
