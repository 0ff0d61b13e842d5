package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.component.DataFormat;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.DefaultConfig;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.Problem;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.List;

/** The option {@code --config FILE} that most commands share. */
final class ConfigOption {
    /** The file that is looked for in the working directory. */
    static final String FILE_NAME = "narwhal.yaml";

    /** What to take when no file is named. */
    enum Fallback {
        /** The built-in configuration: for starting a node. */
        BUILT_IN,
        /** narwhal.yaml in the working directory, or the built-in one when there is none. */
        WORKING_DIRECTORY
    }

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration file; see docs/operations/configuration.md.")
    @Nullable Path file;

    /** The configuration with every validation run. */
    Loaded load(Console console, Fallback fallback, List<Validation> validations) {
        return switch (read(console, fallback)) {
            case Loaded.Invalid invalid -> invalid;
            case Loaded.Valid valid -> {
                List<Problem> problems =
                        validations.stream()
                                .flatMap(v -> v.problems(valid.config()).stream())
                                .toList();
                yield problems.isEmpty() ? valid : new Loaded.Invalid(problems);
            }
        };
    }

    /**
     * The configuration, with a data directory that this release can read; its warnings go to
     * standard error.
     *
     * @throws ConfigurationRejected when it has problems
     * @throws DataFormat.Refused when another release wrote the data
     */
    NodeConfig require(Console console, Fallback fallback) {
        return switch (load(console, fallback, Validation.all())) {
            case Loaded.Invalid(var problems) -> throw new ConfigurationRejected(problems);
            case Loaded.Valid(var config, var warnings) -> {
                warnings.forEach(warning -> console.err().println(asWarning(warning)));
                DataFormat.require(Disk.system(), new NodeLayout(config.data()));
                yield config;
            }
        };
    }

    /** How a warning is told from an error. */
    static String asWarning(Problem warning) {
        return new Problem(
                        warning.file(),
                        warning.line(),
                        warning.column(),
                        "warning: " + warning.message())
                .toString();
    }

    private Loaded read(Console console, Fallback fallback) {
        if (file != null) {
            return ConfigLoader.load(console.directory().resolve(file));
        }
        return switch (fallback) {
            case BUILT_IN -> DefaultConfig.load();
            case WORKING_DIRECTORY -> {
                Path here = console.directory().resolve(FILE_NAME);
                yield Disk.system().exists(here) ? ConfigLoader.load(here) : DefaultConfig.load();
            }
        };
    }
}
