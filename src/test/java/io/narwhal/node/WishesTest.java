package io.narwhal.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.PowerCut;
import io.narwhal.base.Processes;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.component.NodeLayout;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** R21: what the administrator wishes is on the disk before anybody is told so. */
class WishesTest {
    private static final long SEED = Long.getLong("sim.seed", 1);
    private static final NodeLayout LAYOUT = new NodeLayout(Path.of("/data"));
    private static final Wish.Stopped STOPPED =
            new Wish.Stopped(
                    Instant.parse("2026-11-23T10:00:00Z"), "alice", "the disk is being swapped");
    private static final Wishes.Restart RESTART =
            new Wishes.Restart(new Processes.Identity(4711, 123_456), "alice", "");
    private static final Wish RUN = new Wish.Run();

    private final SimulatedDisk disk = new SimulatedDisk(SEED);
    private final Wishes wishes = new Wishes(disk, LAYOUT);

    private void put(Path directory, String text) {
        disk.put(directory.resolve("flows"), text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatNobodyHasStoppedIsToRun() {
        assertThat(wishes.of("flows")).isEqualTo(RUN);
        assertThat(wishes.restartOf("flows")).isEmpty();
        wishes.start("flows"); // changes nothing
        assertThat(wishes.of("flows")).isEqualTo(RUN);
    }

    @Test
    void aWishConcernsOneComponentUntilItIsTakenBack() {
        wishes.stop("flows", STOPPED);
        assertThat(wishes.of("flows")).isEqualTo(STOPPED);
        assertThat(wishes.of("ledger")).isEqualTo(RUN);
        wishes.start("flows");
        assertThat(wishes.of("flows")).isEqualTo(RUN);
    }

    @Test
    void aReasonKeepsToItsLine() {
        String reason = "one\nsince: 1999-01-01T00:00:00Z" + "x".repeat(1_000);
        wishes.stop("flows", new Wish.Stopped(STOPPED.since(), "alice", reason));
        assertThat(wishes.of("flows"))
                .isEqualTo(
                        new Wish.Stopped(
                                STOPPED.since(),
                                "alice",
                                reason.replace('\n', ' ')
                                        .substring(0, Wishes.REASON_CHARACTERS_MAX)));
    }

    @Test
    void whatIsNotUnderstoodIsSaidAndRuns() {
        List<String> bad =
                List.of("", "stop", "stopped\nsince: yesterday\n", "stopped\n", "\u0000");
        for (String text : bad) {
            put(LAYOUT.desired(), text);
            assertThat(wishes.of("flows"))
                    .as("'%s'", text)
                    .isInstanceOfSatisfying(
                            Wish.Unreadable.class,
                            wish -> assertThat(wish.why()).contains("/data/node/desired/flows"));
        }
    }

    @Test
    void aRestartThatIsNotUnderstoodIsNone() {
        for (String text : List.of("", "restart\n", "restart\nprocess: x\nbegan: 1\n")) {
            put(LAYOUT.restarts(), text);
            assertThat(wishes.restartOf("flows")).as("'%s'", text).isEmpty();
            assertThat(wishes.wantsRestart("flows")).isTrue();
        }
        wishes.endRestart("flows");
        assertThat(wishes.wantsRestart("flows")).isFalse();
    }

    @Test
    void theExamplesOfThePageAreReadAsItSays() throws IOException {
        String page = Files.readString(Path.of("docs", "formats", "desired.md"));
        List<String> examples =
                Pattern.compile("^```\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
                        .matcher(page)
                        .results()
                        .map(match -> match.group(1))
                        .toList();
        put(LAYOUT.desired(), examples.get(0));
        put(LAYOUT.restarts(), examples.get(1));
        assertThat(wishes.of("flows")).isEqualTo(STOPPED);
        assertThat(wishes.restartOf("flows")).contains(RESTART);

        var other = new SimulatedDisk(SEED);
        new Wishes(other, LAYOUT).stop("flows", STOPPED);
        new Wishes(other, LAYOUT).restart("flows", RESTART);
        assertThat(text(other, LAYOUT.desired())).isEqualTo(examples.get(0));
        assertThat(text(other, LAYOUT.restarts()).replace(" \n", "\n")).isEqualTo(examples.get(1));
    }

    private static String text(SimulatedDisk disk, Path directory) {
        return new String(disk.bytes(directory.resolve("flows")), StandardCharsets.UTF_8);
    }

    /** What is wished one after the other, and what then holds. */
    private void wish(Wishes of, int step) {
        switch (step) {
            case 0 -> of.stop("flows", STOPPED);
            case 1 -> of.start("flows");
            case 2 -> of.restart("flows", RESTART);
            default -> of.endRestart("flows");
        }
    }

    private static String holds(Wishes of) {
        return of.of("flows") + " " + of.restartOf("flows");
    }

    @Test
    void aCutAnywhereLeavesTheWishOfBeforeOrTheNewOneAndWhatWasConfirmedHolds() {
        var random = new Random(SEED);
        long cuts = 0;
        for (long cut = 1; cuts == cut - 1; cut++) {
            var cutDisk = new SimulatedDisk(SEED + cut);
            cutDisk.createDirectories(LAYOUT.node());
            cutDisk.cutAt(cutDisk.operations() + cut);
            var cutWishes = new Wishes(cutDisk, LAYOUT);
            String before = holds(cutWishes);
            int step = 0;
            try {
                for (; step < 4; step++) {
                    before = holds(cutWishes);
                    wish(cutWishes, step);
                }
            } catch (PowerCut e) {
                cuts++;
                var model = new Wishes(new SimulatedDisk(SEED), LAYOUT);
                for (int i = 0; i <= step; i++) {
                    wish(model, i);
                }
                String after = holds(model);
                for (SimulatedDisk next :
                        List.of(cutDisk.afterKill(), cutDisk.afterPowerCut(random))) {
                    assertThat(holds(new Wishes(next, LAYOUT)))
                            .as("seed %d, cut %d in step %d: %s", SEED, cut, step, e.getMessage())
                            .isIn(before, after);
                }
            }
        }
        assertThat(cuts).isGreaterThan(15);
    }

    @Test
    void whatIsThereBesidesIsPassedOver() {
        wishes.stop("flows", STOPPED);
        wishes.stop("ledger", STOPPED);
        assertThat(wishes.wishedOf()).containsExactly("flows", "ledger");
        assertThat(Stream.of("accounting", "x").map(wishes::of)).containsOnly(RUN);
    }
}
