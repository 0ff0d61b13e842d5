package io.narwhal.generate;

import io.narwhal.radius.Attribute;
import io.narwhal.radius.RequestWriter;

/**
 * One session of a {@link RadiusPlan}: who has it, and what each of its reports says. Report 0 is
 * the Start, the last is the Stop. A function of plan and number alone.
 */
final class SessionScript {
    private static final int STATUS_START = 1;
    private static final int STATUS_STOP = 2;
    private static final int STATUS_INTERIM = 3;
    private static final int USER_REQUEST = 1;
    private static final int NAS_NETWORK = 0xc000_0201;
    private static final int IPV4_NETWORK = 0x6440_0000;
    private static final int IPV4_MASK = 0x003f_ffff;
    private static final long FRAMED_NETWORK = 0x2001_0db8_0000_0000L;
    private static final long DELEGATED_NETWORK = 0x2001_0db8_8000_0000L;

    private static final long HUGE_OCTETS = 6_000_000_000L;
    private static final long NARROW_MAX = 0xffff_ffffL;
    private static final int SMALL_MASK = 0x3ff_ffff;

    private final RadiusPlan plan;
    private final int number;
    private final String id;
    private final String subscriber;
    private final String nas;

    SessionScript(RadiusPlan plan, int number) {
        this.plan = plan;
        this.number = number;
        this.id = "%08x%08x".formatted(plan.startMs() / 1_000, number);
        this.subscriber = "user%06d@example.net".formatted(number % plan.subscribers());
        this.nas = "nas-" + (nas() + 1);
    }

    int number() {
        return number;
    }

    String id() {
        return id;
    }

    String subscriber() {
        return subscriber;
    }

    String nasName() {
        return nas;
    }

    int nas() {
        return number % plan.nas();
    }

    /** Bits of chance for one purpose; the same for the same seed, session, report and purpose. */
    long draw(int report, int purpose) {
        long z = plan.seed() + number * 0x9e37_79b9_7f4a_7c15L;
        z = mix(z) + report * 64L + purpose;
        return mix(z * 0x9e37_79b9_7f4a_7c15L);
    }

    private static long mix(long bits) {
        long z = (bits ^ bits >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }

    /** The counters at a report, given those of the one before it; the Start has none yet. */
    Counters after(Counters before, int report) {
        if (report == 0) {
            return Counters.ZERO;
        }
        long up = octets(draw(report, 0));
        long down = octets(draw(report, 1));
        return before.plus(up, packets(up, draw(report, 2)), down, packets(down, draw(report, 3)));
    }

    /** The counters at a report. */
    Counters at(int report) {
        Counters counters = Counters.ZERO;
        for (int i = 1; i <= report; i++) {
            counters = after(counters, i);
        }
        return counters;
    }

    /** One in eight reports tells of nothing new, one in eight of gigabytes. */
    private long octets(long bits) {
        long dice = bits >>> 61;
        long octets = bits & SMALL_MASK;
        if (dice == 0) {
            return 0;
        }
        if (dice == 1) {
            octets = plan.gigawords() ? octets + HUGE_OCTETS : NARROW_MAX - octets;
        }
        return octets;
    }

    private static long packets(long octets, long bits) {
        return octets == 0 ? 0 : 1 + octets / (64 + (bits & 1_023));
    }

    /** When a report's event happened, seconds since 1970. */
    long eventSeconds(int report) {
        long back = (plan.stop() - report) * plan.intervalMs();
        long jitter = report == plan.stop() ? 0 : Long.remainderUnsigned(draw(report, 4), 900);
        return (plan.endMs(number) - back - jitter) / 1_000;
    }

    /**
     * Writes a report.
     *
     * @param counters at that report
     * @return octets of the packet
     */
    int write(
            RequestWriter to,
            byte[] into,
            int identifier,
            int report,
            Counters counters,
            long delaySeconds,
            byte[] secret) {
        to.begin(into, 0, identifier);
        identity(to, report);
        to.integer(Attribute.ACCT_DELAY_TIME, delaySeconds);
        to.integer(Attribute.EVENT_TIMESTAMP, eventSeconds(report));
        if (report > 0) {
            usage(to, counters);
            to.integer(Attribute.ACCT_SESSION_TIME, eventSeconds(report) - eventSeconds(0));
        }
        if (report == plan.stop()) {
            to.integer(Attribute.ACCT_TERMINATE_CAUSE, USER_REQUEST);
        }
        if (plan.messageAuthenticator()) {
            to.messageAuthenticator();
        }
        return to.end(secret);
    }

    private void identity(RequestWriter to, int report) {
        int status =
                report == 0 ? STATUS_START : report == plan.stop() ? STATUS_STOP : STATUS_INTERIM;
        to.integer(Attribute.ACCT_STATUS_TYPE, status)
                .text(Attribute.ACCT_SESSION_ID, id)
                .text(Attribute.USER_NAME, subscriber)
                .ipv4(Attribute.NAS_IP_ADDRESS, NAS_NETWORK + nas())
                .text(Attribute.NAS_IDENTIFIER, nas)
                .integer(Attribute.NAS_PORT, number)
                .ipv4(Attribute.FRAMED_IP_ADDRESS, IPV4_NETWORK | number & IPV4_MASK)
                .ipv6Prefix(Attribute.FRAMED_IPV6_PREFIX, FRAMED_NETWORK | number, 0, 64)
                .ipv6Prefix(
                        Attribute.DELEGATED_IPV6_PREFIX,
                        DELEGATED_NETWORK | (long) number << 8 & 0x7fff_ffffL,
                        0,
                        56);
    }

    private void usage(RequestWriter to, Counters counters) {
        to.integer(Attribute.ACCT_INPUT_OCTETS, counters.upOctets())
                .integer(Attribute.ACCT_OUTPUT_OCTETS, counters.downOctets())
                .integer(Attribute.ACCT_INPUT_PACKETS, counters.upPackets())
                .integer(Attribute.ACCT_OUTPUT_PACKETS, counters.downPackets());
        if (plan.gigawords()) {
            to.integer(Attribute.ACCT_INPUT_GIGAWORDS, counters.upOctets() >>> 32)
                    .integer(Attribute.ACCT_OUTPUT_GIGAWORDS, counters.downOctets() >>> 32);
        }
    }
}
