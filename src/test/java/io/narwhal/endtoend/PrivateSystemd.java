package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real systemd as the first process of a machine of its own: its processes, network, cgroups and
 * a throw-away copy of the file system. What it does reaches nothing outside. It ends, and leaves
 * nothing, when it is closed and also when this process dies.
 */
final class PrivateSystemd implements AutoCloseable {
    private static final Path SYSTEMD = Path.of("/lib/systemd/systemd");
    private static final Path SCRIPT =
            Path.of("src", "test", "resources", "systemd", "private-systemd.sh").toAbsolutePath();

    /** Whether there is one. */
    sealed interface Search {
        /** It runs. */
        record Running(PrivateSystemd systemd) implements Search {}

        /** It cannot be had here. */
        record Missing(String why) implements Search {}
    }

    private final Path directory;
    private final Process script;
    private final String pid;

    private PrivateSystemd(Path directory, Process script, String pid) {
        this.directory = directory;
        this.script = script;
        this.pid = pid;
    }

    /**
     * Boots one.
     *
     * @param directory for what is needed meanwhile
     * @param shares directories of this machine, and where they are seen there, to be read only
     */
    static Search boot(Path directory, Map<Path, String> shares) throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return new Search.Missing("not root, so no systemd can be booted");
        }
        if (!Files.isExecutable(SYSTEMD) && !install()) {
            return new Search.Missing(SYSTEMD + " is missing and cannot be installed");
        }
        Path units = Files.createDirectories(directory.resolve("units"));
        List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
        command.addAll(List.of(directory.resolve("boot").toString(), units.toString()));
        shares.forEach((from, to) -> command.add(from + "=" + to));
        Files.createDirectories(directory.resolve("boot"));
        Process script =
                new ProcessBuilder(command)
                        .redirectError(directory.resolve("boot.err").toFile())
                        .start();
        String line = firstLine(script);
        if (line.startsWith("up ")) {
            return new Search.Running(new PrivateSystemd(directory, script, line.substring(3)));
        }
        String errors = Files.readString(directory.resolve("boot.err")).strip();
        return new Search.Missing("no systemd can be booted: " + line + " " + errors);
    }

    private static boolean install() throws IOException {
        Process apt =
                new ProcessBuilder(
                                "apt-get",
                                "install",
                                "-y",
                                "-q",
                                "--no-install-recommends",
                                "systemd")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            return apt.waitFor(2, TimeUnit.MINUTES)
                    && apt.exitValue() == 0
                    && Files.isExecutable(SYSTEMD);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            apt.destroyForcibly();
        }
    }

    private static String firstLine(Process script) throws IOException {
        var reader = new BufferedReader(script.inputReader(StandardCharsets.UTF_8));
        String line = reader.readLine();
        return line == null ? "it said nothing" : line;
    }

    /** Runs a command there, with what stands in the file as its input. */
    private Program.Result run(ProcessBuilder.Redirect input, List<String> command)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("nsenter", "-t", pid, "-a", "env", "-i"));
        all.addAll(List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"));
        all.addAll(command);
        Path out = Files.createTempFile(directory, "command", ".out");
        Path err = Files.createTempFile(directory, "command", ".err");
        Process process =
                new ProcessBuilder(all)
                        .redirectInput(input)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES))
                    .as("%s ends within two minutes", String.join(" ", command))
                    .isTrue();
            return new Program.Result(
                    process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Runs a command there. */
    Program.Result run(String... command) throws IOException, InterruptedException {
        return run(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()), List.of(command));
    }

    /** What a command there prints, without the line's end; it must succeed. */
    String tell(String... command) throws IOException, InterruptedException {
        Program.Result result = run(command);
        assertThat(result.exitCode())
                .as("%s: %s %s", String.join(" ", command), result.out(), result.err())
                .isZero();
        return result.out().strip();
    }

    /** Writes a file there; directories are made. */
    void write(String file, String mode, String text) throws IOException, InterruptedException {
        Path source = Files.createTempFile(directory, "file", "");
        Files.writeString(source, text);
        Program.Result result =
                run(
                        ProcessBuilder.Redirect.from(source.toFile()),
                        List.of(
                                "sh",
                                "-c",
                                "mkdir -p \"$(dirname \"$0\")\" && cat >\"$0\" && chmod $1 \"$0\"",
                                file,
                                mode));
        Files.delete(source);
        assertThat(result.exitCode()).as(result.err()).isZero();
    }

    /** A property of a unit. */
    String property(String unit, String name) throws IOException, InterruptedException {
        return tell("systemctl", "show", "-p", name, "--value", unit);
    }

    /** What a unit has logged. */
    String journal(String unit) throws IOException, InterruptedException {
        return tell("journalctl", "--no-pager", "-o", "cat", "-u", unit);
    }

    @Override
    public void close() throws IOException {
        script.getOutputStream().close();
        try {
            assertThat(script.waitFor(1, TimeUnit.MINUTES)).as("systemd ends").isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            script.destroy();
        }
    }
}
