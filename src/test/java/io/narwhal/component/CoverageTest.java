package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import io.narwhal.base.Disk;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.inspect.Reprocessing.Outcome;
import io.narwhal.output.DuckDb;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Instant;
import java.util.SortedMap;
import java.util.regex.Pattern;

/** R14: what a stored copy has lost never becomes a correction that takes usage back. */
class CoverageTest {
    private static final long MINUTE = 60_000;
    private static final long END = 240 * MINUTE;
    private static final long EVER = 10 * END;
    private static final String YAML =
            """
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:2055" }
              acct:
                protocol: radius
                listen: "127.0.0.1:1813"
                clients: [ { address: 192.0.2.0/24, secret-file: ./radius.secret } ]
            enhance: { customers: { table: ./customers.csv } }
            usage:
              by-customer: { keys: [customer], bin: 1m, close-after: 0s, records: flows }
            """;
    private static final String SUBSCRIBERS =
            YAML + "  by-subscriber: { keys: [subscriber], bin: 1m, records: flows }\n";
    private static final String BEFORE = "10.0.0.0/29,alpha\n";
    private static final String AFTER = "10.0.0.0/29,beta\n";

    @TempDir static Path directory;
    private static DuckDb duck;

    @BeforeAll
    static void begin() {
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(Level.OFF);
        duck =
                DuckDb.open(
                        Disk.system(),
                        new DuckDb.Settings(
                                Path.of("target/native"), directory.resolve("work"), 1, 256));
    }

    @AfterAll
    static void end() {
        duck.close();
        ((Logger) LoggerFactory.getLogger("io.narwhal.component")).setLevel(null);
    }

    private static SubscriberScript script() {
        var script = new SubscriberScript();
        for (long at = MINUTE; at < END; at += MINUTE) {
            script.flow(at, 0, (int) (at / MINUTE % 8), at - 90_000, at, 1_000);
            script.start(at, "u" + at, 1, at);
        }
        return script.tick(END);
    }

    private static ReprocessNode node(SimulatedDisk disk, String yaml, String customers) {
        return new ReprocessNode(disk, Path.of("/node"), duck, script(), yaml, customers);
    }

    private static SortedMap<String, String> truth() {
        var node = node(new SimulatedDisk(1), YAML, AFTER);
        node.receive(END);
        node.account();
        return node.usage();
    }

    private static ReprocessNode trimmed(String yaml) {
        var node = node(new SimulatedDisk(1), yaml, BEFORE);
        node.receiveAndTrim(END / 4);
        node.account();
        node.receiveAndTrim(END);
        node.account();
        node.configure(yaml, AFTER);
        return node;
    }

    @Test
    void whatWasTrimmedIsRefusedAndTheEarliestTimeIsNamed() {
        var node = trimmed(YAML);
        var before = node.usage();
        String message = refused(node.reprocess(-EVER, EVER, "flows"));
        assertThat(message).contains("flows was trimmed: its oldest datagram came");
        assertThat(node.usage()).isEqualTo(before);

        correctsFrom(node, earliest(message));
    }

    private static String refused(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused) outcome).message();
    }

    private static Instant earliest(String message) {
        var match = Pattern.compile("--from ([0-9TZ:-]+)$").matcher(message);
        assertThat(match.find()).as(message).isTrue();
        return Instant.parse(match.group(1));
    }

    /** From there on as if it had been right from the beginning; before that nothing changes. */
    private static void correctsFrom(ReprocessNode node, Instant from) {
        long fromMs = from.toEpochMilli() - SubscriberScript.EPOCH_MS;
        var before = node.usage();
        assertThat(refused(node.reprocess(fromMs - 1, EVER, "flows"))).contains("--from " + from);
        assertThat(node.reprocess(fromMs, EVER, "flows")).isInstanceOf(Outcome.Corrected.class);
        var truth = truth();
        var after = node.usage();
        long corrected = truth.keySet().stream().filter(row -> isFrom(row, from)).count();
        assertThat(corrected).isPositive();
        before.keySet().removeIf(row -> isFrom(row, from));
        truth.keySet().removeIf(row -> !isFrom(row, from));
        before.putAll(truth);
        assertThat(after).isEqualTo(before);
    }

    private static boolean isFrom(String row, Instant from) {
        int at = row.indexOf('[') + 1;
        return !Instant.parse(row.substring(at, row.indexOf(',', at))).isBefore(from);
    }

    @Test
    void aLaneWhoseCountersAddUpNeedsAllOfItsJournal() {
        assertThat(refused(trimmed(YAML).reprocess(END / 2, EVER, "acct")))
                .contains("acct was trimmed")
                .contains("counters of sessions add up since they began")
                .contains("--lane");
    }

    @Test
    void flowsThatAskForSubscribersNeedAllOfTheSessions() {
        assertThat(refused(trimmed(SUBSCRIBERS).reprocess(END / 2, EVER, "flows")))
                .contains("acct was trimmed")
                .contains("from a whole journal of sessions only");
    }

    @Test
    void whatWasDamagedSinceItWasAccountedIsRefusedUntilBehindTheDamage() {
        var disk = new SimulatedDisk(1);
        var node = node(disk, YAML, BEFORE);
        node.receive(END);
        node.account();
        node.configure(YAML, AFTER);
        Path segment =
                disk.files().stream()
                        .filter(file -> file.toString().matches(".*received/flows/.*\\.seg"))
                        .findFirst()
                        .orElseThrow();
        byte[] bytes = disk.bytes(segment).clone();
        bytes[bytes.length / 3] ^= 1;
        disk.put(segment, bytes);

        String message = refused(node.reprocess(-EVER, EVER, "flows"));
        assertThat(message).contains(segment.toString());
        correctsFrom(node, earliest(message));
    }

    /** A damage that accounting had met is the same for both sides. */
    @Test
    void aDamageThatWasBookedIsNoObstacle() {
        var disk = new SimulatedDisk(1);
        var node = node(disk, YAML, BEFORE);
        node.receive(END);
        Path segment =
                disk.files().stream()
                        .filter(file -> file.toString().matches(".*received/flows/.*\\.seg"))
                        .findFirst()
                        .orElseThrow();
        byte[] bytes = disk.bytes(segment).clone();
        bytes[bytes.length / 3] ^= 1;
        disk.put(segment, bytes);
        node.account();
        assertThat(node.reprocess(-EVER, EVER)).isEqualTo(new Outcome.Nothing());
        node.configure(YAML, AFTER);
        var before = node.usage();
        assertThat(node.reprocess(-EVER, EVER)).isInstanceOf(Outcome.Corrected.class);
        assertThat(node.usage().values()).containsExactlyElementsOf(before.values());
    }
}
