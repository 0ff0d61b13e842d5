package io.narwhal.endtoend;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The flow meter softflowd 1.x, a foreign exporter whose own statistics say what it sent.
 *
 * <p>It keeps a flow of both directions and exports each direction that saw packets as a record of
 * its own, so there are one or two records a flow. Its per-protocol octets and packets are summed
 * over both directions of what was exported, so they equal the sums over the records exactly.
 * Version 5 leaves IPv6 out: those packets count as ignored.
 *
 * <p>Peculiarities to know when a receiver is held against it: an IPFIX sequence number already
 * includes the records of its own message (RFC 7011 section 3.1 wants those sent before) and leaves
 * out the options data records; version 9 begins its sequence at 1; without {@code -a} the times of
 * a capture file are relative to the start of the process and wrap.
 */
final class Softflowd {
    private static final long TIMEOUT_SECONDS = 30;

    private static final Pattern PACKETS = Pattern.compile("Packets processed: (\\d+)");
    private static final Pattern IGNORED = Pattern.compile("Ignored packets: (\\d+)");
    private static final Pattern EXPIRED = Pattern.compile("Flows expired: (\\d+)");
    private static final Pattern EXPORTED =
            Pattern.compile(
                    "Flows exported: \\d+ \\((\\d+) records\\) in (\\d+) packets \\((\\d+) f");

    /** Like {@code tcp (6): 4301561 6694 35.05s 50.02s}: octets, then packets. */
    private static final Pattern PROTOCOL =
            Pattern.compile("(?m)^.*\\(\\d+\\):\\s+(\\d+)\\s+(\\d+)\\s");

    private final Path program;
    private final String libraries;

    private Softflowd(Path program, String libraries) {
        this.program = program;
        this.libraries = libraries;
    }

    /** Whether there is one to run. */
    sealed interface Search {
        /** Ready to run. */
        record Found(Softflowd softflowd) implements Search {}

        /** Not to be had here; {@code why} lists what was tried. */
        record Missing(String why) implements Search {}
    }

    /** What an export speaks: the number is softflowd's own. */
    enum Version {
        V5(5),
        V9(9),
        IPFIX(10);

        private final int number;

        Version(int number) {
            this.number = number;
        }
    }

    /**
     * What softflowd says that it did.
     *
     * @param packetsProcessed packets of the file that it metered
     * @param packetsIgnored packets that it did not: IPv6 with version 5
     * @param flows of both directions
     * @param records flow records sent: one for each direction of a flow that saw packets
     * @param datagrams sent, those with templates included
     * @param failures datagrams that could not be sent
     * @param octets sum over the records
     * @param packets sum over the records
     */
    record Statistics(
            long packetsProcessed,
            long packetsIgnored,
            long flows,
            long records,
            long datagrams,
            long failures,
            long octets,
            long packets) {

        /** Reads what softflowd prints when it ends. */
        static Statistics parse(String printed) {
            Matcher exported = find(EXPORTED, printed);
            long octets = 0;
            long packets = 0;
            Matcher protocol = PROTOCOL.matcher(printed);
            while (protocol.find()) {
                octets += Long.parseLong(protocol.group(1));
                packets += Long.parseLong(protocol.group(2));
            }
            return new Statistics(
                    Long.parseLong(find(PACKETS, printed).group(1)),
                    Long.parseLong(find(IGNORED, printed).group(1)),
                    Long.parseLong(find(EXPIRED, printed).group(1)),
                    Long.parseLong(exported.group(1)),
                    Long.parseLong(exported.group(2)),
                    Long.parseLong(exported.group(3)),
                    octets,
                    packets);
        }

        private static Matcher find(Pattern pattern, String printed) {
            Matcher matcher = pattern.matcher(printed);
            if (!matcher.find()) {
                throw new IllegalStateException(
                        "softflowd printed no " + pattern + ":\n" + printed);
            }
            return matcher;
        }
    }

    /**
     * Looks on the PATH, then unpacks the distribution's packages into {@code peers} without
     * installing them, then, as root, installs the package.
     */
    static Search search(Path peers) {
        List<String> tried = new ArrayList<>();
        Search found = onPath(tried);
        if (found instanceof Search.Missing) {
            found = unpacked(peers, tried);
        }
        if (found instanceof Search.Missing) {
            found = installed(tried);
        }
        return found;
    }

    private static Search onPath(List<String> tried) {
        String path = System.getenv().getOrDefault("PATH", "");
        for (String directory : (path + ":/usr/sbin:/usr/local/sbin").split(File.pathSeparator)) {
            Path program = Path.of(directory, "softflowd");
            if (Files.isExecutable(program)) {
                return new Search.Found(new Softflowd(program, ""));
            }
        }
        return missing(tried, "not on the PATH");
    }

    static Search unpacked(Path peers, List<String> tried) {
        Path program = peers.resolve("usr/sbin/softflowd").toAbsolutePath();
        try {
            Files.createDirectories(peers);
            // The library has another name since the 64-bit time transition.
            for (String item : List.of("softflowd", "libpcap0.8", "libpcap0.8t64")) {
                if (!Files.exists(program) || !item.equals("softflowd")) {
                    unpack(peers, item);
                }
            }
            Softflowd softflowd = new Softflowd(program, libraries(peers));
            String printed = softflowd.call(peers, List.of(program.toString(), "-h")).printed;
            return printed.contains("pcap_file")
                    ? new Search.Found(softflowd)
                    : missing(tried, "unpacked, but it says: " + printed.strip());
        } catch (IOException e) {
            return missing(tried, "cannot be unpacked: " + e.getMessage());
        }
    }

    private static void unpack(Path peers, String item) throws IOException {
        run(peers, "", List.of("apt-get", "-q", "download", item));
        try (Stream<Path> files = Files.list(peers)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".deb")).toList()) {
                String name = file.getFileName().toString();
                run(peers, "", List.of("dpkg-deb", "-x", name, "."));
                Files.delete(file);
            }
        }
    }

    private static String libraries(Path peers) throws IOException {
        try (Stream<Path> files = Files.walk(peers)) {
            return files.filter(f -> f.getFileName().toString().startsWith("libpcap.so"))
                    .map(f -> f.toAbsolutePath().getParent().toString())
                    .findFirst()
                    .orElse("");
        }
    }

    private static Search installed(List<String> tried) {
        if (!"root".equals(System.getProperty("user.name"))) {
            return missing(tried, "not root, so it cannot be installed");
        }
        try {
            Path here = Path.of(".");
            Result result = run(here, "", List.of("apt-get", "install", "-y", "-q", "softflowd"));
            if (result.exit != 0) {
                return missing(tried, "apt-get install says: " + result.printed.strip());
            }
        } catch (IOException e) {
            return missing(tried, "apt-get does not run: " + e.getMessage());
        }
        return onPath(tried);
    }

    private static Search missing(List<String> tried, String why) {
        tried.add(why);
        return new Search.Missing("no softflowd: " + String.join("; ", tried));
    }

    /**
     * Meters a capture file and sends its flows to a port of this machine, with the capture's own
     * times; {@code directory} takes its control socket.
     */
    Statistics export(Path directory, Path pcap, Version version, int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString(), "-d", "-a"));
        command.addAll(List.of("-r", pcap.toAbsolutePath().toString()));
        command.addAll(List.of("-n", "127.0.0.1:" + port, "-v", "" + version.number));
        // softflowd 1.1.0 hangs when the name of its control socket has more than 12 characters.
        command.addAll(List.of("-p", "s.pid", "-c", "s.ctl"));
        Files.createDirectories(directory);
        Result result = call(directory, command);
        if (result.exit != 0) {
            throw new IOException("softflowd ended with " + result.exit + ": " + result.printed);
        }
        return Statistics.parse(result.printed);
    }

    private Result call(Path directory, List<String> command) throws IOException {
        return run(directory, libraries, command);
    }

    private record Result(int exit, String printed) {}

    private static Result run(Path directory, String libraries, List<String> command)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        if (!libraries.isEmpty()) {
            builder.environment().put("LD_LIBRARY_PATH", libraries);
        }
        Path output = Files.createTempFile("softflowd", ".out");
        Process process = builder.redirectOutput(output.toFile()).start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(command + " did not end in " + TIMEOUT_SECONDS + " s");
            }
            return new Result(
                    process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(output);
        }
    }
}
