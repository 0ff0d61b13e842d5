package io.narwhal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFull;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** R19, R23: the context on disk is whole, or the generation before it is. */
class CheckpointStoreTest {
    private static final Path DIRECTORY = Path.of("/checkpoints");

    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void nothingSavedIsNone() {
        assertThat(store(disk).load()).isEqualTo(new Loaded.None());
    }

    @Test
    void theNewestGenerationIsFoundAndTwoAreKept() {
        var store = store(disk);
        for (int i = 1; i <= 5; i++) {
            assertThat(save(store, "context " + i)).isEqualTo(i);
        }
        assertFound(store(disk).load(), 5, "context 5");
        assertThat(disk.files()).containsExactly(file(4), file(5));
    }

    @Test
    void aFileWithAnyByteChangedIsRefusedByName() {
        var store = store(disk);
        save(store, "older");
        save(store, "newer");
        for (int at = 0; at < disk.bytes(file(2)).length; at++) {
            disk.flip(file(2), at);
            assertFellBack(store(disk).load(), file(2) + ":");
            disk.flip(file(2), at);
        }
        assertFound(store(disk).load(), 2, "newer");
    }

    @Test
    void aFileCutAnywhereIsRefusedAndAnEmptyOneIsNotAnEmptyContext() {
        var store = store(disk);
        save(store, "older");
        save(store, "newer");
        for (int size = disk.bytes(file(2)).length - 1; size >= 0; size--) {
            disk.shorten(file(2), size);
            assertFellBack(store(disk).load(), file(2) + ":");
        }
        assertFellBack(store(disk).load(), "the file is empty, which is not an empty context");
    }

    @Test
    void whenNoGenerationIsWholeEveryReasonIsGiven() {
        var store = store(disk);
        save(store, "older");
        save(store, "newer");
        disk.shorten(file(1), 10);
        disk.flip(file(2), 0);
        assertThat(store(disk).load())
                .isEqualTo(
                        new Loaded.Unreadable(
                                List.of(
                                        file(2) + ":0: it does not begin with NARWCKP1",
                                        file(1) + ":10: the file ends within its header")));
    }

    @Test
    void savingAfterFallingBackKeepsTheWholeOneAndTheEvidence() {
        var store = store(disk);
        save(store, "older");
        save(store, "newer");
        disk.flip(file(2), 40 - 8);
        var again = store(disk);
        assertFellBack(again.load(), "the checksum does not match");
        assertThat(save(again, "newest")).isEqualTo(3);
        Path broken = file(2).resolveSibling(file(2).getFileName() + ".broken");
        assertThat(disk.files()).containsExactly(file(1), broken, file(3));
        assertFound(store(disk).load(), 3, "newest");
    }

    @Test
    void aLeftoverTemporaryFileIsIgnoredAndRemoved() {
        Path temporary = DIRECTORY.resolve("acct.ckpt.tmp");
        disk.put(temporary, new byte[] {1, 2, 3});
        var store = store(disk);
        assertThat(store.load()).isEqualTo(new Loaded.None());
        save(store, "first");
        assertThat(disk.files()).containsExactly(file(1));
    }

    @Test
    void componentsInOneDirectoryDoNotSeeEachOther() {
        save(store(disk), "mine");
        save(new CheckpointStore(disk, DIRECTORY, "acct-2"), "other");
        assertFound(store(disk).load(), 1, "mine");
    }

    @Test
    void aFullDiskLeavesTheOldGenerationAndSavingMayBeTriedAgain() {
        var store = store(disk);
        save(store, "older");
        disk.capacity(disk.bytes(file(1)).length + 20);
        assertThatThrownBy(() -> save(store, "newer"))
                .isInstanceOf(DiskFull.class)
                .hasMessageContaining("acct.ckpt.tmp");
        assertFound(store(disk).load(), 1, "older");
        disk.capacity(Long.MAX_VALUE);
        assertThat(save(store, "newer")).isEqualTo(2);
    }

    @Test
    void afterAFailedForceNothingMoreIsSaved() {
        var store = store(disk);
        save(store, "older");
        disk.failForceAt(1);
        assertThatThrownBy(() -> save(store, "newer"))
                .isInstanceOf(DiskFailure.class)
                .hasMessageContaining("cannot force");
        assertThatThrownBy(() -> save(store, "newer")).isInstanceOf(DiskFailure.class);
        assertFound(store(disk).load(), 1, "older");
    }

    @Test
    void cutAnywhereTheLastSavedGenerationIsThereOrTheOneThatWasBeingSaved() {
        var whole = new SimulatedDisk(0);
        saveFive(whole, new int[1]);
        for (long n = 1; n <= whole.operations(); n++) {
            var cut = new SimulatedDisk(n);
            cut.cutAt(n);
            int[] saved = new int[1];
            assertThatThrownBy(() -> saveFive(cut, saved)).isInstanceOf(PowerCut.class);
            assertSaved("kill at " + n, cut.afterKill(), saved[0]);
            for (int seed = 0; seed < 8; seed++) {
                var found = cut.afterPowerCut(new Random(seed));
                assertSaved("power cut at " + n + ", seed " + seed, found, saved[0]);
            }
        }
    }

    @Test
    void whatWasLoadedAfterAKillSurvivesALaterPowerCut() {
        var whole = new SimulatedDisk(0);
        saveFive(whole, new int[1]);
        for (long n = 1; n <= whole.operations(); n++) {
            var cut = new SimulatedDisk(n);
            cut.cutAt(n);
            assertThatThrownBy(() -> saveFive(cut, new int[1])).isInstanceOf(PowerCut.class);
            var killed = cut.afterKill();
            Loaded loaded = store(killed).load();
            for (int seed = 0; seed < 8; seed++) {
                Loaded later = store(killed.afterPowerCut(new Random(seed))).load();
                assertThat(generation(later)).as("kill at " + n).isEqualTo(generation(loaded));
            }
        }
    }

    @Test
    void theWorkedExampleInTheFormatsPageIsWhatIsWritten() throws Exception {
        String page = Files.readString(Path.of("docs/formats/checkpoint.md"));
        Matcher hex = Pattern.compile("```hex\n(.*?)```", Pattern.DOTALL).matcher(page);
        assertThat(hex.find()).isTrue();
        byte[] example = HexFormat.of().parseHex(hex.group(1).replaceAll("\\s", ""));
        disk.put(file(3), example);
        assertFound(store(disk).load(), 3, "state");
        var other = new SimulatedDisk(1);
        other.put(file(2), new byte[0]);
        var store = store(other);
        store.load();
        save(store, "state");
        assertThat(HexFormat.of().formatHex(other.bytes(file(3))))
                .isEqualTo(HexFormat.of().formatHex(example));
    }

    private static void assertSaved(String what, SimulatedDisk disk, int saved) {
        Loaded loaded = store(disk).load();
        assertThat(generation(loaded)).as(what).isBetween((long) saved, saved + 1L);
        if (loaded instanceof Loaded.Found(var generation, var bytes)) {
            assertThat(text(bytes)).as(what).isEqualTo("context " + generation + "z".repeat(900));
        }
        save(store(disk), "after");
    }

    private static long generation(Loaded loaded) {
        return switch (loaded) {
            case Loaded.None() -> 0;
            case Loaded.Found(var generation, _) -> generation;
            case Loaded.FellBack _, Loaded.Unreadable _ -> -1;
        };
    }

    private static void saveFive(SimulatedDisk disk, int[] saved) {
        var store = store(disk);
        for (int i = 1; i <= 5; i++) {
            save(store, "context " + i + "z".repeat(900));
            saved[0] = i;
        }
    }

    private static void assertFound(Loaded loaded, long generation, String text) {
        assertThat(loaded).isInstanceOf(Loaded.Found.class);
        if (loaded instanceof Loaded.Found(var found, var bytes)) {
            assertThat(found).isEqualTo(generation);
            assertThat(text(bytes)).isEqualTo(text);
        }
    }

    private static void assertFellBack(Loaded loaded, String why) {
        assertThat(loaded).isInstanceOf(Loaded.FellBack.class);
        if (loaded instanceof Loaded.FellBack(var generation, var bytes, var refused)) {
            assertThat(generation).isEqualTo(1);
            assertThat(text(bytes)).isEqualTo("older");
            assertThat(refused).contains(why);
        }
    }

    private static CheckpointStore store(SimulatedDisk disk) {
        return new CheckpointStore(disk, DIRECTORY, "acct");
    }

    private static long save(CheckpointStore store, String text) {
        byte[] bytes = Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), text.length() + 3);
        return store.save(bytes, text.length());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static Path file(long generation) {
        return DIRECTORY.resolve("acct.0000000000000000000" + generation + ".ckpt");
    }
}
