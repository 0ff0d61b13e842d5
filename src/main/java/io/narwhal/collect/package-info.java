/**
 * From the socket to the received journal.
 *
 * <p>Constraints: receiving is urgent, so nothing is decoded here. A batch of at most 64 datagrams
 * goes from the kernel into a mapped area ({@link io.narwhal.base.InFlight}) and from there, with
 * one copy and one write, into the journal; only then is the area emptied. Killed at any
 * instruction, a batch is in the area, or in the journal, or in both; the area remembers where in
 * the journal it was about to go, so the successor appends it exactly once. A journal that is full
 * makes the intake wait: the kernel queues, and what it drops is counted in the blocks that follow.
 */
@NullMarked
package io.narwhal.collect;

import org.jspecify.annotations.NullMarked;
