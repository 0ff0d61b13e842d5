package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Exporters that run on a host, {@code narwhal generate}; what they sent is known to the octet. */
final class Routers {
    private static final int STOPPED = 128 + 15; // by SIGTERM, having told what was sent

    private final Path truth;
    private final Path summary;
    private final Process process;

    private Routers(Path truth, Path summary, Process process) {
        this.truth = truth;
        this.summary = summary;
        this.process = process;
    }

    /**
     * Starts them.
     *
     * @param prefix what stands before the command, so that it runs on its host
     * @param name of their files in the directory
     */
    static Routers start(
            Path directory, List<String> prefix, String name, String target, String... options)
            throws IOException {
        Path truth = directory.resolve(name + ".csv");
        Path summary = directory.resolve(name + ".json");
        List<String> command = new ArrayList<>(prefix);
        command.addAll(
                Program.command("generate", "--target", target, "--truth", truth.toString()));
        command.addAll(List.of("--format", "json"));
        command.addAll(List.of(options));
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(summary.toFile())
                        .redirectError(directory.resolve(name + ".err").toFile())
                        .start();
        return new Routers(truth, summary, process);
    }

    /** Sends so many records to a port of this machine, to the end. */
    static Tally send(Path directory, String name, int port, long records, int rate)
            throws IOException, InterruptedException {
        Routers made =
                start(
                        directory,
                        List.of(),
                        name,
                        "127.0.0.1:" + port,
                        "--records",
                        "" + records,
                        "--rate",
                        "" + rate,
                        "--pairs",
                        "200");
        made.await();
        return made.truth();
    }

    boolean areSending() {
        return process.isAlive();
    }

    /** Asks them to stop. */
    void stop() {
        process.destroy();
    }

    /** Waits until they have sent everything. */
    void await() throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the routers end").isTrue();
        assertThat(process.exitValue()).as(summary.toString()).isIn(0, STOPPED);
        assertThat(truth).exists();
    }

    /** What they sent, by source and destination. */
    Tally truth() throws IOException {
        return Tally.of(Files.readString(truth));
    }

    /** Totals and exporters. */
    JsonNode summary() throws IOException {
        return new JsonMapper().readTree(Files.readString(summary));
    }

    void kill() {
        process.destroyForcibly();
    }
}
