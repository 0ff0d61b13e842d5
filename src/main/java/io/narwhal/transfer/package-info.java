/**
 * The transfer between an accounting agent and an accounting manager: its messages and the state
 * machines of both sides (docs/protocols/transfer.md). They know no socket, no disk and no clock:
 * what comes, what is held and what time it is is told to them, and what they want to say they put
 * into an outbox. So every order of messages, losses and crashes can be played through.
 *
 * <p>Promises: an agent frees nothing that a manager has not acknowledged; a manager acknowledges
 * nothing that is not forced; data is sent only in answer to a {@code provideAccountingData}.
 *
 * <p>Constraints: one thread owns an {@link io.narwhal.transfer.Agent} or a {@link
 * io.narwhal.transfer.Manager} with all its links; 1,024 streams of an agent and kind, 64 writers
 * and 8 histories of each; messages of 512 KiB unless one frame is larger; 65,536 messages not
 * acknowledged. What comes from the other side, or from the disk, is an outcome whatever it says.
 *
 * <p>Never: reads or writes anything, waits, or starts a thread.
 */
@NullMarked
package io.narwhal.transfer;

import org.jspecify.annotations.NullMarked;
