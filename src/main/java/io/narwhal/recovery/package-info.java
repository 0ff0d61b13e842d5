/**
 * The recovery manager: from the evidence on disk to the way a component resumes.
 *
 * <p>Constraints: it performs no I/O. Evidence comes in, a plan goes out, and every combination of
 * evidence has exactly one plan; the table stands in docs/recovery.md and a test walks it. A plan
 * never guesses: where the evidence does not prove that nothing would be lost or counted twice, the
 * component refuses to start and says what to do. What came of it is a {@link
 * io.narwhal.recovery.RecoveryNote}, one line of JSON for each start.
 */
@NullMarked
package io.narwhal.recovery;

import org.jspecify.annotations.NullMarked;
