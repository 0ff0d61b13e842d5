package io.narwhal.wire;

/** What a message carries, as far as it can be counted; one object, reused for each. */
final class MessageCounts {
    /** Flow records. */
    int flows;

    /** Data records of options. */
    int options;

    /** Template records. */
    int templates;

    /** Whether a set has no template, so that there are more records, nobody knows how many. */
    boolean unknown;

    void set(int flows, int options, int templates, boolean unknown) {
        this.flows = flows;
        this.options = options;
        this.templates = templates;
        this.unknown = unknown;
    }
}
