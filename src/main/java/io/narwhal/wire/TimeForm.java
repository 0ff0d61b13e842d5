package io.narwhal.wire;

/** How an element tells a time (RFC 7011 §6.1.7 to §6.1.10, RFC 7012 §5). */
enum TimeForm {
    /** Seconds since 1970. */
    SECONDS,
    /** Milliseconds since 1970. */
    MILLISECONDS,
    /** NTP: seconds since 1900 and a 32-bit fraction. */
    NTP,
    /** Microseconds before the export. */
    DELTA_MICROSECONDS,
    /** sysUpTime, unsigned 32 bits of milliseconds, held against the header's. */
    UPTIME;

    private static final long SECONDS_1900_TO_1970 = 2_208_988_800L;

    /** Replaces what stands in the column by milliseconds since 1970. */
    void toMs(Header header, long[] column, int from, int to) {
        switch (this) {
            case SECONDS -> {
                long era = header.eraSeconds();
                for (int i = from; i < to; i++) {
                    column[i] = inEra(column[i], era) * 1000;
                }
            }
            case MILLISECONDS -> {}
            case NTP -> {
                long era = header.eraSeconds();
                for (int i = from; i < to; i++) {
                    column[i] = ntpToMs(column[i], era);
                }
            }
            case DELTA_MICROSECONDS -> {
                long exportUs = header.exportMs * 1000;
                for (int i = from; i < to; i++) {
                    column[i] = Math.floorDiv(exportUs - column[i], 1000L);
                }
            }
            case UPTIME -> {
                // The signed difference of 32 bits is right across the wrap at 49.7 days, and for
                // a flow that ends slightly after its header was written.
                for (int i = from; i < to; i++) {
                    column[i] = header.exportMs - (header.uptimeMs - (int) column[i]);
                }
            }
        }
    }

    // 32 bits of seconds begin anew in 2106, and in NTP's count in 2036 (RFC 7011 §5.2, RFC 5905
    // §6): the first time that is not 68 years before now is meant.
    static long inEra(long seconds, long era) {
        return seconds < era ? seconds + (1L << 32) : seconds;
    }

    private static long ntpToMs(long ntp, long era) {
        long seconds = inEra((ntp >>> 32) - SECONDS_1900_TO_1970, era);
        return seconds * 1000 + ((ntp & 0xffff_ffffL) * 1000 >>> 32);
    }

    /** Whether a number of that many bytes can be such a time. */
    boolean hasWidth(int width) {
        return this == NTP ? width == 8 : width >= 1 && width <= 8;
    }
}
