package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The shipped unit under a real systemd (R20, R21): whatever is killed comes back, and what the
 * kernel queued meanwhile is counted, even if no process of the node was left to hold the socket.
 */
class SystemdIT {
    private static final String UNIT = "narwhal.service";
    private static final Path SHIPPED = Path.of("packaging", "systemd", UNIT);
    private static final String PROGRAM = "/usr/lib/narwhal/bin/narwhal";
    private static final String CONFIG = "/etc/narwhal/narwhal.yaml";
    private static final String DATA = "/var/lib/narwhal";
    private static final List<String> COMPONENTS =
            List.of("flows", "routers", "accounting", "ledger");
    private static final String WELL = "4 components run";
    private static final String PORT_HEX = "0807"; // 2055

    /** So few that the queue of any machine holds them for some seconds. */
    private static final int RECORDS_PER_SECOND = 1_000;

    private static final String YAML =
            """
            node: edge-1
            data: /var/lib/narwhal
            collectors:
              flows: { protocol: netflow, listen: "[::]:2055" }
              routers: { protocol: ipfix, transport: tcp, listen: "127.0.0.1:4739" }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 2s }
            outputs:
              ledger: { type: parquet }
            """;

    private static final String LAUNCHER =
            """
            #!/bin/sh
            exec /opt/java/bin/java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable \
                -jar /opt/narwhal/narwhal.jar "$@"
            """;

    /**
     * What is waited for here need not take as long as on a machine that has other things to do.
     */
    // Who stops a component wakes it up: as long as that manager lives, it is halted again.
    private static final String HALT =
            "(while kill -0 %s; do kill -STOP %d; sleep 0.05; done; kill -CONT %d) >/dev/null 2>&1"
                    + " &";

    private static final String DROP_IN = "[Service]\nWatchdogSec=5s\n";

    @TempDir private static Path directory;
    private static PrivateSystemd host;

    @BeforeAll
    static void boot() throws Exception {
        Map<Path, String> shares =
                Map.of(
                        Path.of(System.getProperty("java.home")), "/opt/java",
                        Path.of("target").toAbsolutePath(), "/opt/narwhal");
        switch (PrivateSystemd.boot(directory, shares)) {
            case PrivateSystemd.Search.Running(PrivateSystemd systemd) -> host = systemd;
            case PrivateSystemd.Search.Missing(String why) -> {
                System.out.println("skipped: " + why);
                Assumptions.abort(why);
            }
        }
        host.tell(
                "sh",
                "-c",
                "grep -q ^narwhal: /etc/passwd || {"
                        + " echo narwhal:x:64999: >>/etc/group;"
                        + " echo narwhal:x:64999:64999::/var/lib/narwhal:/bin/false >>/etc/passwd;"
                        + " }");
        host.write(PROGRAM, "755", LAUNCHER);
        host.write(CONFIG, "640", YAML);
        host.tell("sh", "-c", "chgrp -R narwhal /etc/narwhal; chmod 750 /etc/narwhal");
        host.write("/etc/systemd/system/" + UNIT, "644", Files.readString(SHIPPED));
        host.write("/etc/systemd/system/" + UNIT + ".d/test.conf", "644", DROP_IN);
        host.tell("systemctl", "daemon-reload");
    }

    @AfterAll
    static void shutDown() throws IOException {
        if (host != null) {
            host.close();
        }
    }

    @AfterEach
    void nothingRuns() throws Exception {
        host.run("systemctl", "stop", "datagrams.service", "connections.service", UNIT);
    }

    @Test
    void theUnitIsSoundAndItsSandboxTight() throws Exception {
        Program.Result verified = host.run("systemd-analyze", "verify", UNIT);
        assertThat(verified.exitCode()).as(verified.err()).isZero();
        assertThat(verified.err() + verified.out()).doesNotContain(UNIT);
        Program.Result judged =
                host.run("systemd-analyze", "security", "--offline=true", "--threshold=15", UNIT);
        assertThat(judged.exitCode()).as(judged.out()).isZero();
    }

    @Test
    void everyRecordIsCountedOnceWhateverIsKilled() throws Exception {
        host.tell("systemctl", "start", UNIT);
        assertThat(host.property(UNIT, "StatusText")).isEqualTo(WELL);
        List<Long> before = components();
        assertThat(environments(before)).doesNotContain("NOTIFY_SOCKET", "LISTEN_FDNAMES");
        startTraffic("datagrams", "--target", "127.0.0.1:2055");
        startTraffic("connections", "--target", "127.0.0.1:4739", "--transport", "tcp");

        restartsAfter("kill -9 " + manager());
        assertThat(components()).as("components that were adopted").isEqualTo(before);

        restartsAfter("kill -STOP " + manager());
        assertThat(host.journal(UNIT)).contains("Watchdog timeout");
        assertThat(components()).as("components that were adopted").isEqualTo(before);

        restartsAfter("systemctl kill -s KILL --kill-whom=all " + UNIT);
        assertThat(components()).doesNotContainAnyElementsOf(before);

        host.tell("systemctl", "stop", "connections.service"); // which a stop of the node breaks
        host.tell("systemctl", "restart", UNIT);
        assertThat(host.property(UNIT, "StatusText")).isEqualTo(WELL);

        host.tell("systemctl", "stop", "datagrams.service");
        assertBooksAreTheTruth();
    }

    @Test
    void aStopLeavesNothingBehindAndADrainGivesTheSocketsBack() throws Exception {
        host.tell("systemctl", "start", UNIT);
        assertThat(host.property(UNIT, "NFileDescriptorStore")).isEqualTo("2");
        assertThat(isListening()).isTrue();

        host.tell("systemctl", "stop", UNIT);
        assertThat(host.property(UNIT, "Result")).isEqualTo("success");
        assertThat(host.property(UNIT, "ActiveState")).isEqualTo("inactive");
        assertThat(host.run("pgrep", "-a", "-u", "narwhal").out()).as("processes").isEmpty();
        assertThat(isListening()).isFalse();

        host.tell("systemctl", "start", UNIT);
        assertThat(isListening()).isTrue();
        host.tell(PROGRAM, "drain", "--config", CONFIG);
        assertThat(host.property(UNIT, "NFileDescriptorStore")).isEqualTo("0");
        assertThat(host.property(UNIT, "ActiveState")).isEqualTo("active");
        // The keeper looks every half second whether it is still wanted.
        await().atMost(Duration.ofSeconds(20)).until(() -> !isListening());
    }

    @Test
    void whatTheManagerCouldNotStopInTimeIsAskedToEnd() throws Exception {
        String hasty = "/run/systemd/system/" + UNIT + ".d/hasty.conf";
        host.write(hasty, "644", "[Service]\nTimeoutStopSec=2s\n");
        host.tell("systemctl", "daemon-reload");
        try {
            host.tell("systemctl", "start", UNIT);
            long accounting = components().get(COMPONENTS.indexOf("accounting"));
            host.tell("sh", "-c", HALT.formatted(manager(), accounting, accounting));
            host.run("systemctl", "stop", UNIT);
            assertThat(host.property(UNIT, "Result")).isEqualTo("timeout");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> host.run("pgrep", "-a", "-u", "narwhal").out().isEmpty());
        } finally {
            host.tell("rm", hasty);
            host.tell("systemctl", "daemon-reload");
        }
    }

    @Test
    void aConfigurationThatIsRefusedIsNotTriedAgain() throws Exception {
        host.write(CONFIG, "640", YAML.replace("collectors", "colectors"));
        try {
            assertThat(host.run("systemctl", "start", UNIT).exitCode()).isNotZero();
            assertThat(host.property(UNIT, "ActiveState")).isEqualTo("failed");
            assertThat(host.property(UNIT, "ExecMainStatus")).isEqualTo("2");
            assertThat(host.journal(UNIT)).contains("narwhal.yaml:3:1");
        } finally {
            host.write(CONFIG, "640", YAML);
        }
    }

    private static boolean isListening() throws Exception {
        return host.tell("cat", "/proc/net/udp6").contains(":" + PORT_HEX + " ");
    }

    private static String manager() throws Exception {
        return host.property(UNIT, "MainPID");
    }

    /** Does it, and waits until systemd has started the manager again and all is well. */
    private static void restartsAfter(String command) throws Exception {
        int before = Integer.parseInt(host.property(UNIT, "NRestarts"));
        host.tell("sh", "-c", command);
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(
                        () -> {
                            assertThat(Integer.parseInt(host.property(UNIT, "NRestarts")))
                                    .as("restarts after %s", command)
                                    .isGreaterThan(before);
                            assertThat(host.property(UNIT, "SubState"))
                                    .as("%s", host.journal(UNIT))
                                    .isEqualTo("running");
                            assertThat(host.property(UNIT, "StatusText")).isEqualTo(WELL);
                        });
    }

    // The first words of their pages: magic, pid.
    private static List<Long> components() throws Exception {
        List<Long> pids = new ArrayList<>();
        for (String name : COMPONENTS) {
            String page = DATA + "/run/" + name + ".page";
            pids.add(Long.valueOf(host.tell("od", "-An", "-td8", "-j8", "-N8", page)));
        }
        return pids;
    }

    private static String environments(List<Long> pids) throws Exception {
        var text = new StringBuilder();
        for (long pid : pids) {
            text.append(host.tell("cat", "/proc/" + pid + "/environ"));
        }
        return text.toString();
    }

    private static void startTraffic(String name, String... where) throws Exception {
        List<String> command = new ArrayList<>(List.of("systemd-run", "--unit=" + name));
        command.add("--property=StandardOutput=file:/tmp/" + name + ".out");
        command.addAll(List.of(PROGRAM, "generate", "--records", "10000000"));
        command.addAll(List.of("--rate", Integer.toString(RECORDS_PER_SECOND)));
        command.addAll(List.of("--truth", "/tmp/" + name + ".csv"));
        command.addAll(List.of(where));
        host.tell(command.toArray(String[]::new));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !host.run("cat", "/tmp/" + name + ".out").out().isBlank());
    }

    private static void assertBooksAreTheTruth() throws Exception {
        String datagrams = host.tell("cat", "/tmp/datagrams.csv");
        String connections = host.tell("cat", "/tmp/connections.csv");
        Map<String, List<Long>> truth = byPair(datagrams + "\n" + connections);
        long records = sum(truth, 2);
        assertThat(records).isPositive();
        JsonNode books =
                await().atMost(Duration.ofSeconds(30))
                        .until(
                                SystemdIT::books,
                                it -> it.path("accounted").path("records").asLong() >= records);
        assertThat(books.path("balanced").asBoolean()).isTrue();
        for (String book : List.of("received", "accounted")) {
            assertThat(books.path(book).path("records").asLong()).as(book).isEqualTo(records);
            assertThat(books.path(book).path("octets").asLong()).as(book).isEqualTo(sum(truth, 0));
        }
        assertThat(books.path("exporters"))
                .isNotEmpty()
                .allSatisfy(one -> assertThat(one.path("missing").asLong()).isZero());
        String usage =
                host.tell(
                        PROGRAM,
                        "usage",
                        "by-pair",
                        "--by",
                        "src_addr,dst_addr",
                        "--format",
                        "csv",
                        "--config",
                        CONFIG);
        assertThat(byPair(usage)).isEqualTo(truth);
        System.out.println("SystemdIT: " + records + " records, exact");
    }

    // Octets, packets and flows of each pair, added up.
    private static Map<String, List<Long>> byPair(String csv) {
        Map<String, List<Long>> sums = new HashMap<>();
        for (String line : csv.lines().filter(one -> !one.startsWith("src_addr")).toList()) {
            String[] cells = line.split(",");
            sums.merge(
                    cells[0] + " " + cells[1],
                    Stream.of(cells).skip(2).map(Long::valueOf).toList(),
                    (one, other) ->
                            IntStream.range(0, 3)
                                    .mapToObj(i -> one.get(i) + other.get(i))
                                    .toList());
        }
        return sums;
    }

    private static long sum(Map<String, List<Long>> rows, int column) {
        return rows.values().stream().mapToLong(row -> row.get(column)).sum();
    }

    private static JsonNode books() throws Exception {
        return new JsonMapper()
                .readTree(host.run(PROGRAM, "audit", "--format", "json", "--config", CONFIG).out());
    }
}
