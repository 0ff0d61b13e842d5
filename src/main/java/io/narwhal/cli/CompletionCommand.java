package io.narwhal.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.util.concurrent.Callable;

/** {@code narwhal completion}. */
@Command(
        name = "completion",
        description = "Print a script that completes commands and options in bash and zsh.",
        footer = {"", "Example, for this shell:", "", "  source <(narwhal completion)"})
final class CompletionCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private HelpOption help = new HelpOption();

    CompletionCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var all = Main.commandLine(console, Commands.NAMES);
        console.out().write(AutoComplete.bash("narwhal", all));
        return ExitCode.OK;
    }
}
