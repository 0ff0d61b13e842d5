package io.narwhal.radius;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/**
 * A vendor by its enterprise number, and how its attributes are laid out (RFC 2865 §5.26). Changed
 * only while dictionaries are read.
 */
final class Vendor {
    /** Layout of a vendor's attributes. */
    record Format(int typeOctets, int lengthOctets, boolean isContinued) {
        /** As RFC 2865 recommends. */
        static final Format USUAL = new Format(1, 1, false);

        /** Octets before a value. */
        int headerOctets() {
            return typeOctets + lengthOctets + (isContinued ? 1 : 0);
        }

        /** The greatest type that fits. */
        long typeMax() {
            return (1L << 8 * typeOctets) - 1;
        }
    }

    final String name;
    final long number;
    Format format = Format.USUAL;
    private final Map<Long, Definition> attributes = new HashMap<>();

    Vendor(String name, long number) {
        this.name = name;
        this.number = number;
    }

    @Nullable Definition attribute(long type) {
        return attributes.get(type);
    }

    void put(long type, Definition one) {
        attributes.put(type, one);
    }
}
