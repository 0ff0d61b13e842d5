package io.narwhal.cli;

import io.narwhal.component.Kind;
import io.narwhal.config.Nearest;
import io.narwhal.config.NodeConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.List;
import java.util.Set;

/** What the commands share that are given for some components of a node. */
final class ComponentsOption {
    @Mixin ConfigOption option = new ConfigOption();

    @Mixin FormatOption.OfReport printing = new FormatOption.OfReport();

    @Parameters(
            arity = "1..*",
            paramLabel = "COMPONENT",
            completionCandidates = ComponentNames.class,
            description = "Names of components, as 'narwhal status' shows them.")
    private List<String> names = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait until it is done; default ${DEFAULT-VALUE}.")
    int timeoutSeconds;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /** The names that were given, each once. */
    List<String> names() {
        return names.stream().distinct().toList();
    }

    /**
     * The configuration, of which every name is a component.
     *
     * @throws ParameterException when one is none
     */
    NodeConfig require(Console console) {
        NodeConfig config = option.require(console, ConfigOption.Fallback.WORKING_DIRECTORY);
        Set<String> known = Kind.components(config).keySet();
        for (String name : names) {
            if (!known.contains(name)) {
                throw rejected(
                        "no component is called '"
                                + name
                                + "'"
                                + Nearest.to(name, known)
                                        .map(near -> "; did you mean '" + near + "'?")
                                        .orElse("")
                                + " Node "
                                + config.node()
                                + " has: "
                                + String.join(", ", known));
            }
        }
        if (timeoutSeconds < 0) {
            throw rejected("--timeout is a number of seconds, not " + timeoutSeconds);
        }
        return config;
    }

    private RuntimeException rejected(String message) {
        return command == null
                ? new IllegalStateException(message)
                : new ParameterException(command.commandLine(), message);
    }
}
