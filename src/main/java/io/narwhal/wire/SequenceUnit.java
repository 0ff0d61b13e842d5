package io.narwhal.wire;

import io.narwhal.base.StateReader;

/**
 * What the sequence numbers of one exporter count, and whether a message's number counts the
 * message itself. By the papers it does not; some exporters count otherwise than their protocol
 * says (softflowd: {@link #FLOWS_OWN} in IPFIX), and {@link UnitDoubt} finds out.
 */
public enum SequenceUnit {
    /** Data records, those of options included, before this message: RFC 7011 §3.1. */
    RECORDS("records"),
    /** Flow records before this message: NetFlow v5; exporters that do not count options. */
    FLOWS("flow records"),
    /** Data and template records before this message. */
    RECORDS_AND_TEMPLATES("records and templates"),
    /** Messages: NetFlow v9 (RFC 3954 §5.1), sFlow. */
    DATAGRAMS("datagrams"),
    /** Data records, this message's included. */
    RECORDS_OWN("records, own included"),
    /** Flow records, this message's included. */
    FLOWS_OWN("flow records, own included"),
    /** Data and template records, this message's included. */
    RECORDS_AND_TEMPLATES_OWN("records and templates, own included"),
    /** Nothing: there are no numbers, or they never advance. What is missing is unknown. */
    NONE("none");

    private static final SequenceUnit[] BY_CODE = values();

    private final String label;

    SequenceUnit(String label) {
        this.label = label;
    }

    /** As users read it. */
    public String label() {
        return label;
    }

    /** What the numbers of a protocol count by its paper. */
    static SequenceUnit of(FlowProtocol protocol) {
        return switch (protocol.unit()) {
            case NONE -> NONE;
            case FLOWS -> FLOWS;
            case DATAGRAMS -> DATAGRAMS;
            case RECORDS -> RECORDS;
        };
    }

    /**
     * The unit with that code, its ordinal.
     *
     * @throws StateReader.Malformed when a later release wrote it
     */
    static SequenceUnit ofCode(int code) {
        if (code >= BY_CODE.length) {
            throw new StateReader.Malformed(
                    "numbers of an exporter count unit " + code + ", of a later release");
        }
        return BY_CODE[code];
    }

    /** Whether a message's number counts what it carries itself. */
    boolean isOwn() {
        return switch (this) {
            case RECORDS_OWN, FLOWS_OWN, RECORDS_AND_TEMPLATES_OWN -> true;
            case RECORDS, FLOWS, RECORDS_AND_TEMPLATES, DATAGRAMS, NONE -> false;
        };
    }

    /** Whether the options records of a message count. */
    boolean countsOptions() {
        return switch (this) {
            case RECORDS, RECORDS_AND_TEMPLATES, RECORDS_OWN, RECORDS_AND_TEMPLATES_OWN -> true;
            case FLOWS, FLOWS_OWN, DATAGRAMS, NONE -> false;
        };
    }

    /** Whether records of a set that is decoded late take numbers. */
    boolean countsRecords() {
        return this != DATAGRAMS && this != NONE;
    }

    /** How far a message takes the numbers on. */
    int units(MessageCounts counts) {
        return units(counts.flows, counts.options, counts.templates);
    }

    int units(int flows, int options, int templates) {
        return switch (this) {
            case RECORDS, RECORDS_OWN -> flows + options;
            case FLOWS, FLOWS_OWN -> flows;
            case RECORDS_AND_TEMPLATES, RECORDS_AND_TEMPLATES_OWN -> flows + options + templates;
            case DATAGRAMS -> 1;
            case NONE -> 0;
        };
    }
}
