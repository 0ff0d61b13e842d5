package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

/**
 * Something that happened to a link and that an operator should know of.
 *
 * @param atMicros when, µs since 1970
 * @param link to which
 * @param stream journal of the agent; empty when it is about all of them
 * @param what in a word, as in {@code narwhal transfer}
 * @param detail in a sentence
 */
public record PullEvent(long atMicros, String link, String stream, String what, String detail) {
    static PullEvent read(StateReader in) {
        return new PullEvent(
                in.getLong(), in.getString(), in.getString(), in.getString(), in.getString());
    }

    void write(StateWriter out) {
        out.putLong(atMicros).putString(link).putString(stream).putString(what).putString(detail);
    }
}
