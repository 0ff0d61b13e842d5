package io.narwhal.session;

import io.narwhal.record.Addresses;

import java.util.List;

/**
 * What is known of one session: what other rooms may see of it. Times in ms since 1970.
 *
 * @param clientHigh high half of the address that its requests come from
 * @param clientLow low half
 * @param nas the device's name for itself
 * @param sessionId Acct-Session-Id
 * @param subscriber User-Name or its stand-in; empty when none was given
 * @param state whether it goes on, and how it ended
 * @param startMs when it began, as far as is known
 * @param lastMs time of the newest event
 * @param endMs when it ended; {@link Long#MAX_VALUE} while it is open
 * @param inputOctets from the subscriber (up), the greatest counter told, across wraps and resets
 * @param outputOctets to the subscriber (down)
 * @param inputPackets from the subscriber
 * @param outputPackets to the subscriber
 * @param addresses what the subscriber was given
 * @param terminateCause Acct-Terminate-Cause; 0 when none was given
 */
public record Session(
        long clientHigh,
        long clientLow,
        String nas,
        String sessionId,
        String subscriber,
        State state,
        long startMs,
        long lastMs,
        long endMs,
        long inputOctets,
        long outputOctets,
        long inputPackets,
        long outputPackets,
        List<Held> addresses,
        int terminateCause) {
    /** How a session stands. */
    public enum State {
        /** It goes on. */
        OPEN,
        /** A Stop ended it. */
        STOPPED,
        /** The device booted or ended accounting; its last interim is the estimate. */
        NAS_RESTARTED,
        /** Its id was used anew without a Stop. */
        REPLACED,
        /** Nothing was heard of it for too long. */
        EXPIRED
    }

    /**
     * An address or prefix that the subscriber was given.
     *
     * @param bits how many bits count, 0 to 128; 128 for an IPv4 address
     */
    public record Held(long high, long low, int bits) {
        /** Whether an address is this one or lies in this prefix. */
        public boolean covers(long otherHigh, long otherLow) {
            return ((high ^ otherHigh) & Addresses.highMask(bits)) == 0
                    && ((low ^ otherLow) & Addresses.lowMask(bits)) == 0;
        }

        /** As people write it: an address, or a prefix with its length. */
        public String text() {
            return bits == 128 ? Addresses.text(high, low) : Addresses.text(high, low) + "/" + bits;
        }
    }

    public Session {
        addresses = List.copyOf(addresses);
    }
}
