package io.narwhal.radius;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a dictionary says of an attribute: its name, its type, the names of its values and what lies
 * within it. Changed only while dictionaries are read.
 */
final class Definition {
    final String name;
    final AttributeType type;

    /** Whether an octet of a tag may stand before the value (RFC 2868 §3). */
    final boolean isTagged;

    /** Whether it hides a password (RFC 2865 §5.2), which is shown as the octets that came. */
    final boolean isHidden;

    private final Map<Long, String> values = new HashMap<>();
    private final Map<Long, Definition> within = new HashMap<>();

    Definition(String name, AttributeType type, boolean isTagged, boolean isHidden) {
        this.name = name;
        this.type = type;
        this.isTagged = isTagged;
        this.isHidden = isHidden;
    }

    /** The name of a value; null when it has none. */
    @Nullable String valueName(long value) {
        return values.get(value);
    }

    void nameValue(long value, String name) {
        values.put(value, name);
    }

    /** The attribute of that number within this one; null when none is known. */
    @Nullable Definition within(long number) {
        return within.get(number);
    }

    void putWithin(long number, Definition one) {
        within.put(number, one);
    }

    /** Tells this one and all within it. */
    void each(Consumer<Definition> sink) {
        sink.accept(this);
        within.values().forEach(one -> one.each(sink));
    }

    /** Takes over what was known of an attribute before it was defined again. */
    Definition keeping(@Nullable Definition before) {
        if (before != null) {
            if (type == before.type) {
                before.values.forEach(values::putIfAbsent);
            }
            if (type.isContainer() && before.type.isContainer()) {
                before.within.forEach(within::putIfAbsent);
            }
        }
        return this;
    }
}
