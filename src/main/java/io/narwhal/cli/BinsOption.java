package io.narwhal.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.time.Instant;

/** The options that choose bins by the time at which they begin. */
final class BinsOption {
    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Bins that begin at or after this time (ISO-8601).")
    @Nullable Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Bins that begin before this time (ISO-8601).")
    @Nullable Instant to;
}
