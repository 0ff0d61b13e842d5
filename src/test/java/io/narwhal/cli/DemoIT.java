package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The demonstration itself, shorter: real processes, real datagrams, real SIGKILLs. */
final class DemoIT {
    @TempDir private Path directory;

    @Test
    void nothingIsLostAndNothingDoubledWhileEveryProcessIsKilled() throws IOException {
        CommandLineRun run =
                CommandLineRun.of(
                        directory,
                        "demo",
                        "--duration",
                        "8",
                        "--rate",
                        "20000",
                        "--kills",
                        "6",
                        "--data",
                        "shown");

        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .contains("SIGKILL", "is back after", "The books balance.")
                .contains("Usage is what was sent, to the last octet")
                .endsWith(", 0 lost, 0 doubled.\n");
        Path configuration = directory.resolve("shown").resolve("narwhal.yaml");
        assertThat(Files.readString(configuration)).contains("by-customer");
        // Its processes are gone, so another node could run on its data; its books can be read.
        CommandLineRun audit =
                CommandLineRun.of(directory, "audit", "--config", configuration.toString());
        assertThat(audit.code()).as(audit.err()).isZero();
    }

    @Test
    void aDirectoryWithSomethingInItIsLeftAlone() throws IOException {
        Files.writeString(directory.resolve("mine"), "precious");

        CommandLineRun run = CommandLineRun.of(directory, "demo", "--data", ".");

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("is not empty");
        assertThat(directory.resolve("mine")).hasContent("precious");
    }
}
