package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.Problem;
import io.narwhal.inspect.RadiusDictionaries;
import io.narwhal.radius.Dictionaries;

import java.util.List;
import java.util.stream.Stream;

/** Reads the dictionaries of RADIUS attributes and what they include, every line of them. */
record DictionariesValidation(Disk disk) implements Validation {
    @Override
    public List<Problem> problems(NodeConfig config) {
        return RadiusDictionaries.read(config, disk).stream()
                .flatMap(
                        outcome ->
                                switch (outcome) {
                                    case Dictionaries.Outcome.Loaded(Dictionaries _, List<?> _) ->
                                            Stream.<Problem>of();
                                    case Dictionaries.Outcome.Refused(
                                                    List<Dictionaries.Problem> problems) ->
                                            problems.stream().map(DictionariesValidation::problem);
                                })
                .distinct()
                .toList();
    }

    private static Problem problem(Dictionaries.Problem one) {
        return new Problem(one.file(), (int) one.line(), 1, one.message());
    }
}
