package io.narwhal;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A foreign program out of the distribution, for tests that hold Narwhal against it. It is looked
 * for on the PATH; else its package and the libraries that are not installed are unpacked into
 * {@code target/peers}, without installing them; else, as root, the package is installed.
 */
public final class Distribution {
    private static final long TIMEOUT_SECONDS = 120;
    private static final Path PEERS = Path.of("target", "peers");

    private final Path program;
    private final String libraries;

    private Distribution(Path program, String libraries) {
        this.program = program;
        this.libraries = libraries;
    }

    /** Whether there is one to run. */
    public sealed interface Search {
        /** Ready to run. */
        record Found(Distribution program) implements Search {}

        /** Not to be had here; {@code why} lists what was tried. */
        record Missing(String why) implements Search {}
    }

    /** What a program printed on its standard output, and how it ended. */
    public record Result(int exit, Path output, String errors) {}

    /** Looks for a program that is in the package of this name and answers to {@code --version}. */
    public static Search search(String program, String item) {
        return search(program, "--version", item);
    }

    /**
     * Looks for a program that is in the first of these packages and needs what is in the others.
     *
     * @param probe the option that it must answer to without complaint
     */
    public static Search search(String program, String probe, String item, String... needed) {
        List<String> tried = new ArrayList<>();
        Search found = onPath(program, tried);
        if (found instanceof Search.Missing) {
            found = unpacked(program, probe, item, List.of(needed), tried);
        }
        return found instanceof Search.Missing ? installed(program, item, tried) : found;
    }

    /** Where the files of a package are that was unpacked, for what is no program. */
    public static Path unpacked(String item) {
        return PEERS.resolve(item).toAbsolutePath();
    }

    private static Search onPath(String name, List<String> tried) {
        String path = System.getenv().getOrDefault("PATH", "");
        for (String directory : (path + ":/usr/sbin:/usr/local/sbin").split(File.pathSeparator)) {
            Path program = Path.of(directory, name);
            if (Files.isExecutable(program)) {
                return new Search.Found(new Distribution(program, ""));
            }
        }
        return missing(name, tried, "not on the PATH");
    }

    private static Search unpacked(
            String name, String probe, String item, List<String> needed, List<String> tried) {
        Path root = unpacked(item);
        try {
            Files.createDirectories(root);
            if (find(root, name).isEmpty()) {
                unpack(root, item, needed);
            }
            List<Path> programs = find(root, name);
            if (programs.isEmpty()) {
                return missing(name, tried, "not in the package " + item);
            }
            Distribution unpacked = new Distribution(programs.getFirst(), libraries(root));
            Result version = unpacked.run(root, probe);
            return version.exit == 0
                    ? new Search.Found(unpacked)
                    : missing(name, tried, "unpacked, but it says: " + version.errors.strip());
        } catch (IOException e) {
            return missing(name, tried, "cannot be unpacked: " + e.getMessage());
        }
    }

    private static List<Path> find(Path root, String name) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(
                            f ->
                                    f.endsWith(Path.of("bin", name))
                                            || f.endsWith(Path.of("sbin", name)))
                    .filter(Files::isExecutable)
                    .toList();
        }
    }

    private static void unpack(Path root, String item, List<String> needed) throws IOException {
        List<String> download = new ArrayList<>(List.of("apt-get", "-q", "download", item));
        download.addAll(needed);
        List<String> depends = new ArrayList<>(List.of("apt-cache", "depends", "--recurse"));
        for (String kind : List.of("recommends", "suggests", "conflicts", "breaks", "replaces")) {
            depends.add("--no-" + kind);
        }
        depends.addAll(List.of("--no-enhances", item));
        for (String line : text(root, depends).split("\n")) {
            // Libraries only: the rest of what a package depends on is there to install it.
            if (line.startsWith("lib") && !isInstalled(root, line.strip())) {
                download.add(line.strip());
            }
        }
        text(root, download);
        try (Stream<Path> files = Files.list(root)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".deb")).toList()) {
                text(root, List.of("dpkg-deb", "-x", file.getFileName().toString(), "."));
                Files.delete(file);
            }
        }
    }

    private static boolean isInstalled(Path root, String item) throws IOException {
        List<String> ask = List.of("dpkg-query", "-W", "-f", "${Status}", item);
        Result result = run(root, "", ask);
        return Files.readString(result.output).contains("ok installed");
    }

    private static String text(Path root, List<String> command) throws IOException {
        Result result = run(root, "", command);
        if (result.exit != 0) {
            throw new IOException(command.getFirst() + " says: " + result.errors.strip());
        }
        return Files.readString(result.output);
    }

    private static String libraries(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(f -> f.getFileName().toString().contains(".so"))
                    .map(f -> f.getParent().toString())
                    .distinct()
                    .sorted()
                    .collect(Collectors.joining(":"));
        }
    }

    private static Search installed(String name, String item, List<String> tried) {
        if (!"root".equals(System.getProperty("user.name"))) {
            return missing(name, tried, "not root, so it cannot be installed");
        }
        try {
            Path here = Path.of(".");
            Result result = run(here, "", List.of("apt-get", "install", "-y", "-q", item));
            if (result.exit != 0) {
                return missing(name, tried, "apt-get install says: " + result.errors.strip());
            }
        } catch (IOException e) {
            return missing(name, tried, "apt-get does not run: " + e.getMessage());
        }
        return onPath(name, tried);
    }

    private static Search missing(String name, List<String> tried, String why) {
        tried.add(why);
        return new Search.Missing("no " + name + ": " + String.join("; ", tried));
    }

    /**
     * Runs the program in a directory and waits for its end.
     *
     * @throws IOException when it cannot be started, or does not end in two minutes
     */
    public Result run(Path directory, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        return run(directory, libraries, command);
    }

    /** Starts the program in a directory; what it prints goes into a file there. */
    public Process start(Path directory, String output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        if (!libraries.isEmpty()) {
            builder.environment().put("LD_LIBRARY_PATH", libraries);
        }
        return builder.redirectErrorStream(true)
                .redirectOutput(directory.resolve(output).toFile())
                .start();
    }

    private static Result run(Path directory, String libraries, List<String> command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        if (!libraries.isEmpty()) {
            builder.environment().put("LD_LIBRARY_PATH", libraries);
        }
        Path output = Files.createTempFile("program", ".out");
        Path errors = Files.createTempFile("program", ".err");
        output.toFile().deleteOnExit();
        Process process =
                builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(command + " did not end in " + TIMEOUT_SECONDS + " s");
            }
            String said = Files.readString(errors, StandardCharsets.ISO_8859_1);
            return new Result(process.exitValue(), output, said);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(errors);
        }
    }
}
