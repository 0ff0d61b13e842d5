package io.narwhal.component;

/**
 * Where a datagram stands in a received journal.
 *
 * @param position of its frame
 * @param index of the datagram in that, from 0
 */
public record HeldPlace(long position, int index) {}
