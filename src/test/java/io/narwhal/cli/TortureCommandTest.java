package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class TortureCommandTest {
    @TempDir private Path directory;

    @Test
    void thePlanIsPrintedAndNothingIsDone() throws IOException {
        CommandLineRun run = run("--seed", "1", "--minutes", "1", "--plan");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("SIGKILL", "SIGSTOP", "disk full", "clock steps by");
        assertThat(run("--seed", "1", "--minutes", "1", "--plan").out()).isEqualTo(run.out());
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aProgramReadsThePlan() {
        CommandLineRun run = run("--seed", "1", "--minutes", "0.1", "--plan", "--format", "json");

        assertThat(run.out()).startsWith("{").contains("\"at_ms\" : 1500");
    }

    @Test
    void aFaultThatIsNoneIsNamed() {
        CommandLineRun run = run("--faults", "kill,flood");

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("'flood'", "kill, term, storm, manager");
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThat(run("--minutes", "0").code()).isEqualTo(ExitCode.USAGE);
        assertThat(run("--rate", "1").code()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aDirectoryWithSomethingInItIsLeftAlone() throws IOException {
        Files.writeString(directory.resolve("mine"), "precious");

        CommandLineRun run = run("--data", ".");

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("is not empty");
        assertThat(directory.resolve("mine")).hasContent("precious");
    }

    private CommandLineRun run(String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "torture";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return CommandLineRun.of(directory, all);
    }
}
