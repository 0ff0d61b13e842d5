package io.narwhal.transfer;

/**
 * One link of a manager.
 *
 * @param name of the link
 * @param agent the name that the agent must have
 * @param journal what is pulled
 * @param everyMs between two pulls when nobody asks
 * @param thresholds when the agent is to ask; may change by {@link ManagerLink#change}
 * @param creditRecords of one pull
 * @param creditBytes of one pull, in octets of frames
 */
public record LinkSettings(
        String name,
        String agent,
        Journal journal,
        long everyMs,
        Thresholds thresholds,
        long creditRecords,
        long creditBytes) {}
