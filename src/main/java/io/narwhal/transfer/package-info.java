/**
 * The transfer between an accounting agent and an accounting manager: its messages and the state
 * machines of both sides (docs/protocols/transfer.md). They know no socket, no disk and no clock:
 * what comes, what is held and what time it is is told to them, and what they want to say they put
 * into an outbox. So every order of messages, losses and crashes can be played through.
 *
 * <p>Promises: an agent frees nothing that a manager has not acknowledged; a manager acknowledges
 * nothing that is not forced; data is sent only in answer to a {@code provideAccountingData}.
 *
 * <p>Never: reads or writes anything, waits, or starts a thread.
 */
@NullMarked
package io.narwhal.transfer;

import org.jspecify.annotations.NullMarked;
