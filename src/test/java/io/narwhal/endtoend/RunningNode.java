package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.base.Clock;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.Truth;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A node that runs in processes of its own; closing it kills whatever of it still lives. */
final class RunningNode implements AutoCloseable {
    private final Program program;
    private final Path config;
    private final int port;
    private final Map<String, String> environment;
    private Process manager;
    private int starts;

    private RunningNode(Program program, Path config, int port, Map<String, String> environment)
            throws IOException {
        this.environment = environment;
        this.program = program;
        this.config = config;
        this.port = port;
        this.manager = launch();
    }

    /**
     * Writes the configuration, in which %d stands for a free port, starts the node and waits until
     * it is ready.
     */
    static RunningNode start(Path directory, String yaml) throws IOException {
        return start(directory, yaml, Map.of());
    }

    /** As {@link #start}, with these environment variables for all of its processes. */
    static RunningNode start(Path directory, String yaml, Map<String, String> environment)
            throws IOException {
        int port = freePort();
        Path config = directory.resolve("narwhal.yaml");
        Files.writeString(config, yaml.formatted(port));
        var node = new RunningNode(new Program(directory), config, port, environment);
        try {
            node.awaitReady();
            return node;
        } catch (RuntimeException | Error e) {
            node.close();
            throw e;
        }
    }

    static int freePort() throws IOException {
        try (var socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            return socket.getLocalPort();
        }
    }

    private Process launch() throws IOException {
        starts++;
        var builder = new ProcessBuilder(Program.command("run", "--config", config.toString()));
        builder.environment().putAll(environment);
        return builder.directory(program.directory().toFile())
                .redirectOutput(program.directory().resolve("run-" + starts + ".out").toFile())
                .redirectError(program.directory().resolve("run-" + starts + ".err").toFile())
                .start();
    }

    /** Starts the node manager again, as the operating system would; does not wait. */
    void startAgain() throws IOException {
        manager = launch();
    }

    void awaitReady() {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            assertThat(manager.isAlive())
                                    .as("the node manager runs; it said: %s", log())
                                    .isTrue();
                            return Files.readString(
                                            program.directory().resolve("run-" + starts + ".out"))
                                    .contains("ready\n");
                        });
    }

    /** What the node manager and its components printed. */
    String log() {
        var text = new StringBuilder();
        try (var files = Files.walk(program.directory())) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".err") || file.toString().endsWith(".log")) {
                    text.append("== ").append(file.getFileName()).append('\n');
                    text.append(Files.readString(file));
                }
            }
        } catch (IOException e) {
            text.append(e);
        }
        return text.toString();
    }

    int port() {
        return port;
    }

    Path config() {
        return config;
    }

    /** Runs a command on this node's configuration; its output must be JSON. */
    JsonNode json(String... arguments) throws IOException, InterruptedException {
        Program.Result result = command(arguments);
        assertThat(result.exitCode()).as("%s %s", result.out(), result.err()).isZero();
        return result.json();
    }

    /** Runs a command on this node's configuration. */
    Program.Result command(String... arguments) throws IOException, InterruptedException {
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = config.toString();
        return program.run(all);
    }

    /** Starts a command on this node's configuration; the caller ends it. */
    Process begin(String command) throws IOException {
        return new ProcessBuilder(Program.command(command, "--config", config.toString()))
                .directory(program.directory().toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Sends so many records of all protocols, at a pace that any machine keeps up with. */
    Truth send(long records) {
        var plan =
                TrafficPlan.to(new InetSocketAddress("127.0.0.1", port))
                        .exporters(3)
                        .records(records)
                        .recordsPerSecond(24_000)
                        .pairs(500)
                        .startMs(System.currentTimeMillis())
                        .build();
        try (var source = TrafficSource.open(plan, Clock.system())) {
            return source.run(ignored -> {});
        }
    }

    /** Waits until so many records are accounted; the books then. */
    JsonNode awaitAccounted(long records) {
        return await().atMost(Duration.ofSeconds(40))
                .until(
                        () -> command("audit", "--format", "json").json(),
                        books -> books.path("accounted").path("records").asLong() >= records);
    }

    long managerPid() {
        return manager.pid();
    }

    /** Kills the node manager as the kernel would; its components go on. */
    void killManager() throws InterruptedException {
        manager.destroyForcibly().waitFor();
    }

    /** The process of a component, from its page, without starting a command. */
    Optional<ProcessHandle> component(String name) throws IOException {
        Path page = program.directory().resolve("data").resolve("run").resolve(name + ".page");
        if (!Files.exists(page)) {
            return Optional.empty();
        }
        long pid =
                java.nio.ByteBuffer.wrap(Files.readAllBytes(page))
                        .order(java.nio.ByteOrder.nativeOrder())
                        .getLong(8);
        return pid == 0 ? Optional.empty() : ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
    }

    /** Asks the node manager to stop in order; its exit code. */
    int stop() throws InterruptedException {
        manager.destroy();
        assertThat(manager.waitFor(60, TimeUnit.SECONDS)).as("the node stops: %s", log()).isTrue();
        return manager.exitValue();
    }

    @Override
    public void close() {
        manager.destroyForcibly();
        try {
            for (String name : new String[] {"flows", "tcp", "acct", "accounting", "ledger"}) {
                component(name).ifPresent(ProcessHandle::destroyForcibly);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
