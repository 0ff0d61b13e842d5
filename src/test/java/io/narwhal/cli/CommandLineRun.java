package io.narwhal.cli;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** What one command printed and how it ended. */
record CommandLineRun(int code, String out, String err) {
    /** Runs {@code narwhal} with these arguments in that directory. */
    static CommandLineRun of(Path directory, String... args) {
        return of(directory, Map.of(), args);
    }

    static CommandLineRun of(Path directory, Map<String, String> environment, String... args) {
        var out = new ByteArrayOutputStream();
        CommandLineRun run = into(out, directory, environment, args);
        return new CommandLineRun(run.code, out.toString(StandardCharsets.UTF_8), run.err);
    }

    /** With standard output going there. */
    static CommandLineRun into(
            OutputStream out, Path directory, Map<String, String> environment, String... args) {
        var err = new StringWriter();
        var console =
                new Console(
                        Console.writer(out), new PrintWriter(err, true), environment, directory);
        return new CommandLineRun(Main.run(console, args), "", err.toString());
    }
}
