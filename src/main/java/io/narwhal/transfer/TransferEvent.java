package io.narwhal.transfer;

import java.util.Locale;

/**
 * Something about a link that people should know.
 *
 * @param atMs when, as the machine was told
 * @param kind of what sort
 * @param what in words and numbers
 */
public record TransferEvent(long atMs, Kind kind, String what) {
    /** Sorts of events. */
    public enum Kind {
        /** A journal does not simply go on: a store was lost or restored. */
        VERDICT,
        /** Data that can no longer be had. */
        LOST,
        /** Something that must not be: a wrong digest, an acknowledgement of what was not sent. */
        ALARM,
        /** Another manager of a group is served. */
        FAILOVER,
        /** Two managers of a group may have the same data. */
        AMBIGUOUS,
        /** It is known who has it. */
        RESOLVED,
        /** A manager is no longer in the configuration, or an administrator has accepted. */
        ADMINISTERED,
        /** The other side reports trouble, or a link was closed because of it. */
        TROUBLE;

        /** In lower case. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
