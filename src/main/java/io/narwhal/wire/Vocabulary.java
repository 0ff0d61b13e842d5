package io.narwhal.wire;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/**
 * What one exporter told in options records about its own words: elements (RFC 5610) and the names
 * of applications (RFC 6759 §5). Only needed to show records, so it is learnt while they are shown
 * and is no part of a decoder's state.
 */
final class Vocabulary {
    /** Elements that one exporter can describe. */
    static final int ELEMENTS_MAX = 1024;

    /** Applications that one exporter can name. */
    static final int APPLICATIONS_MAX = 8192;

    /** Longer names are not learnt. */
    static final int NAME_CHARS_MAX = 200;

    private final Map<Long, Registry.Named> elements = new HashMap<>();
    private final Map<String, String> applications = new HashMap<>();

    Registry.@Nullable Named element(long key) {
        return elements.get(key);
    }

    @Nullable String application(String id) {
        return applications.get(id);
    }

    /**
     * Learns an element, unless there are too many or the name is none.
     *
     * @return whether anything is new
     */
    boolean learnElement(long key, Registry.Named element) {
        boolean isKnown = elements.containsKey(key);
        if (!isName(element.name()) || (!isKnown && elements.size() >= ELEMENTS_MAX)) {
            return false;
        }
        return !element.equals(elements.put(key, element));
    }

    /** Learns an application's name, unless there are too many. */
    void learnApplication(String id, String name) {
        boolean isKnown = applications.containsKey(id);
        if (!name.isEmpty()
                && name.length() <= NAME_CHARS_MAX
                && (isKnown || applications.size() < APPLICATIONS_MAX)) {
            applications.put(id, name);
        }
    }

    /** Whether it can be the name of an element: letters, digits, {@code _ - .}; a letter first. */
    static boolean isName(String name) {
        return !name.isEmpty()
                && name.length() <= NAME_CHARS_MAX
                && isLetter(name.charAt(0))
                && name.chars()
                        .allMatch(
                                c -> isLetter(c) || c >= '0' && c <= '9' || "_-.".indexOf(c) >= 0);
    }

    private static boolean isLetter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }
}
