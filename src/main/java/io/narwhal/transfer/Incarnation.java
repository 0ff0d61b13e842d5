package io.narwhal.transfer;

/**
 * A process that wrote a journal. What two stores have of the same incarnation is the same, as far
 * as both have it: it appended only.
 *
 * @param id unlike any other
 * @param first position of the first frame that it may have written
 */
public record Incarnation(long id, long first) {}
