package io.narwhal.transfer;

/**
 * How one journal stands on a link.
 *
 * @param id which
 * @param epoch of the agent's store
 * @param position everything before is saved: acknowledged (agent), saved (manager)
 * @param sent behind the newest that was sent, or received, on this link
 * @param end of what the agent has; at the manager as of the hello
 * @param verdict how it went on when the link was opened last; null before that
 * @param detail of the verdict, for people
 */
public record StreamFacts(
        StreamId id,
        long epoch,
        long position,
        long sent,
        long end,
        @org.jspecify.annotations.Nullable Verdict verdict,
        String detail) {}
