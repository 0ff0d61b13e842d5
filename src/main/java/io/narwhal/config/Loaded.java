package io.narwhal.config;

import io.narwhal.base.Check;

import java.util.List;

/** What became of a configuration file. */
public sealed interface Loaded {
    /**
     * It can be run.
     *
     * @param warnings what is accepted but will not do what one might expect, in file order
     */
    record Valid(NodeConfig config, List<Problem> warnings) implements Loaded {
        public Valid {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * It cannot.
     *
     * @param problems all of them, in file order; at least one
     */
    record Invalid(List<Problem> problems) implements Loaded {
        public Invalid {
            problems = List.copyOf(problems);
            Check.that(!problems.isEmpty(), "an invalid configuration has a problem");
        }
    }
}
