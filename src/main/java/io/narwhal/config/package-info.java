/**
 * The configuration: one YAML file in, plain records or a list of problems out.
 *
 * <p>Constraints: a file is at most 1 MiB of UTF-8 and 20 levels deep; every problem carries file,
 * line and column, and all problems are reported at once, not the first alone. Every key, with its
 * type, default and range, is a constant of {@link io.narwhal.config.Key}; the page
 * docs/operations/configuration.md says the same for operators and a test holds the two together.
 * Durations are milliseconds and sizes bytes once read, and their names say so.
 *
 * <p>This room never guesses: an unknown key, a key given twice and a value out of range are
 * problems, not warnings. It opens no file but the configuration and the tables that it names (only
 * to learn whether they can be read), and it never looks into a table. Certificates, keys and
 * shared secrets are tried when they are named; no message ever says what a key or a secret is.
 */
@NullMarked
package io.narwhal.config;

import org.jspecify.annotations.NullMarked;
