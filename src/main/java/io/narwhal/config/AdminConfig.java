package io.narwhal.config;

/**
 * Where to serve the administrative pages. This release serves none.
 *
 * @param listen TCP address
 */
public record AdminConfig(Listen listen) {}
