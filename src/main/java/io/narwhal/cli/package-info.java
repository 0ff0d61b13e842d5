/**
 * Commands: parse, validate all that needs no disk, call the rooms below, print.
 *
 * <p>Constraints: results go to standard output, errors and progress to standard error; times are
 * ISO-8601; every exit code is documented. No accounting happens here.
 */
@NullMarked
package io.narwhal.cli;

import org.jspecify.annotations.NullMarked;
