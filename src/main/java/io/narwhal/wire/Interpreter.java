package io.narwhal.wire;

import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Reads every field of a record by its registered name, for a witness. On the way it learns what
 * options records tell of elements (RFC 5610) and of applications (RFC 6759). Costs what showing
 * costs, so there is none where nobody looks.
 */
final class Interpreter {
    /** What all exporters together may teach, each word counted each time that it comes. */
    static final int WORDS_MAX = 1_000_000;

    /** Templates whose names are kept at hand. */
    private static final int LAYOUTS_MAX = 4096;

    private final RecordWitness witness;
    private final Registry registry;
    private final Map<Template, NamedField[]> layouts = new IdentityHashMap<>();
    private int words;

    Interpreter(RecordWitness witness, Registry registry) {
        this.witness = witness;
        this.registry = registry;
    }

    /** Where records come from and lie. */
    record Origin(Scope scope, long arrivalMs, byte[] bytes) {
        /** What that exporter told so far. */
        Vocabulary told() {
            Vocabulary known = scope.vocabulary;
            if (known == null) {
                known = new Vocabulary();
                scope.vocabulary = known;
            }
            return known;
        }
    }

    /**
     * Tells of {@code records} flow records that begin at {@code at} and went to the rows from
     * {@code row} on; they are known to fit.
     */
    void flows(Origin origin, Template template, int at, int to, int records, int row) {
        int p = at;
        for (int i = 0; i < records; i++) {
            var record = new NamedRecord(this, origin, template, p, to);
            witness.onFlow(row + i, record::fields);
            p = record.end();
        }
    }

    /** Tells of options records, and learns what they tell. */
    void options(Origin origin, Template template, int at, int to, int records) {
        int p = at;
        for (int i = 0; i < records; i++) {
            var record = new NamedRecord(this, origin, template, p, to);
            learn(origin.told(), record);
            witness.onOther(RecordWitness.Kind.OPTIONS, record::options);
            p = record.end();
        }
    }

    /** The fields of a template, as that exporter's records are to be read. */
    NamedField[] layout(Origin origin, Template template) {
        NamedField[] known = layouts.get(template);
        if (known == null) {
            if (layouts.size() >= LAYOUTS_MAX) {
                layouts.clear();
            }
            known = NamedField.of(template, registry, origin.told());
            layouts.put(template, known);
        }
        return known;
    }

    /** A field that no template has: the element of a basicList. */
    NamedField field(Origin origin, long enterprise, int number) {
        return NamedField.of(enterprise, number, false, registry, origin.told());
    }

    private void learn(Vocabulary told, NamedRecord record) {
        if (words >= WORDS_MAX) {
            return;
        }
        if (record.value(Element.INFORMATION_ELEMENT_ID) instanceof Long number
                && record.value(Element.INFORMATION_ELEMENT_NAME) instanceof String name) {
            long enterprise = record.number(Element.PRIVATE_ENTERPRISE_NUMBER);
            long type = record.number(Element.INFORMATION_ELEMENT_DATA_TYPE);
            var element = new Registry.Named(name, ElementType.ofCode(type));
            // The enterprise bit of the number means nothing here (RFC 5610 §3.6).
            if (told.learnElement(Registry.key(enterprise, (int) (number & 0x7fff)), element)) {
                words++;
                layouts.clear();
            }
        }
        if (record.value(Element.APPLICATION_ID) instanceof String id
                && record.value(Element.APPLICATION_NAME) instanceof String name) {
            words++;
            told.learnApplication(id, name);
        }
    }
}
