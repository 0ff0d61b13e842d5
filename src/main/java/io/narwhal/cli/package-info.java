/**
 * The commands: what a user types, and what is printed back.
 *
 * <p>Constraints: whatever can be validated without touching a journal is validated before one is
 * touched; results go to standard output, all else to standard error; every command that prints a
 * table prints JSON too; exit codes are those of {@link io.narwhal.cli.ExitCode} and no others; a
 * command loads only its own classes, as a node starts several processes at once. Pages for users:
 * docs/operations/commands.md, which a test holds against the options.
 *
 * <p>This room never shows a stack trace unless {@code NARWHAL_TRACE=1}, and never writes a control
 * character of some exporter or table to a terminal.
 */
@NullMarked
package io.narwhal.cli;

import org.jspecify.annotations.NullMarked;
