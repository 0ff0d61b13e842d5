/**
 * RADIUS accounting packets (RFC 2865, 2866, 2869, 5080): who may send them, whether they are
 * genuine, what they say, and the answer.
 *
 * <p>Constraints: pure functions of bytes and of what was configured; no clock, disk or socket. Bad
 * bytes are an outcome with a reason, never an exception. A packet has at most {@link
 * io.narwhal.radius.Attribute#PACKET_BYTES_MAX} bytes. Secrets never appear in a message, a log or
 * a {@code toString}.
 *
 * <p>Never here: sessions, differences, duplicates; what a request means for usage is the room
 * {@code session}'s to say.
 */
@NullMarked
package io.narwhal.radius;

import org.jspecify.annotations.NullMarked;
