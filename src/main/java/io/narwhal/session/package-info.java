/**
 * Operator: from RADIUS accounting requests to usage. Knows every session, counts each request
 * once, turns cumulative counters into differences (RFC 2866, 2869), and says who held an address
 * at a time.
 *
 * <p>Constraints: a function of the requests, in the order of the journal, and of a state that it
 * can write and read; no clock, disk, socket or randomness. Sessions are bounded by {@link
 * io.narwhal.session.SessionLimits}; what finds no room is rejected with its reason, never
 * forgotten.
 *
 * <p>Never here: verifying packets (the collector did, before it answered), lookups of customers,
 * aggregation.
 */
@NullMarked
package io.narwhal.session;

import org.jspecify.annotations.NullMarked;
