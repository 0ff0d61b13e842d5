package io.narwhal.remote;

/**
 * What one process lets others take of it.
 *
 * @param agentMessageBytes the longest message of an agent that a manager takes: a frame has up to
 *     64 MiB
 * @param managerMessageBytes the longest message of a manager that an agent takes
 * @param aheadBytes received messages that wait to be worked off; beyond it one more at the most
 * @param readyBytes what may wait to be sent before {@link Link#isReady} says no
 * @param connections at once, verified or not
 * @param handshakes of them that are not verified yet; the oldest gives way to the next
 * @param links at once
 * @param linksOfPeer at once with the same first name
 * @param linksOfConnection at once on one connection
 * @param handshakeMs until a connection is verified
 * @param silentMs until a connection has a link, and a link its first valid message
 * @param dialMs until a dialled link is open
 * @param pingMs how often a peer may ping at the most; more often ends its connection
 * @param keepAliveMs silence after which a connection is pinged
 * @param closeMs until a link that was closed in order is ended anyhow
 */
public record Limits(
        int agentMessageBytes,
        int managerMessageBytes,
        int aheadBytes,
        int readyBytes,
        int connections,
        int handshakes,
        int links,
        int linksOfPeer,
        int linksOfConnection,
        long handshakeMs,
        long silentMs,
        long dialMs,
        long pingMs,
        long keepAliveMs,
        long closeMs) {
    private static final int MIB = 1 << 20;

    /** Those of a running node. */
    public static final Limits DEFAULT =
            new Limits(
                    80 * MIB, 4 * MIB, 4 * MIB, 2 * MIB, 512, 128, 256, 8, 8, 10_000, 30_000,
                    10_000, 10_000, 20_000, 2_000);
}
