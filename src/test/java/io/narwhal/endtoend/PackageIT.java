package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What is shipped (issue 5, point 9): the tar.gz runs without any Java on the machine; the .deb is
 * installed, upgraded, removed and purged under a systemd of the test's own, and neither
 * configuration nor data are lost on the way.
 */
class PackageIT {
    private static final String CONFIG = "/etc/narwhal/narwhal.yaml";
    private static final String DATA = "/var/lib/narwhal";
    private static final String UNIT = "narwhal.service";
    private static final long RECORDS = 20_000;

    @TempDir private static Path directory;
    private static Path archive;
    private static Path deb;

    private Process node;

    @BeforeAll
    static void make() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            skip("not root, so no package can be installed");
        }
        if (!Files.isExecutable(Path.of("/usr/bin/dpkg-deb"))) {
            skip("no dpkg-deb, so no .deb can be made");
        }
        var make =
                new ProcessBuilder("packaging/make", "--quick", directory.toString())
                        .redirectError(directory.resolve("make.err").toFile());
        make.environment().put("NARWHAL_JAVA_HOME", System.getProperty("java.home"));
        Process making = make.start();
        List<String> made =
                new String(making.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
        assertThat(making.waitFor()).as(Files.readString(directory.resolve("make.err"))).isZero();
        assertThat(made).hasSize(2);
        archive = Path.of(made.get(0));
        deb = Path.of(made.get(1));
    }

    private static void skip(String why) {
        System.out.println("skipped: " + why);
        Assumptions.abort(why);
    }

    @AfterAll
    static void removePackages() throws IOException {
        if (archive != null) {
            Files.deleteIfExists(archive);
            Files.deleteIfExists(deb);
        }
    }

    private record Ended(int code, String out) {}

    /** Runs a command with nothing in its environment. */
    private Ended run(Path program, String... arguments) throws Exception {
        Path out = Files.createTempFile(directory, "command", ".out");
        Process process = start(program, out, arguments);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).as(String.join(" ", arguments)).isTrue();
        return new Ended(process.exitValue(), Files.readString(out));
    }

    private static Process start(Path program, Path out, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        var builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile());
        builder.environment().clear();
        return builder.start();
    }

    @Test
    void theTreeRunsWithoutAnyJavaOnTheMachineAndPreparesItsClasses() throws Exception {
        assertThat(
                        new ProcessBuilder(
                                        "tar",
                                        "-xzf",
                                        archive.toString(),
                                        "-C",
                                        directory.toString())
                                .start()
                                .waitFor())
                .isZero();
        String name = archive.getFileName().toString();
        Path tree = directory.resolve(name.substring(0, name.length() - ".tar.gz".length()));
        Path program = tree.resolve("bin/narwhal");
        int port = RunningNode.freePort();
        Path config = directory.resolve("narwhal.yaml");
        Files.writeString(
                config,
                """
                data: ./data
                collectors: { flows: { protocol: netflow, listen: "127.0.0.1:%d" } }
                usage: { by-pair: { keys: [src_addr, dst_addr], bin: 1m } }
                """
                        .formatted(port));
        Path out = directory.resolve("run.out");
        node = start(program, out, "run", "--config", config.toString());
        try {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Files.readString(out).contains("ready\n"));
            Ended sent =
                    run(
                            program,
                            "generate",
                            "--target",
                            "127.0.0.1:" + port,
                            "--records",
                            Long.toString(RECORDS),
                            "--rate",
                            "20000");
            assertThat(sent.code()).as(sent.out()).isZero();
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(
                            () ->
                                    assertThat(audit(program, config))
                                            .contains(RECORDS + " of " + RECORDS + ", true"));
            Ended usage = run(program, "usage", "by-pair", "--config", config.toString());
            assertThat(usage.code()).as(usage.out()).isZero();
            assertThat(usage.out()).contains("octets");
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> Files.exists(tree.resolve("archives/made-for")));
            Ended doctor = run(program, "doctor", "--config", config.toString());
            assertThat(doctor.code()).as(doctor.out()).isZero();
            assertThat(doctor.out()).contains("with prepared classes");
        } finally {
            node.destroy();
            assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(node.exitValue()).as(Files.readString(out)).isZero();
    }

    private String audit(Path program, Path config) throws Exception {
        Ended audit = run(program, "audit", "--format", "json", "--config", config.toString());
        var books = new JsonMapper().readTree(audit.out());
        return books.path("accounted").path("records").asLong()
                + " of "
                + books.path("received").path("records").asLong()
                + ", "
                + books.path("balanced").asBoolean();
    }

    @Test
    void thePackageIsInstalledUpgradedAndRemovedAndLosesNeitherConfigurationNorData()
            throws Exception {
        PrivateSystemd systemd =
                switch (PrivateSystemd.boot(
                        Files.createDirectories(directory.resolve("systemd")),
                        Map.of(deb.getParent(), "/opt/packages"))) {
                    case PrivateSystemd.Search.Running(PrivateSystemd host) -> host;
                    case PrivateSystemd.Search.Missing(String why) -> {
                        skip(why);
                        throw new AssertionError("was skipped");
                    }
                };
        try (systemd) {
            String file = "/opt/packages/" + deb.getFileName();
            // Some images forbid packages to restart a service.
            systemd.tell("rm", "-f", "/usr/sbin/policy-rc.d");
            installs(systemd, file);
            upgradeKeeps(systemd, file);
            refusesWhatALaterReleaseWrote(systemd);
            removalKeepsData(systemd);
        }
    }

    private static void installs(PrivateSystemd host, String file) throws Exception {
        assertThat(host.tell("dpkg", "-i", file)).contains("edit /etc/narwhal/narwhal.yaml");
        assertThat(host.property(UNIT, "ActiveState"))
                .as("nothing is started")
                .isEqualTo("inactive");
        assertThat(host.tell("stat", "-c", "%U:%G %a", DATA)).isEqualTo("narwhal:narwhal 750");
        assertThat(host.tell("stat", "-c", "%U:%G %a", "/etc/narwhal"))
                .isEqualTo("root:narwhal 750");
        assertThat(host.tell("getent", "passwd", "narwhal")).endsWith(":/usr/sbin/nologin");
        assertThat(host.tell("dpkg-query", "-W", "-f", "${Conffiles}", "narwhal"))
                .contains(CONFIG, "/etc/narwhal/customers.csv");
        assertThat(host.tell("ls", "/usr/lib/narwhal/archives")).contains("collector.jsa");
        assertThat(host.run("find", "/usr/lib/narwhal", "!", "-user", "root").out()).isEmpty();
        assertThat(
                        host.tell(
                                "runuser",
                                "-u",
                                "narwhal",
                                "--",
                                "narwhal",
                                "check",
                                "--config",
                                CONFIG))
                .contains("is valid");
        assertThat(host.tell("bash", "-n", "/usr/share/bash-completion/completions/narwhal"))
                .isEmpty();
        host.tell("systemctl", "enable", "--now", UNIT);
        assertThat(host.property(UNIT, "ActiveState")).isEqualTo("active");
    }

    private static void upgradeKeeps(PrivateSystemd host, String file) throws Exception {
        String before = host.property(UNIT, "MainPID");
        host.tell("sh", "-c", "echo '# mine' >>" + CONFIG);
        String id = host.tell("sh", "-c", "cd " + DATA + " && ls journal/received/flows");
        host.tell("dpkg", "-i", file);
        assertThat(host.property(UNIT, "ActiveState")).isEqualTo("active");
        assertThat(host.property(UNIT, "MainPID")).isNotEqualTo(before);
        assertThat(host.tell("tail", "-n", "1", CONFIG)).isEqualTo("# mine");
        assertThat(host.tell("sh", "-c", "cd " + DATA + " && ls journal/received/flows"))
                .isEqualTo(id);
        assertThat(host.tell("cat", DATA + "/node/format.json")).contains("\"format\":1");
    }

    private static void refusesWhatALaterReleaseWrote(PrivateSystemd host) throws Exception {
        host.tell("systemctl", "stop", UNIT);
        String mark = "{\\\"format\\\":99,\\\"release\\\":\\\"9.9.9\\\"}";
        host.tell("sh", "-c", "echo \"" + mark + "\" >" + DATA + "/node/format.json");
        Program.Result run =
                host.run("runuser", "-u", "narwhal", "--", "narwhal", "run", "--config", CONFIG);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("format 99", "Run release 9.9.9 or a later one");
    }

    private static void removalKeepsData(PrivateSystemd host) throws Exception {
        host.tell("dpkg", "-r", "narwhal");
        assertThat(host.run("ls", "/usr/lib/narwhal").exitCode()).isNotZero();
        assertThat(host.tell("tail", "-n", "1", CONFIG)).isEqualTo("# mine");
        assertThat(host.tell("dpkg", "-P", "narwhal")).contains(DATA + " and its data stay");
        assertThat(host.run("ls", CONFIG).exitCode()).isNotZero();
        assertThat(host.tell("ls", DATA)).contains("journal");
        assertThat(host.tell("getent", "passwd", "narwhal")).isNotEmpty();
    }
}
