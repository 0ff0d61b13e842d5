package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * A node of several that a test has: in a directory and on a host of its own, with whatever
 * components its configuration asks for. Closing it kills whatever of it still lives.
 */
final class PlacedNode implements AutoCloseable {
    private static final int PID_AT = 8;
    private static final int PHASE_AT = 32;
    private static final long RUNNING = 2;

    private final Program program;
    private final List<String> prefix;
    private Process manager;
    private int starts;

    private PlacedNode(Path directory, List<String> prefix) throws IOException {
        this.program = new Program(directory);
        this.prefix = prefix;
        this.manager = launch();
    }

    /** Starts a node on this machine; does not wait. */
    static PlacedNode start(Path directory, String yaml) throws IOException {
        return start(directory, List.of(), yaml);
    }

    /**
     * Starts a node; does not wait.
     *
     * @param prefix what stands before its commands, so that they run on its host
     */
    static PlacedNode start(Path directory, List<String> prefix, String yaml) throws IOException {
        Files.writeString(Files.createDirectories(directory).resolve("narwhal.yaml"), yaml);
        return new PlacedNode(directory, prefix);
    }

    /** Starts a node on this machine, with each @name of its configuration filled in. */
    static PlacedNode start(Path directory, String yaml, Map<String, ?> values) throws IOException {
        return start(directory, filled(yaml, values));
    }

    /** A configuration with each @name filled in. */
    static String filled(String yaml, Map<String, ?> values) {
        String text = yaml;
        for (var value : values.entrySet()) {
            text = text.replace("@" + value.getKey(), value.getValue().toString());
        }
        assertThat(text).doesNotContain("@");
        return text;
    }

    /** A TCP port that nobody has at the moment. */
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process launch() throws IOException {
        starts++;
        List<String> command = new ArrayList<>(prefix);
        command.addAll(Program.command("run", "--config", config().toString()));
        return new ProcessBuilder(command)
                .directory(program.directory().toFile())
                .redirectOutput(out().toFile())
                .redirectError(program.directory().resolve("run-" + starts + ".err").toFile())
                .start();
    }

    private Path out() {
        return program.directory().resolve("run-" + starts + ".out");
    }

    /** Starts the node manager again, as the operating system would; does not wait. */
    void startAgain() throws IOException {
        manager = launch();
    }

    /** Starts it again with another configuration; does not wait. */
    void startAgain(String yaml) throws IOException {
        Files.writeString(config(), yaml);
        startAgain();
    }

    void awaitReady() {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            assertThat(manager.isAlive())
                                    .as("the node manager runs; it said: %s", log())
                                    .isTrue();
                            return Files.readString(out()).contains("ready\n");
                        });
    }

    Path directory() {
        return program.directory();
    }

    Path config() {
        return program.directory().resolve("narwhal.yaml");
    }

    Path data() {
        return program.directory().resolve("data");
    }

    /** What the node manager and its components printed. */
    String log() {
        var text = new StringBuilder();
        try (var files = Files.walk(program.directory())) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".err") || file.toString().endsWith(".log")) {
                    text.append("== ").append(program.directory().relativize(file)).append('\n');
                    text.append(Files.readString(file));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            text.append(e);
        }
        return text.toString();
    }

    /** What one component printed; empty when it never did. */
    String log(String component) throws IOException {
        Path file = data().resolve("log").resolve(component + ".log");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    /** Runs a command on this node's configuration. */
    Program.Result command(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", config().toString()));
        return program.run(all.toArray(String[]::new));
    }

    /** Runs a command on this node's configuration; it must succeed and print JSON. */
    JsonNode json(String... arguments) throws IOException, InterruptedException {
        Program.Result result = command(arguments);
        assertThat(result.exitCode())
                .as("%s: %s %s %s", List.of(arguments), result.out(), result.err(), log())
                .isZero();
        return result.json();
    }

    /** Starts a command on this node's configuration; the caller ends it. */
    Process begin(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(Program.command(arguments));
        command.addAll(List.of("--config", config().toString()));
        return new ProcessBuilder(command)
                .directory(program.directory().toFile())
                .redirectErrorStream(true)
                .redirectOutput(program.directory().resolve(arguments[0] + ".out").toFile())
                .start();
    }

    /** Drains the node. */
    void drain() throws IOException, InterruptedException {
        Program.Result drained = command("drain");
        assertThat(drained.exitCode()).as("%s %s", drained.err(), log()).isZero();
    }

    /** What a usage of this node has, summed by these keys; by bin and all keys without any. */
    Tally usage(String name, String... by) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("usage", name, "--format", "csv"));
        if (by.length > 0) {
            arguments.addAll(List.of("--by", String.join(",", by)));
        }
        Program.Result usage = command(arguments.toArray(String[]::new));
        assertThat(usage.exitCode()).as("%s %s", usage.err(), log()).isZero();
        return Tally.of(usage.out());
    }

    /** Whether the books balance; they must be readable. */
    boolean isBalanced() throws IOException, InterruptedException {
        Program.Result audit = command("audit", "--format", "json");
        assertThat(audit.exitCode()).as("%s", audit.err()).isIn(0, 3);
        return audit.json().path("balanced").asBoolean();
    }

    /** How a link stands, as {@code narwhal transfer} tells it. */
    JsonNode link(String name) throws IOException, InterruptedException {
        JsonNode transfer = json("transfer", "--format", "json");
        for (JsonNode link : transfer.path("links")) {
            if (link.path("link").asString().equals(name)) {
                return link;
            }
        }
        return new JsonMapper().createObjectNode();
    }

    /** What happened to a link: a word and a sentence each. */
    List<String> events(String link) throws IOException, InterruptedException {
        List<String> events = new ArrayList<>();
        for (JsonNode event : link(link).path("events")) {
            events.add(event.path("what").asString() + ": " + event.path("detail").asString());
        }
        return events;
    }

    /** Names of all processes that ever had a page, but for the manager and the keeper. */
    List<String> components() throws IOException {
        var names = new TreeSet<String>();
        Path run = data().resolve("run");
        if (Files.isDirectory(run)) {
            try (var pages = Files.list(run)) {
                pages.map(page -> page.getFileName().toString())
                        .filter(name -> name.endsWith(".page"))
                        .map(name -> name.substring(0, name.length() - ".page".length()))
                        .filter(name -> !name.equals("manager") && !name.startsWith("_"))
                        .forEach(names::add);
            }
        }
        return List.copyOf(names);
    }

    /** The process of a component, from its page, without starting a command. */
    Optional<ProcessHandle> component(String name) throws IOException {
        Path page = data().resolve("run").resolve(name + ".page");
        if (!Files.exists(page)) {
            return Optional.empty();
        }
        long pid =
                ByteBuffer.wrap(Files.readAllBytes(page))
                        .order(ByteOrder.nativeOrder())
                        .getLong(PID_AT);
        return pid == 0 ? Optional.empty() : ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
    }

    /** The process of a component that says that it does its work. */
    Optional<ProcessHandle> running(String name) throws IOException {
        Optional<ProcessHandle> process = component(name);
        if (process.isEmpty()) {
            return process;
        }
        long phase =
                ByteBuffer.wrap(Files.readAllBytes(data().resolve("run").resolve(name + ".page")))
                        .order(ByteOrder.nativeOrder())
                        .getLong(PHASE_AT);
        return process.filter(_ -> phase == RUNNING);
    }

    /** Kills a component, if it runs at the moment. */
    boolean kill(String component) throws IOException {
        return component(component).map(ProcessHandle::destroyForcibly).orElse(false);
    }

    /** Kills the node manager as the kernel would; its components go on. */
    void killManager() throws InterruptedException {
        manager.destroyForcibly().waitFor();
    }

    /** Kills the node manager and every component, but not the keeper of the sockets. */
    void killAll() throws IOException, InterruptedException {
        killManager();
        for (String name : components()) {
            kill(name);
        }
    }

    /** Asks the node manager to stop in order. */
    void stop() throws InterruptedException {
        manager.destroy();
        assertThat(manager.waitFor(60, TimeUnit.SECONDS)).as("the node stops: %s", log()).isTrue();
        assertThat(manager.exitValue()).as("%s", log()).isZero();
    }

    @Override
    public void close() {
        try {
            killAll();
            component("_keeper").ifPresent(ProcessHandle::destroyForcibly);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
