package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

final class MainTest {
    private static final Path PAGE = Path.of("docs/operations/commands.md");

    @TempDir private Path directory;

    @Test
    void withoutArgumentsItHelpsAndThatIsNoFailure() {
        CommandLineRun run = CommandLineRun.of(directory);

        assertThat(run.code()).isEqualTo(ExitCode.OK);
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("Usage: narwhal")
                .contains(Commands.NAMES)
                .contains("narwhal check narwhal.yaml");
        assertThat(CommandLineRun.of(directory, "--help").out()).isEqualTo(run.out());
    }

    @Test
    void theConfigurationInTheHelpIsValid() throws IOException {
        String help = CommandLineRun.of(directory).out();
        String yaml =
                help.lines()
                        .dropWhile(line -> !line.equals("  collectors:"))
                        .takeWhile(line -> !line.isEmpty())
                        .map(line -> line.substring(2))
                        .collect(java.util.stream.Collectors.joining("\n"));
        Files.writeString(directory.resolve("narwhal.yaml"), yaml);

        assertThat(CommandLineRun.of(directory, "check", "narwhal.yaml").code()).isZero();
    }

    @Test
    void aMisspeltCommandOrOptionIsAUsageErrorWithAdvice() {
        CommandLineRun command = CommandLineRun.of(directory, "chek");
        CommandLineRun option = CommandLineRun.of(directory, "check", "--fromat", "json");
        CommandLineRun value = CommandLineRun.of(directory, "check", "--format", "csv");

        assertThat(command.code()).isEqualTo(ExitCode.USAGE);
        assertThat(command.err())
                .contains("'chek'; did you mean 'check'?")
                .contains("Run: narwhal --help");
        assertThat(option.code()).isEqualTo(ExitCode.USAGE);
        assertThat(option.err())
                .contains("'--fromat'; did you mean '--format'?")
                .contains("Run: narwhal check --help");
        assertThat(value.code()).isEqualTo(ExitCode.USAGE);
        assertThat(value.err()).contains("'csv' is not table or json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "completion", "check"})
    void aReaderThatGoesAwayEndsACommandQuietly(String command) {
        CommandLineRun run = failingOutput("Broken pipe", command);

        assertThat(run.code()).isEqualTo(ExitCode.OK);
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "completion", "check"})
    void outputThatCannotBeWrittenIsAFailure(String command) {
        CommandLineRun run = failingOutput("No space left on device", command);

        assertThat(run.code()).isEqualTo(ExitCode.FAILURE);
        assertThat(run.err())
                .isEqualTo("narwhal: cannot write to standard output: No space left on device\n");
    }

    @Test
    void aStackTraceIsShownOnlyWhenAskedFor() {
        CommandLineRun run =
                failingOutput(Map.of("NARWHAL_TRACE", "1"), "No space left on device", "check");

        assertThat(run.err()).startsWith("narwhal: cannot write").contains("\tat io.narwhal.cli.");
    }

    @Test
    void theCompletionScriptKnowsEveryCommand() {
        CommandLineRun run = CommandLineRun.of(directory, "completion");

        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("#!").contains(Commands.NAMES).contains("--config");
    }

    @Test
    void everyCommandIsWhatItsNameSaysAndHelpsWithAnExample() {
        for (String name : Commands.NAMES) {
            CommandLineRun help = CommandLineRun.of(directory, name, "--help");

            assertThat(help.code()).isZero();
            assertThat(help.out()).startsWith("Usage: narwhal " + name).contains("\n  ");
            Object command = Commands.create(name, Console.system());
            Command annotation = command.getClass().getAnnotation(Command.class);
            assertThat(annotation.name()).isEqualTo(name);
            assertThat(String.join("\n", annotation.footer())).contains("narwhal " + name);
        }
    }

    @Test
    void thePageHasEveryCommandWithItsOptions() throws IOException {
        String page = Files.readString(PAGE);
        var all = Main.commandLine(Console.system(), Commands.NAMES);

        all.getSubcommands()
                .forEach(
                        (name, command) -> {
                            int start = page.indexOf("\n## narwhal " + name + "\n");
                            assertThat(start).as("section of %s", name).isPositive();
                            int next = page.indexOf("\n## ", start + 1);
                            String section = page.substring(start, next < 0 ? page.length() : next);
                            assertThat(section).contains("$ narwhal " + name);
                            assertHasOptions(section, command);
                            command.getSubcommands()
                                    .values()
                                    .forEach(inner -> assertHasOptions(section, inner));
                        });
    }

    private static void assertHasOptions(String section, CommandLine command) {
        command.getCommandSpec().options().stream()
                .filter(option -> !option.usageHelp() && !option.versionHelp())
                .forEach(option -> assertThat(section).contains(option.longestName()));
    }

    @Test
    void thePageHasTheExitCodes() throws IOException {
        assertThat(Files.readString(PAGE))
                .contains("| " + ExitCode.OK + " | done")
                .contains("| " + ExitCode.FAILURE + " | it failed")
                .contains("| " + ExitCode.USAGE + " | the command line or the configuration")
                .contains("| " + ExitCode.UNBALANCED + " | the books do not balance");
    }

    private CommandLineRun failingOutput(String message, String... args) {
        return failingOutput(Map.of(), message, args);
    }

    private CommandLineRun failingOutput(
            Map<String, String> environment, String message, String... args) {
        var out =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException(message);
                    }
                };
        return CommandLineRun.into(out, directory, environment, args);
    }
}
