package io.narwhal.wire;

import java.util.Locale;

/**
 * Numbers that one exporter used and that did not come (R38). A gap that was filled is gone from
 * the list; "requested" has no meaning for protocols without retransmission.
 *
 * @param first the first number, modulo 2³²
 * @param count how many, in the exporter's unit
 * @param fromMs arrival of the newest message before it, ms since 1970
 * @param toMs arrival of the message that showed it
 * @param state what can still become of it
 */
public record SequenceGap(long first, long count, long fromMs, long toMs, State state) {
    /** What can become of a gap. */
    public enum State {
        /** Within the window of reordering: may still be filled. */
        OPEN,
        /** Older than the window, or ended by a restart: what did not come is lost for good. */
        LOST;

        /** As users read it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
