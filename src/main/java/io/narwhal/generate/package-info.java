/**
 * A traffic source whose totals are known exactly: exporters that speak NetFlow v1, v5, v7 and v9,
 * IPFIX and sFlow.
 *
 * <p>Constraints: at most 200 exporters, a million address pairs, 64 datagrams a batch; one thread.
 * The same plan makes the same bytes and the same truth, to the last bit, whatever the machine;
 * only a plan that is ended by the clock (a duration without a rate) ends where the machine got to.
 * No allocation per datagram. At least 6 million records a second flat out on one core, at 24
 * records a datagram, so that the source is never what a trial measures.
 *
 * <p>The truth counts what the kernel took, and names what was withheld on purpose. This room never
 * receives, and never guesses whether what it sent arrived.
 */
@NullMarked
package io.narwhal.generate;

import org.jspecify.annotations.NullMarked;
