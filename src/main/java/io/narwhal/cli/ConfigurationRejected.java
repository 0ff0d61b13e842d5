package io.narwhal.cli;

import io.narwhal.config.Problem;

import java.util.List;

/** The configuration has problems; nothing was done. Ends with {@link ExitCode#USAGE}. */
final class ConfigurationRejected extends RuntimeException {
    private final transient List<Problem> problems;

    ConfigurationRejected(List<Problem> problems) {
        super("the configuration has " + problems.size() + " problems");
        this.problems = List.copyOf(problems);
    }

    List<Problem> problems() {
        return problems;
    }
}
