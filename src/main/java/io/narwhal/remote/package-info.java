/**
 * The transfer's messages between hosts: gRPC over mutual TLS. An agent listens ({@link
 * AgentServer}), a manager dials ({@link ManagerClient}); both get a {@link Link} to send by and
 * tell a {@link LinkHandler} what comes. What the messages mean is not known here (room transfer).
 *
 * <p>Constraints: {@link Limits} names every one. TLS 1.3 and 1.2, both sides with a certificate of
 * the configured authorities; in clear on loopback addresses only, and only when asked to. Bytes
 * that are no message are an outcome, counted by {@link Refusal}, logged at most once a second for
 * each reason. Nothing is buffered beyond one message and {@link Limits#aheadBytes()} on the way
 * in; on the way out the sender asks {@link Link#isReady()}.
 *
 * <p>Never: interprets a position, dials again by itself, keeps anything on disk, or lets anyone in
 * whom it could not verify.
 */
@NullMarked
package io.narwhal.remote;

import org.jspecify.annotations.NullMarked;
