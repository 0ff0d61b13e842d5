package io.narwhal.cli;

import io.narwhal.base.StateReader;
import io.narwhal.component.DataFormat;
import io.narwhal.config.Nearest;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** The program: {@code narwhal COMMAND}. */
@Command(
        name = "narwhal",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Network usage accounting that loses nothing.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "To see it at work on this machine, without any configuration:",
            "",
            "  narwhal demo",
            "",
            "To begin, write narwhal.yaml:",
            "",
            "  collectors:",
            "    flows: { protocol: netflow, listen: \"[::]:2055\" }",
            "  usage:",
            "    by-pair: { keys: [src_addr, dst_addr], bin: 1m }",
            "",
            "and see what it would run:",
            "",
            "  narwhal check narwhal.yaml",
            "",
            "Each command explains itself: narwhal COMMAND --help",
            "",
            "Exit codes: 0 done; 1 failed, or damage found; 2 wrong command line or",
            "configuration; 3 the books do not balance."
        })
public final class Main implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    private Main() {}

    /** Runs the command and ends the process with its exit code; see {@link ExitCode}. */
    public static void main(String[] args) {
        boolean component = args.length > 0 && args[0].equals(ComponentMain.COMMAND);
        System.exit(component ? ComponentMain.run(args) : run(Console.system(), args));
    }

    /** Runs the command; answers its exit code. */
    static int run(Console console, String... args) {
        try {
            // A known command needs no other to be loaded; help and spelling advice need all.
            boolean known = args.length > 0 && Commands.NAMES.contains(args[0]);
            var names = known ? List.of(args[0]) : Commands.NAMES;
            int code = commandLine(console, names).execute(args);
            return flushed(console, code);
        } catch (IOException | RuntimeException | Error e) {
            return failed(console, e);
        }
    }

    private static int flushed(Console console, int code) throws IOException {
        try {
            console.out().flush();
        } catch (IOException e) {
            if (code != ExitCode.FAILURE) {
                throw e;
            }
            // What failed has been told, and is perhaps this very output.
        }
        return code;
    }

    /** The program with those commands. */
    static CommandLine commandLine(Console console, List<String> names) {
        var line = new CommandLine(new Main());
        for (String name : names) {
            line.addSubcommand(name, Commands.create(name, console));
        }
        line.setOut(console.helpOut());
        line.setErr(console.err());
        line.setUsageHelpAutoWidth(false);
        line.setParameterExceptionHandler((e, _) -> misused(console, e));
        line.setExecutionExceptionHandler((e, _, _) -> failed(console, e));
        return line;
    }

    /** Without a command: the help, which is no failure. */
    @Override
    public Integer call() {
        if (spec != null) {
            spec.commandLine().usage(spec.commandLine().getOut());
        }
        return ExitCode.OK;
    }

    private static int misused(Console console, ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        console.err().println("narwhal: " + e.getMessage() + advice(command, e));
        console.err().println("Run: " + command.qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    private static String advice(CommandSpec command, ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            return "";
        }
        List<String> words = new ArrayList<>(command.optionsMap().keySet());
        words.addAll(command.subcommands().keySet());
        return Nearest.to(unmatched.getUnmatched().getFirst(), words)
                .map(near -> "; did you mean '" + near + "'?")
                .orElse("");
    }

    private static int failed(Console console, Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof OutputClosed) {
                return ExitCode.OK;
            }
        }
        if (failure instanceof ConfigurationRejected rejected) {
            rejected.problems().forEach(console.err()::println);
            return ExitCode.USAGE;
        }
        String message =
                failure instanceof StateReader.Malformed malformed
                        ? DataFormat.ofAnotherRelease("the data directory", malformed)
                        : failure.getMessage();
        console.err()
                .println(
                        "narwhal: "
                                + (message == null
                                        ? failure.getClass().getSimpleName()
                                        : message.strip()));
        if (console.isTraced()) {
            failure.printStackTrace(console.err());
        }
        return ExitCode.FAILURE;
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "narwhal "
                        + (version == null ? "(from its classes)" : version)
                        + ", Java "
                        + Runtime.version()
            };
        }
    }
}
