package io.narwhal.radius;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The attributes of a packet by the names of a dictionary, with values as people read them. For
 * whoever shows packets: allocates freely. What cannot be taken apart is shown in hexadecimal.
 */
public final class NamedAttributes {
    private static final int EXTENDED_FIRST = 241;
    private static final int EXTENDED_LAST = 246;
    private static final int EXTENDED_VENDOR = 26;
    private static final int MORE = 0x80;

    private final Dictionaries dictionaries;

    /** Takes the attributes. */
    public interface Sink {
        /**
         * The next attribute, in the order of the packet.
         *
         * @param value a String, Long or BigInteger
         */
        void onAttribute(String name, Object value);
    }

    /** Names after these dictionaries. */
    public NamedAttributes(Dictionaries dictionaries) {
        this.dictionaries = dictionaries;
    }

    /**
     * The attributes of {@code bytes[offset, offset + length)} by name; of those that have one
     * name, a list. Empty for what is no packet.
     */
    public Map<String, Object> of(byte[] bytes, int offset, int length) {
        Map<String, List<Object>> gathered = new LinkedHashMap<>();
        read(
                bytes,
                offset,
                length,
                (name, value) ->
                        gathered.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(value));
        Map<String, Object> named = new LinkedHashMap<>();
        gathered.forEach(
                (name, values) -> named.put(name, values.size() == 1 ? values.getFirst() : values));
        return named;
    }

    /**
     * Tells every attribute of {@code bytes[offset, offset + length)}, those within others too.
     *
     * @return false when it is no packet that holds together; then nothing was told
     */
    public boolean read(byte[] bytes, int offset, int length, Sink sink) {
        int end = Packets.end(bytes, offset, length);
        if (end < 0) {
            return false;
        }
        var packet = new Packet(bytes, sink);
        for (int at = offset + Attribute.HEADER_BYTES; at < end; at += bytes[at + 1] & 0xff) {
            int type = bytes[at] & 0xff;
            packet.standard(type, at + 2, at + (bytes[at + 1] & 0xff));
        }
        return true;
    }

    /** One packet. */
    private final class Packet {
        private final byte[] bytes;
        private final Sink sink;

        Packet(byte[] bytes, Sink sink) {
            this.bytes = bytes;
            this.sink = sink;
        }

        void standard(int type, int at, int end) {
            Definition definition = dictionaries.standard(type);
            if (type == Attribute.VENDOR_SPECIFIC && end - at > 4) {
                vendor(at, end);
            } else if (type >= EXTENDED_FIRST && type <= EXTENDED_LAST && end - at > 1) {
                extended(type, definition, at, end);
            } else {
                attribute(definition, "Attr-" + type, at, end);
            }
        }

        /** An attribute, and what lies within it; its number names it when nothing else does. */
        private void attribute(@Nullable Definition definition, String number, int at, int end) {
            if (definition == null) {
                sink.onAttribute(number, AttributeValue.hex(bytes, at, end));
            } else if (definition.type == AttributeType.TLV
                    && isWalkable(Vendor.Format.USUAL, at, end)) {
                for (int a = at; a < end; a += bytes[a + 1] & 0xff) {
                    int type = bytes[a] & 0xff;
                    attribute(
                            definition.within(type),
                            definition.name + "-Attr-" + type,
                            a + 2,
                            a + (bytes[a + 1] & 0xff));
                }
            } else if (definition.isTagged && isTag(definition, at, end)) {
                tagged(definition, at, end);
            } else {
                sink.onAttribute(definition.name, AttributeValue.of(definition, bytes, at, end));
            }
        }

        // RFC 2868 §3: a tag of 1 to 31 stands before a text, 0 to 31 in the first octet of a
        // number.
        private boolean isTag(Definition definition, int at, int end) {
            int tag = at == end ? 0xff : bytes[at] & 0xff;
            return tag <= 31 && (definition.type.isNumber() ? end - at == 4 : true);
        }

        private void tagged(Definition definition, int at, int end) {
            int tag = bytes[at];
            byte[] value = Arrays.copyOfRange(bytes, at, end);
            value[0] = 0;
            int from = definition.type.isNumber() ? 0 : 1;
            sink.onAttribute(
                    definition.name + (tag == 0 ? "" : ":" + tag),
                    AttributeValue.of(definition, value, from, value.length));
        }

        private void vendor(int at, int end) {
            long number = AttributeValue.number(bytes, at, 4);
            Vendor vendor = dictionaries.vendor(number);
            Vendor.Format format = vendor == null ? Vendor.Format.USUAL : vendor.format;
            if (!isWalkable(format, at + 4, end)) {
                sink.onAttribute("Vendor-" + number, AttributeValue.hex(bytes, at + 4, end));
                return;
            }
            int next;
            for (int a = at + 4; a < end; a = next) {
                next = a + size(format, a, end);
                long type = AttributeValue.number(bytes, a, format.typeOctets());
                attribute(
                        vendor == null ? null : vendor.attribute(type),
                        "Vendor-" + number + "-Attr-" + type,
                        a + format.headerOctets(),
                        next);
            }
        }

        private boolean isWalkable(Vendor.Format format, int at, int end) {
            int a = at;
            while (a < end) {
                int size = size(format, a, end);
                if (size < format.headerOctets() || size > end - a) {
                    return false;
                }
                a += size;
            }
            return at < end;
        }

        /** Octets of the attribute there; 0 when its header does not fit. */
        private int size(Vendor.Format format, int at, int end) {
            if (end - at < format.headerOctets()) {
                return 0;
            }
            return format.lengthOctets() == 0
                    ? end - at
                    : (int)
                            AttributeValue.number(
                                    bytes, at + format.typeOctets(), format.lengthOctets());
        }

        private void extended(int type, @Nullable Definition definition, int at, int end) {
            boolean isLong = type >= 245;
            int within = bytes[at] & 0xff;
            int from = at + (isLong ? 2 : 1);
            String number = "Attr-" + type + "." + within;
            Definition inner = definition == null ? null : definition.within(within);
            if (isLong && (bytes[at + 1] & MORE) != 0) {
                // The first or a middle part of a value: only all parts together have its type.
                sink.onAttribute(
                        inner == null ? number : inner.name, AttributeValue.hex(bytes, from, end));
            } else if (within == EXTENDED_VENDOR && end - from > 5) {
                long enterprise = AttributeValue.number(bytes, from, 4);
                int vendorType = bytes[from + 4] & 0xff;
                Vendor vendor = dictionaries.vendor(type, enterprise);
                attribute(
                        vendor == null ? null : vendor.attribute(vendorType),
                        number + ".Vendor-" + enterprise + "-Attr-" + vendorType,
                        from + 5,
                        end);
            } else {
                attribute(inner, number, from, end);
            }
        }
    }
}
