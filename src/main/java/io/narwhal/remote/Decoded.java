package io.narwhal.remote;

/**
 * What bytes say.
 *
 * @param <M> messages of one side
 */
sealed interface Decoded<M> {
    /** A message. {@code bytes} is its length on the wire. */
    record Message<M>(M message, int bytes) implements Decoded<M> {}

    /** Bytes that are none; the reason reads on behind "a message that". */
    record Malformed<M>(String why) implements Decoded<M> {}
}
