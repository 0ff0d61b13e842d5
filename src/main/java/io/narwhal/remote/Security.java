package io.narwhal.remote;

/** How a side proves who it is. */
public sealed interface Security {
    /** Not at all: on loopback addresses only, and only if the configuration says so. */
    record InClear() implements Security {}

    /** By certificates, on both sides. */
    record Mutual(Credentials credentials) implements Security {}
}
