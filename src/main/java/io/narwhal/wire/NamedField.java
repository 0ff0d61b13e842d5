package io.narwhal.wire;

/**
 * A field of a template with the name that it is shown by.
 *
 * @param enterprise 0 for IANA's elements and for NetFlow
 * @param isShown false for padding
 */
record NamedField(
        long enterprise, int number, boolean isScope, boolean isShown, Registry.Named element) {
    /** The scope types of NetFlow v9 (RFC 3954 §6.1), which are numbered apart. */
    private static final String[] SCOPES = {
        "", "scopeSystem", "scopeInterface", "scopeLineCard", "scopeCache", "scopeTemplate"
    };

    /** The fields of a template, in order. */
    static NamedField[] of(Template template, Registry registry, Vocabulary told) {
        boolean isIpfix = template.protocol == FlowProtocol.IPFIX;
        byte[] definition = template.definition;
        int scopes =
                !template.options
                        ? 0
                        : isIpfix ? Wire.u16(definition, 4) : Wire.u16(definition, 2) / 4;
        var fields = new NamedField[template.lengths.length];
        int p = template.options ? 6 : 4;
        for (int i = 0; i < fields.length; i++) {
            int number = Wire.u16(definition, p);
            boolean isForeign = isIpfix && number >= 0x8000;
            boolean isScope = i < scopes;
            if (isScope && !isIpfix) {
                fields[i] = ofScope(number);
            } else if (isForeign) {
                long enterprise = Wire.u32(definition, p + 4);
                fields[i] = of(enterprise, number & 0x7fff, isScope, registry, told);
            } else {
                boolean isPadding =
                        number == Element.PADDING_OCTETS || number == 0 && !hasTemplates(template);
                Registry.Named element = registry.find(0, number, told);
                fields[i] = new NamedField(0, number, isScope, !isPadding, element);
            }
            p += isForeign ? 8 : 4;
        }
        return fields;
    }

    static NamedField of(
            long enterprise, int number, boolean isScope, Registry registry, Vocabulary told) {
        return new NamedField(
                enterprise, number, isScope, true, registry.find(enterprise, number, told));
    }

    private static NamedField ofScope(int type) {
        String name = type > 0 && type < SCOPES.length ? SCOPES[type] : "scope" + type;
        // Numbered below all elements, so that no element is taken for a scope.
        var element = new Registry.Named(name, ElementType.UNSIGNED64);
        return new NamedField(0, -type - 1, true, true, element);
    }

    /** Whether the layout came from the exporter; in the fixed ones of ours, 0 is padding. */
    private static boolean hasTemplates(Template template) {
        return switch (template.protocol) {
            case NETFLOW_V9, IPFIX -> true;
            case NETFLOW_V1, NETFLOW_V5, NETFLOW_V7, SFLOW -> false;
        };
    }

    boolean isSameElement(NamedField other) {
        return enterprise == other.enterprise && number == other.number;
    }

    /** Whether it is this element of IANA's. */
    boolean is(int ianaNumber) {
        return enterprise == 0 && number == ianaNumber;
    }

    /** What it is called when its name is taken in its record. */
    String numberName() {
        return Registry.numberName(enterprise, number);
    }
}
