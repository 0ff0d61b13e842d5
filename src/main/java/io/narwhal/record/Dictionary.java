package io.narwhal.record;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Texts and their numbers, so that columns and keys stay longs. Number 0 is the empty text. */
public final class Dictionary {
    private final List<String> texts = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();

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

    /** Writes the texts in the order of their numbers. */
    public void snapshot(StateWriter out) {
        out.putInt(texts.size() - 1);
        for (String text : texts.subList(1, texts.size())) {
            out.putString(text);
        }
    }

    /** Reads what {@link #snapshot} wrote. */
    public static Dictionary restore(StateReader in) {
        var dictionary = new Dictionary();
        int count = in.getCount(4);
        for (int i = 0; i < count; i++) {
            dictionary.number(in.getString());
        }
        return dictionary;
    }
}
