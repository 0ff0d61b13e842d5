package io.narwhal.config;

/**
 * How long sessions of RADIUS clients are known.
 *
 * @param keepMs how long after its end a session is known, by arrival time, so that what comes late
 *     or again is told from what is new
 * @param expireMs after how long without a request an open session counts as ended
 */
public record SessionsConfig(long keepMs, long expireMs) {}
