package io.narwhal.config;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * Devices that may send RADIUS requests.
 *
 * @param address of these
 * @param secretFile holds the secret that they share with us ({@link Secret}); null, by TLS alone:
 *     the one that RFC 6614 §2.3 gives to everybody
 */
public record ClientConfig(AddressPrefix address, @Nullable Path secretFile) {}
