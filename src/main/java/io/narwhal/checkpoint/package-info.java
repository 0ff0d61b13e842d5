/**
 * A component's processing context on disk: one file, replaced atomically.
 *
 * <p>Constraints: two generations are kept; a context is at most 2 GiB less 64 bytes; magic,
 * version, generation, length and a checksum over all of it stand in every file. Layout:
 * docs/formats/checkpoint.md. This room never interprets a context, never writes over a generation
 * that it may need, and never takes an empty or cut file for an empty context.
 */
@NullMarked
package io.narwhal.checkpoint;

import org.jspecify.annotations.NullMarked;
