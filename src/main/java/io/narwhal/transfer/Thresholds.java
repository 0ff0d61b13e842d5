package io.narwhal.transfer;

/**
 * When a manager wants to be asked to pull: its policy.
 *
 * @param approachPercent fill of the buffer that approaches capacity; 0 and 100: never (RFC 2720
 *     flowFloodMark)
 * @param clearPercent below this the report is armed again
 * @param records held; 0: never
 * @param ageMs of the oldest record; 0: never
 * @param notifyRetryMs between two requests while the condition holds
 */
public record Thresholds(
        int approachPercent, int clearPercent, long records, long ageMs, long notifyRetryMs) {}
