package io.narwhal.config;

/**
 * How often a journal is forced to stable storage.
 *
 * @param everyMs what a power cut may cost at most; a killed process costs nothing
 */
public record CommitConfig(long everyMs) {}
