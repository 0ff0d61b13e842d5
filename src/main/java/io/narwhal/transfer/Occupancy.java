package io.narwhal.transfer;

/**
 * What an agent holds that a manager has not acknowledged.
 *
 * @param records as the agent counts them
 * @param bytes of its journals
 * @param oldestMicros arrival of the oldest, since 1970; 0 when nothing is held
 * @param fillPercent of the agent's capacity, 0 to 100
 */
public record Occupancy(long records, long bytes, long oldestMicros, int fillPercent) {
    /** Nothing is held. */
    public static final Occupancy EMPTY = new Occupancy(0, 0, 0, 0);
}
