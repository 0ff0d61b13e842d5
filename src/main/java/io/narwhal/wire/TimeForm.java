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
                for (int i = from; i < to; i++) {
                    column[i] *= 1000;
                }
            }
            case MILLISECONDS -> {}
            case NTP -> {
                for (int i = from; i < to; i++) {
                    column[i] = ntpToMs(column[i]);
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

    // Seconds before 1970 are those of the NTP era that began in 2036 (RFC 4330 §3).
    private static long ntpToMs(long ntp) {
        long seconds = (ntp >>> 32) - SECONDS_1900_TO_1970;
        if (seconds < 0) {
            seconds += 1L << 32;
        }
        return seconds * 1000 + ((ntp & 0xffff_ffffL) * 1000 >>> 32);
    }
}
