package io.narwhal.radius;

import io.narwhal.radius.DictionaryFiles.Place;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads the lines of one file of a dictionary. Used once. */
final class DictionaryText {
    /** Characters of a name. */
    static final int NAME_CHARS_MAX = 128;

    private static final long NUMBER_MAX = 0xffff_ffffL;
    private static final int STANDARD_MAX = 255;

    private static final Set<String> FLAGS =
            Set.of(
                    "has_tag",
                    "encrypt",
                    "array",
                    "concat",
                    "virtual",
                    "secret",
                    "internal",
                    "extended",
                    "long_extended",
                    "evs");

    private static final Set<String> OF_VERSION_4 =
            Set.of(
                    "PROTOCOL",
                    "BEGIN-PROTOCOL",
                    "END-PROTOCOL",
                    "BEGIN",
                    "END",
                    "FLAGS",
                    "ALIAS",
                    "ENUM",
                    "DEFINE",
                    "STRUCT",
                    "MEMBER",
                    "UNION");

    private final DictionaryFiles files;
    private final Path path;
    private Place place;

    /** Blocks that the line stands in, the innermost first. */
    private final Deque<Block> blocks = new ArrayDeque<>();

    /** A BEGIN line: of a vendor, which may lie in an attribute of RFC 6929, or of a TLV. */
    private record Block(
            Place place, String name, @Nullable Vendor vendor, @Nullable Definition tlv) {
        String word() {
            return tlv == null ? "VENDOR" : "TLV";
        }
    }

    /** Where an attribute has its place: among the standard ones, a vendor's, or within another. */
    private record Slot(
            Dictionaries made, @Nullable Vendor vendor, @Nullable Definition parent, long number) {
        @Nullable Definition get() {
            return parent != null
                    ? parent.within(number)
                    : vendor != null ? vendor.attribute(number) : made.standard(number);
        }

        void put(Definition one) {
            if (parent != null) {
                parent.putWithin(number, one);
            } else if (vendor != null) {
                vendor.put(number, one);
            } else {
                made.putStandard(number, one);
            }
        }

        /** The greatest number that a packet can carry there. */
        long most() {
            return parent != null || vendor == null ? STANDARD_MAX : vendor.format.typeMax();
        }

        /** The same for the same attribute, and for people. */
        String text(String dotted) {
            return "attribute " + dotted + (vendor == null ? "" : " of " + vendor.name);
        }
    }

    DictionaryText(DictionaryFiles files, Path path) {
        this.files = files;
        this.path = path;
        this.place = new Place(path.toString(), 0);
    }

    void read(String text) {
        long number = 0;
        for (String line : (Iterable<String>) text.lines()::iterator) {
            place = new Place(path.toString(), ++number);
            if (!files.admitsLine(place)) {
                return;
            }
            int comment = line.indexOf('#');
            String said = (comment < 0 ? line : line.substring(0, comment)).strip();
            if (!said.isEmpty()) {
                line(List.of(said.split("\\s+")));
            }
        }
        for (Block block : blocks) {
            files.error(
                    block.place(),
                    "BEGIN-%s %s has no END-%s in this file; add it behind its last attribute"
                            .formatted(block.word(), shown(block.name()), block.word()));
        }
    }

    private void line(List<String> words) {
        String keyword = words.getFirst().toUpperCase(Locale.ROOT);
        switch (keyword) {
            case "ATTRIBUTE" -> ifLong(words, 4, 6, "ATTRIBUTE NAME NUMBER TYPE [FLAGS]");
            case "VALUE" -> ifLong(words, 4, 4, "VALUE ATTRIBUTE NAME NUMBER");
            case "VENDOR" -> ifLong(words, 3, 4, "VENDOR NAME NUMBER [format=T,L]");
            case "BEGIN-VENDOR" -> ifLong(words, 2, 3, "BEGIN-VENDOR NAME [parent=ATTRIBUTE]");
            case "END-VENDOR" -> ifLong(words, 2, 2, "END-VENDOR NAME");
            case "BEGIN-TLV" -> ifLong(words, 2, 2, "BEGIN-TLV ATTRIBUTE");
            case "END-TLV" -> ifLong(words, 2, 2, "END-TLV ATTRIBUTE");
            case "$INCLUDE" -> ifLong(words, 2, 2, "$INCLUDE FILE");
            case "$INCLUDE-" ->
                    error("write $INCLUDE, and leave it out for a file that is not there");
            default -> unknown(words.getFirst(), keyword);
        }
    }

    private void ifLong(List<String> words, int least, int most, String form) {
        if (words.size() < least || words.size() > most) {
            error("%d words; expected: %s".formatted(words.size(), form));
            return;
        }
        switch (words.getFirst().toUpperCase(Locale.ROOT)) {
            case "ATTRIBUTE" -> attribute(words);
            case "VALUE" -> value(words);
            case "VENDOR" -> vendor(words);
            case "BEGIN-VENDOR" -> beginVendor(words);
            case "BEGIN-TLV" -> beginTlv(words.get(1));
            case "END-VENDOR" -> end("VENDOR", words.get(1));
            case "END-TLV" -> end("TLV", words.get(1));
            default -> files.include(path, words.get(1), place);
        }
    }

    private void unknown(String word, String keyword) {
        error(
                OF_VERSION_4.contains(keyword)
                        ? "'%s' belongs to FreeRADIUS 4; give a dictionary of FreeRADIUS 3"
                                .formatted(keyword)
                        : ("unknown keyword '%s'; a line begins with ATTRIBUTE, VALUE, VENDOR,"
                                        + " BEGIN-VENDOR, END-VENDOR, BEGIN-TLV, END-TLV or"
                                        + " $INCLUDE")
                                .formatted(shown(word)));
    }

    private void attribute(List<String> words) {
        String name = words.get(1);
        Vendor vendor = vendorHere();
        boolean isTagged = false;
        boolean isHidden = false;
        for (String flag : flags(words)) {
            Vendor named = files.vendor(flag);
            if (isFlag(flag)) {
                isTagged |= flag.equals("has_tag");
                isHidden |= flag.startsWith("encrypt=");
            } else if (named != null) {
                vendor = named;
            } else {
                error(
                        "'%s' is neither a flag nor a vendor; a VENDOR line must come before"
                                .formatted(shown(flag)));
                return;
            }
        }
        Slot slot = isName(name) ? slot(words.get(2), vendor) : null;
        if (slot != null && files.admitsAttribute(place)) {
            place(slot, words, new Definition(name, type(words.get(3)), isTagged, isHidden));
        }
    }

    private static List<String> flags(List<String> words) {
        return words.subList(4, words.size()).stream()
                .flatMap(word -> Arrays.stream(word.split(",")))
                .filter(flag -> !flag.isEmpty())
                .toList();
    }

    private static boolean isFlag(String flag) {
        return flag.contains("=") || FLAGS.contains(flag);
    }

    private void place(Slot slot, List<String> words, Definition one) {
        Block block = blocks.peek();
        String within = block == null || block.tlv() == null ? "" : " within " + block.tlv().name;
        Definition before = slot.get();
        if (!files.name(place, one, slot.text(words.get(2)) + within, before)) {
            return;
        }
        if (slot.number() <= slot.most()) {
            slot.put(one.keeping(before));
        } else { // servers have such for themselves; their values have names too
            files.warn(
                    place,
                    "no packet can carry attribute %s, as numbers end at %d here; it was passed over"
                            .formatted(words.get(2), slot.most()));
        }
    }

    private AttributeType type(String word) {
        return AttributeType.of(word)
                .orElseGet(
                        () -> {
                            files.warn(
                                    place,
                                    "unknown type '%s', taken for octets; the types are: %s"
                                            .formatted(shown(word), AttributeType.labels()));
                            return AttributeType.OCTETS;
                        });
    }

    private boolean isName(String name) {
        if (name.length() <= NAME_CHARS_MAX && name.chars().noneMatch(Character::isISOControl)) {
            return true;
        }
        error(
                "'%s' is no name of an attribute; it has %d characters at most"
                        .formatted(shown(name), NAME_CHARS_MAX));
        return false;
    }

    private @Nullable Slot slot(String dotted, @Nullable Vendor vendor) {
        String[] steps = dotted.split("\\.", -1);
        Block block = blocks.peek();
        Definition parent = block == null ? null : block.tlv();
        Slot slot = null;
        for (int i = 0; i < steps.length; i++) {
            Long number = number(steps[i], NUMBER_MAX);
            if (number == null) {
                return null;
            }
            if (i > 0) {
                parent = slot == null ? null : slot.get();
                if (parent == null || !parent.type.isContainer()) {
                    noParent(dotted, i, steps, parent);
                    return null;
                }
            }
            slot = new Slot(files.made(), vendor, parent, number);
        }
        return slot;
    }

    private void noParent(String dotted, int step, String[] steps, @Nullable Definition parent) {
        String outer = String.join(".", Arrays.asList(steps).subList(0, step));
        error(
                parent == null
                        ? "attribute %s lies within %s, which no line before has defined"
                                .formatted(shown(dotted), shown(outer))
                        : "attribute %s lies within '%s', whose type is %s; only a tlv holds others"
                                .formatted(shown(dotted), shown(parent.name), parent.type.label()));
    }

    private void value(List<String> words) {
        Long number = number(words.get(3), Long.MAX_VALUE);
        if (number != null) {
            files.value(place, words.get(1), words.get(2), number);
        }
    }

    private void vendor(List<String> words) {
        Long number = number(words.get(2), NUMBER_MAX);
        Vendor.Format format = words.size() == 3 ? Vendor.Format.USUAL : format(words.get(3));
        if (number != null && format != null && isName(words.get(1))) {
            files.vendor(place, words.get(1), number, format);
        }
    }

    private Vendor.@Nullable Format format(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "format=1,1" -> Vendor.Format.USUAL;
            case "format=1,0" -> new Vendor.Format(1, 0, false);
            case "format=1,2" -> new Vendor.Format(1, 2, false);
            case "format=2,0" -> new Vendor.Format(2, 0, false);
            case "format=2,1" -> new Vendor.Format(2, 1, false);
            case "format=2,2" -> new Vendor.Format(2, 2, false);
            case "format=4,0" -> new Vendor.Format(4, 0, false);
            case "format=4,1" -> new Vendor.Format(4, 1, false);
            case "format=4,2" -> new Vendor.Format(4, 2, false);
            case "format=1,1,c" -> new Vendor.Format(1, 1, true);
            default -> {
                error(
                        ("'%s' is no format of a vendor; expected format=T,L of the octets of type"
                                        + " (1, 2 or 4) and of length (0, 1 or 2), or format=1,1,c")
                                .formatted(shown(word)));
                yield null;
            }
        };
    }

    private void beginVendor(List<String> words) {
        Vendor vendor = files.vendor(words.get(1));
        if (vendor == null) {
            error(
                    "no VENDOR line before has the name '%s'; add it, or correct this one"
                            .formatted(shown(words.get(1))));
            // Goes on as if there were one, so that one mistake is one error.
            vendor = new Vendor(words.get(1), 0);
        } else if (words.size() == 3) {
            vendor = extended(vendor, words.get(2));
        }
        begin(new Block(place, words.get(1), vendor, null));
    }

    private Vendor extended(Vendor vendor, String word) {
        String name = word.substring(word.indexOf('=') + 1);
        for (int extended = 241; extended <= 246; extended++) {
            if (name.equalsIgnoreCase("Extended-Vendor-Specific-" + (extended - 240))) {
                Vendor known = files.made().vendor(extended, vendor.number);
                if (known == null) {
                    known = new Vendor(vendor.name, vendor.number);
                    files.made().putVendor(extended, known);
                }
                return known;
            }
        }
        error(
                "'%s' is not understood; expected parent=Extended-Vendor-Specific-1 to -6"
                        .formatted(shown(word)));
        return new Vendor(vendor.name, vendor.number);
    }

    private void beginTlv(String name) {
        Definition tlv = files.attribute(name);
        if (tlv == null || tlv.type != AttributeType.TLV) {
            error(
                    "no ATTRIBUTE line before has the name '%s' and the type tlv"
                            .formatted(shown(name)));
            tlv = new Definition(name, AttributeType.TLV, false, false);
        }
        begin(new Block(place, name, vendorHere(), tlv));
    }

    private void begin(Block block) {
        if (block.tlv() == null && !blocks.isEmpty()) {
            error(
                    "BEGIN-VENDOR within a block that began in line %d; end that first"
                            .formatted(blocks.element().place().line()));
        }
        blocks.push(block);
    }

    private void end(String word, String name) {
        Block block = blocks.peek();
        if (block == null || !block.word().equals(word) || !block.name().equalsIgnoreCase(name)) {
            error(
                    block == null
                            ? "END-%s %s, but no block has begun".formatted(word, shown(name))
                            : "END-%s %s, but the block of line %d is that of %s %s"
                                    .formatted(
                                            word,
                                            shown(name),
                                            block.place().line(),
                                            block.word(),
                                            shown(block.name())));
        }
        blocks.poll();
    }

    private @Nullable Vendor vendorHere() {
        Block block = blocks.peek();
        return block == null ? null : block.vendor();
    }

    private @Nullable Long number(String word, long most) {
        try {
            boolean isHex = word.startsWith("0x") || word.startsWith("0X");
            long number = isHex ? Long.parseUnsignedLong(word.substring(2), 16) : decimal(word);
            if (number >= 0 && number <= most || most == Long.MAX_VALUE) {
                return number;
            }
        } catch (NumberFormatException _) {
            // said below
        }
        error(
                "'%s' is no number; expected one like 26 or 0x1a%s"
                        .formatted(shown(word), most == NUMBER_MAX ? ", 4294967295 at most" : ""));
        return null;
    }

    private static long decimal(String word) {
        return word.startsWith("-") ? Long.parseLong(word) : Long.parseUnsignedLong(word);
    }

    private void error(String message) {
        files.error(place, message);
    }

    private static String shown(String word) {
        return DictionaryFiles.shown(word);
    }
}
