/**
 * Traffic sources whose totals are known exactly: exporters that speak NetFlow v1, v5, v7 and v9,
 * IPFIX and sFlow ({@link io.narwhal.generate.TrafficSource}), and access servers that report
 * sessions by RADIUS accounting ({@link io.narwhal.generate.RadiusSource}).
 *
 * <p>Constraints: at most 200 exporters or access servers, a million address pairs, ten million
 * sessions, 64 datagrams a batch; one thread. The same plan makes the same flows and sessions, to
 * the last bit, whatever the machine; only a plan that is ended by the clock (a duration without a
 * rate) ends where the machine got to. Flows: the same datagrams too, no allocation per datagram,
 * at least 6 million records a second flat out on one core, at 24 records a datagram, so that the
 * source is never what a trial measures. RADIUS: which datagrams go depends on the answers.
 *
 * <p>The truth counts what the kernel took, and names what was withheld on purpose; of RADIUS it
 * tells what was answered. Nothing here guesses whether what it sent arrived.
 */
@NullMarked
package io.narwhal.generate;

import org.jspecify.annotations.NullMarked;
