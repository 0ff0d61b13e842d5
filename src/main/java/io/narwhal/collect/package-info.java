/**
 * From the socket to the received journal.
 *
 * <p>Constraints: receiving is urgent, so nothing is decoded here. A batch of at most 64 datagrams
 * goes from the kernel into a mapped area ({@link io.narwhal.base.InFlight}) and from there, with
 * one copy and one write, into the journal; only then is the area emptied. Killed at any
 * instruction, a batch is in the area, or in the journal, or in both; the area remembers where in
 * the journal it was about to go, so the successor appends it exactly once. A journal that is full
 * makes the intake wait: the kernel queues, and what it drops is counted in the blocks that follow.
 *
 * <p>RADIUS requests are verified before they are journalled, and answered once they are safe
 * ({@link io.narwhal.collect.RequestIntake}): up to 16 batches share one force of the journal. What
 * is refused becomes a note for each source and reason of a batch, so that it is in the books too.
 *
 * <p>RADIUS by TLS comes through {@link io.narwhal.collect.RadsecIntake}: at most 2,000 connections
 * for an address, of which nothing outlives the process, as what was not answered comes again; a
 * client for which 64 KiB of answers wait is disconnected.
 *
 * <p>IPFIX sessions by TCP and TLS come through {@link io.narwhal.collect.StreamIntake}: at most
 * 2,000 for an address, 128 KiB each, of which nothing but the length of its messages is looked at.
 * Nothing is taken from a connection while something waits for room, so exporters wait and nothing
 * is dropped.
 */
@NullMarked
package io.narwhal.collect;

import org.jspecify.annotations.NullMarked;
