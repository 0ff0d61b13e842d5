package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/**
 * R20, R26 on real processes: files are put into a directory while the collector and accounting are
 * killed again and again; each line counts once, bad lines are held, repeated files do not count.
 */
class FilesIT {
    private static final int FILES = 12;
    private static final int KILLS = 16;
    private static final int LINES = 10_000;
    private static final int USERS = 50;
    private static final int BAD_EVERY = 1_000;
    private static final long SEED =
            Long.getLong("kill.seed", System.currentTimeMillis() % 1_000_000);

    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              cdr:
                protocol: files
                directory: ./in
                files: "*.csv*"
                settle: 100ms
                fields:
                  subscriber: user
                  octets: { column: kb, unit: kB }
                  end: { column: time, format: ms }
            usage:
              by-user: { keys: [subscriber], bin: 1h, close-after: 1h }
            outputs:
              ledger: { type: parquet }
            """;

    private final Random random = new Random(SEED);
    private final Map<String, Long> octets = new TreeMap<>();
    private long good;
    private long bad;

    @Test
    void everyLineCountsOnceWhateverIsKilled(@TempDir Path directory) throws Exception {
        System.out.println("FilesIT: -Dkill.seed=" + SEED);
        Path in = Files.createDirectory(directory.resolve("in"));
        try (var node = RunningNode.start(directory, CONFIG)) {
            int kills = 0;
            for (int file = 0; file < FILES; file++) {
                put(in, file);
                Thread.sleep(random.nextInt(200));
                kills += kill(node, "cdr");
            }
            while (kills < KILLS) {
                Thread.sleep(random.nextInt(400));
                kills += kill(node, kills % 4 == 0 ? "accounting" : "cdr");
            }
            await().atMost(Duration.ofSeconds(40))
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThat(taken(node)).isEqualTo(FILES + 1));
            assertThat(node.command("drain").exitCode()).as(node.log()).isZero();
            assertExact(node);
            assertThat(node.stop()).isZero();
            System.out.println(
                    "FilesIT: " + good + " lines, " + bad + " held, " + kills + " kills, exact");
        }
    }

    private int kill(RunningNode node, String name) throws IOException {
        return node.component(name).map(ProcessHandle::destroyForcibly).orElse(false) ? 1 : 0;
    }

    // As those do who know how: under another name first.
    private void put(Path in, int file) throws IOException {
        byte[] text = text(file).getBytes(StandardCharsets.UTF_8);
        boolean packed = file % 3 == 0;
        byte[] bytes = packed ? gzip(text) : text;
        String name = "usage-" + file + (packed ? ".csv.gz" : ".csv");
        Files.write(in.resolve(name + ".part"), bytes);
        Files.move(in.resolve(name + ".part"), in.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        if (file == 5) {
            Files.write(in.resolve("again.csv"), bytes);
        }
    }

    private String text(int file) {
        var text = new StringBuilder("time,user,kb\n");
        for (int i = 0; i < LINES; i++) {
            String user = "user-" + random.nextInt(USERS);
            int kb = random.nextInt(10_000);
            boolean isBad = i % BAD_EVERY == 7;
            text.append(System.currentTimeMillis() - random.nextInt(1_000_000))
                    .append(',')
                    .append(user)
                    .append(',')
                    .append(isBad ? "many" : kb)
                    .append('\n');
            good += isBad ? 0 : 1;
            bad += isBad ? 1 : 0;
            if (!isBad) {
                octets.merge(user, 1_000L * kb, Long::sum);
            }
        }
        return text.append("# ").append(file).append(",,\n").toString();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static long taken(RunningNode node) throws Exception {
        JsonNode list = node.json("files", "--format", "json");
        long taken = 0;
        for (JsonNode one : list) {
            String state = one.path("state").asString();
            taken += state.equals("taken") || state.equals("repeated") ? 1 : 0;
        }
        return taken;
    }

    private void assertExact(RunningNode node) throws Exception {
        bad += FILES; // the line with the number of the file
        JsonNode books = node.json("audit", "--format", "json");
        assertThat(books.path("balanced").asBoolean()).as("%s", books).isTrue();
        assertThat(books.path("accounted").path("records").asLong()).isEqualTo(good);
        assertThat(books.path("held").path("records").asLong()).isEqualTo(bad);
        Program.Result usage =
                node.command("usage", "by-user", "--by", "subscriber", "--format", "csv");
        Map<String, Long> found = new TreeMap<>();
        usage.out()
                .lines()
                .skip(1)
                .map(line -> line.split(","))
                .forEach(
                        row -> found.put(row[row.length - 4], Long.parseLong(row[row.length - 3])));
        assertThat(found).as(usage.out()).isEqualTo(octets);
        JsonNode files = node.json("files", "--format", "json");
        long held = 0;
        for (JsonNode one : files) {
            held += one.path("held").asLong();
        }
        assertThat(held).isEqualTo(bad);
    }
}
