package io.narwhal.inspect;

import io.narwhal.base.Disk;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.RadiusConfig;
import io.narwhal.radius.Dictionaries;
import io.narwhal.radius.Dictionaries.Outcome;
import io.narwhal.radius.Dictionaries.Problem;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The dictionaries of RADIUS attributes that a configuration names for its collectors. */
public final class RadiusDictionaries {
    private RadiusDictionaries() {}

    /** What those of each collector turned out to be, in the order of the configuration. */
    public static List<Outcome> read(NodeConfig config, Disk disk) {
        return config.collectors().stream().flatMap(one -> outcome(one, disk)).toList();
    }

    private static Stream<Outcome> outcome(CollectorConfig collector, Disk disk) {
        RadiusConfig radius = collector.radius();
        return radius == null
                ? Stream.of()
                : Stream.of(Dictionaries.read(radius.dictionaries(), disk));
    }

    /**
     * What a lane's attributes are called: by the dictionaries of its collector; where it has none,
     * as what was imported, by those of all collectors.
     *
     * @throws Unusable when these have an error
     */
    static Dictionaries of(NodeConfig config, String lane, Disk disk) {
        boolean isCollector = config.collectors().stream().anyMatch(one -> one.name().equals(lane));
        List<Path> files =
                config.collectors().stream()
                        .filter(one -> !isCollector || one.name().equals(lane))
                        .map(CollectorConfig::radius)
                        .filter(Objects::nonNull)
                        .flatMap(radius -> radius.dictionaries().stream())
                        .distinct()
                        .toList();
        return usable(Dictionaries.read(files, disk));
    }

    private static Dictionaries usable(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Loaded(Dictionaries dictionaries, List<Problem> _) -> dictionaries;
            case Outcome.Refused(List<Problem> problems) -> throw new Unusable(problems.getFirst());
        };
    }

    /** A dictionary cannot be used. The message says where and what next. */
    public static final class Unusable extends RuntimeException {
        Unusable(Problem problem) {
            super(
                    "the dictionary of attributes cannot be used: "
                            + problem
                            + " (see all with: narwhal check)");
        }
    }
}
