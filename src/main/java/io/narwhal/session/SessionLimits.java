package io.narwhal.session;

/**
 * Bounds on what devices may make us remember.
 *
 * @param sessions sessions of a lane, open and closed ones
 * @param keepMs how long a closed session is known since it closed or was last heard of, so that
 *     what comes late or again is told from what is new
 * @param expireMs after how long without an event an open session counts as ended
 */
public record SessionLimits(int sessions, long keepMs, long expireMs) {
    /** 250,000 sessions, closed ones for three days. */
    public static final SessionLimits DEFAULTS =
            new SessionLimits(250_000, 3 * 86_400_000L, 31 * 86_400_000L);
}
