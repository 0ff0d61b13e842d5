package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged program, as a user runs it. */
final class Program {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final JsonMapper JSON = new JsonMapper();

    /** How a command ended. */
    record Result(int exitCode, String out, String err) {
        JsonNode json() {
            return JSON.readTree(out);
        }
    }

    private final Path directory;

    /** Runs with this working directory. */
    Program(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    /** The command line of the program. */
    static List<String> command(String... arguments) {
        return command(List.of(), List.of(arguments));
    }

    private static List<String> command(List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+UseSerialGC");
        command.add("-Dnarwhal.archives=" + TARGET.resolve("archives"));
        command.add("-Xlog:disable");
        command.addAll(options);
        command.add("-jar");
        command.add(TARGET.resolve("narwhal.jar").toString());
        command.addAll(arguments);
        return command;
    }

    /** Runs a command to its end, two minutes at the most. */
    Result run(String... arguments) throws IOException, InterruptedException {
        return run(List.of(), List.of(arguments));
    }

    /** The same, with options of the virtual machine. */
    Result run(List<String> options, List<String> arguments)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("narwhal-command", ".out");
        Path err = Files.createTempFile("narwhal-command", ".err");
        Process process =
                new ProcessBuilder(command(options, arguments))
                        .directory(directory.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES))
                    .as("%s ends within two minutes", String.join(" ", arguments))
                    .isTrue();
            return new Result(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
            Files.delete(out);
            Files.delete(err);
        }
    }
}
