package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.capture.Captures;
import io.narwhal.config.FilesConfig;
import io.narwhal.journal.JournalFailed;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalVerifier;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.LineEntry;
import io.narwhal.record.LineMapping;
import io.narwhal.record.LineTarget;
import io.narwhal.record.ReceivedBlock;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** R26: each line of each file once, whatever is cut where, and a rule for every odd file. */
class FileIntakeTest {
    private static final Path JOURNAL = Path.of("/data/journal/received/cdr");
    private static final Path STATE = Path.of("/data/import/cdr");
    private static final Path IN = Path.of("/in");
    private static final long NOW = 1_795_341_900_000_000L;
    private static final String HEADER = "who,octets";
    private static final int POWER_CUTS = 2;

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final World world = new World();
    private FilesConfig config = config(false, 10_000);

    FileIntakeTest() {
        disk.createDirectories(IN);
    }

    private static FilesConfig config(boolean move, long largest) {
        var mapping =
                new LineMapping(
                        LineMapping.Format.CSV,
                        ',',
                        '"',
                        true,
                        List.of(
                                new LineMapping.Column(
                                        LineTarget.OCTETS, List.of("octets"), null, 1, null)));
        return new FilesConfig(
                IN, "*.csv*", mapping, List.of(), 10_000, move, largest, 86_400_000L);
    }

    /** Time that goes on by a second when it is asked to wait, or with each look. */
    private static final class World implements Clock, FileIntake.Watcher {
        final List<String> told = new ArrayList<>();
        long seconds;
        int stopAfter = Integer.MAX_VALUE;
        boolean ending;
        int waits;
        Runnable onWorking = () -> {};

        @Override
        public long wallMicros() {
            return NOW + seconds * 1_000_000;
        }

        @Override
        public long monotonicNanos() {
            return seconds * 1_000_000_000;
        }

        @Override
        public void sleepMillis(long millis) {
            seconds++;
        }

        @Override
        public void working(String with) {
            if (with.startsWith("taking")) {
                stopAfter--;
                onWorking.run();
            }
        }

        @Override
        public void waiting(String why) {
            waits++;
            stopAfter--;
        }

        @Override
        public void tell(String line) {
            told.add(line);
        }

        @Override
        public boolean isStopped() {
            return stopAfter <= 0;
        }

        @Override
        public boolean isEnding() {
            return ending || isStopped();
        }
    }

    private static JournalWriter journal(SimulatedDisk disk, Clock clock, long capacityBytes) {
        var limits = new JournalLimits(2 << 20, 1 << 20, capacityBytes, 0);
        return JournalWriter.open(
                disk, clock, JournalSettings.of(JOURNAL, limits, Set.of("accounting")), () -> 77);
    }

    private void run(int looks) {
        run(disk, world, looks, 0);
    }

    private void run(SimulatedDisk disk, World world, int looks, long capacityBytes) {
        try (var journal = journal(disk, world, capacityBytes);
                var last = JournalReader.openLast(disk, JOURNAL);
                var intake = new FileIntake(disk, STATE, config, journal, last, world, world, 20)) {
            for (int i = 0; i < looks; i++) {
                world.seconds++;
                if (!intake.look()) {
                    return;
                }
            }
            if (world.ending) {
                assertThat(intake.closeIntake()).isTrue();
            }
        }
    }

    private static String file(String... lines) {
        return HEADER + "\n" + String.join("\n", lines) + "\n";
    }

    private void put(String name, String content) {
        put(name, content.getBytes(StandardCharsets.UTF_8), 0);
    }

    private void put(String name, byte[] content, long modified) {
        disk.put(IN.resolve(name), content, modified);
    }

    /** The lines of the journal, {@code FILE:LINE text}, and how its blocks follow each other. */
    private record Taken(List<String> lines, List<String> marks) {
        static Taken of(String what, SimulatedDisk disk) {
            var taken = new Taken(new ArrayList<>(), new ArrayList<>());
            assertThat(JournalVerifier.verify(disk, JOURNAL).findings()).as(what).isEmpty();
            Map<Long, String> names = new TreeMap<>();
            try (var reader = JournalReader.open(disk, JOURNAL, 0)) {
                var block = new ReceivedBlock();
                while (reader.next() == JournalReader.Step.FRAME) {
                    block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                    if (block.kind() != ReceivedBlock.Kind.LINES) {
                        taken.marks.add(block.kind().name());
                    }
                    while (block.next()) {
                        taken.add(block, names);
                    }
                    assertThat(block.datagramsTotal()).as(what).isEqualTo(taken.lines.size());
                }
            }
            return taken;
        }

        private void add(ReceivedBlock block, Map<Long, String> names) {
            String text =
                    new String(
                            block.bytes(), block.offset(), block.length(), StandardCharsets.UTF_8);
            long file = block.source().high();
            assertThat(block.batch()).isEqualTo(file);
            switch (block.lineEntry()) {
                case FILE -> names.put(file, text);
                case HEADER -> marks.add(names.get(file) + " has " + text);
                case LINE -> lines.add(names.get(file) + ":" + block.source().low() + " " + text);
                case LONG_LINE -> lines.add(names.get(file) + ":" + block.source().low() + " long");
                case END -> marks.add(names.get(file) + " ended");
            }
        }
    }

    private List<String> lines() {
        return Taken.of("", disk).lines();
    }

    private List<FilesState.Refused> refused() {
        return FilesState.load(disk, STATE).orElseThrow().refused();
    }

    private List<TakenFile> listed() {
        List<TakenFile> files = new ArrayList<>();
        TakenFiles.read(disk, STATE, files::add);
        return files;
    }

    @Test
    void theLinesOfAFileAreTakenOnceWithTheirNumbers() {
        put("a.csv", "\ufeffwho,octets\r\nalice,1\r\n\r\n  \nbob,2");

        run(5);
        run(5);

        Taken taken = Taken.of("", disk);
        assertThat(taken.lines()).containsExactly("a.csv:2 alice,1", "a.csv:5 bob,2");
        assertThat(taken.marks())
                .containsSubsequence("TICK", "a.csv has who,octets", "a.csv ended", "TICK");
        assertThat(listed())
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.state()).isEqualTo(TakenFile.State.TAKEN);
                            assertThat(one.lines()).isEqualTo(2);
                        });
    }

    @Test
    void theOlderFileComesFirstAndThenTheName() {
        put("c.csv", file("c,1").getBytes(StandardCharsets.UTF_8), 5);
        put("a.csv", file("a,1").getBytes(StandardCharsets.UTF_8), 7);
        put("b.csv", file("b,1").getBytes(StandardCharsets.UTF_8), 7);

        run(2);

        assertThat(lines()).containsExactly("c.csv:2 c,1", "a.csv:2 a,1", "b.csv:2 b,1");
    }

    @Test
    void aFileThatStillMovesWaitsUntilItHasSettled() {
        for (int second = 1; second <= 15; second++) {
            put(
                    "a.csv",
                    file("x,1".repeat(second)).getBytes(StandardCharsets.UTF_8),
                    NOW + second * 1_000_000L);
            run(1);
        }
        assertThat(lines()).isEmpty();

        put("b.csv", file("b,1").getBytes(StandardCharsets.UTF_8), NOW + 86_400_000_000L);
        run(10);
        assertThat(lines()).hasSize(1).allMatch(line -> line.startsWith("a.csv"));
        run(11); // its clock is ahead of ours: what counts is that it does not move
        assertThat(lines()).hasSize(2);
    }

    @Test
    void unfinishedNamesAndOtherNamesAreNotTaken() {
        for (String name : List.of(".a.csv", "a.csv.tmp", "a.csv.part", "a.csv~", "a.txt")) {
            put(name, file("x,1"));
        }
        run(3);
        assertThat(lines()).isEmpty();
        assertThat(refused()).isEmpty();
    }

    @Test
    void theSameContentUnderAnotherNameIsNotTakenAgain() {
        put("a.csv", file("x,1"));
        run(3);
        disk.lose(IN.resolve("a.csv"));
        put("renamed.csv", file("x,1"));
        run(3);
        put("a.csv", file("x,1").getBytes(StandardCharsets.UTF_8), 77);
        run(3);

        assertThat(lines()).hasSize(1);
        assertThat(listed())
                .extracting(TakenFile::state)
                .containsExactly(
                        TakenFile.State.TAKEN, TakenFile.State.REPEATED, TakenFile.State.REPEATED);
        assertThat(world.told)
                .anyMatch(
                        line -> line.startsWith("renamed.csv: the same content as file 1, a.csv"));
        run(2);
        assertThat(listed()).as("each is told once").hasSize(3);
    }

    @Test
    void otherContentUnderTheSameNameIsANewFile() {
        put("a.csv", file("x,1"));
        run(3);
        put("a.csv", file("y,2").getBytes(StandardCharsets.UTF_8), 1);
        run(3);

        assertThat(lines()).containsExactly("a.csv:2 x,1", "a.csv:2 y,2");
        assertThat(world.told).anyMatch(line -> line.contains("other content than file 1"));
    }

    @Test
    void ofAFileThatHasGrownTheRestIsTaken() {
        put("a.csv", file("x,1", "y,2"));
        run(3);
        put("a.csv", file("x,1", "y,2", "z,3", "x,4"));
        run(3);
        put("a.csv", file("x,1", "y,2", "z,3", "x,4", "w,5"));
        run(3);

        assertThat(lines())
                .containsExactly(
                        "a.csv:2 x,1", "a.csv:3 y,2", "a.csv:4 z,3", "a.csv:5 x,4", "a.csv:6 w,5");
        assertThat(listed()).extracting(TakenFile::lines).containsExactly(2L, 2L, 1L);
    }

    @Test
    void whereItCannotBeToldWhatIsNewAFileIsRefused() {
        put("a.csv", "who,octets\nx,1"); // the last line was cut
        put("b.csv", file("y,2"));
        run(3);
        put("a.csv", "who,octets\nx,100\ny,5\n");
        put("c.csv", file("y,2", "z,3")); // a copy of b that has grown, or other data?
        run(3);

        assertThat(lines()).containsExactly("a.csv:2 x,1", "b.csv:2 y,2");
        assertThat(refused())
                .extracting(FilesState.Refused::name)
                .containsExactly("a.csv", "c.csv");
        assertThat(refused()).allMatch(one -> one.why().contains("begins with all of file"));
        put("c.csv", "\n" + file("y,2", "z,3"));
        run(3);
        assertThat(lines()).endsWith("c.csv:3 y,2", "c.csv:4 z,3");
    }

    @Test
    void oddFilesAreRefusedWithAReasonAndTriedAgainWhenTheyChange() {
        byte[] packed = Captures.gzip(file("x,1", "y,2").getBytes(StandardCharsets.UTF_8));
        put("broken.csv.gz", java.util.Arrays.copyOf(packed, packed.length - 6), 0);
        put("columns.csv", "who,packets\nx,1\n");
        put("empty.csv", "");
        put("blank.csv", "\n \n");
        put("large.csv", file("x,1".repeat(4_000)));
        put("good.csv", file("g,1"));
        run(3);

        assertThat(lines()).containsExactly("good.csv:2 g,1");
        Map<String, String> why = new TreeMap<>();
        refused().forEach(one -> why.put(one.name(), one.why()));
        assertThat(why)
                .hasSize(5)
                .hasEntrySatisfying(
                        "broken.csv.gz", text -> assertThat(text).contains("no whole gzip file"))
                .hasEntrySatisfying(
                        "columns.csv",
                        text ->
                                assertThat(text)
                                        .isEqualTo(
                                                "cannot be read by 'fields': the header has no"
                                                        + " column 'octets'; it has who, packets"))
                .hasEntrySatisfying("empty.csv", text -> assertThat(text).contains("is empty"))
                .hasEntrySatisfying("blank.csv", text -> assertThat(text).contains("no line"))
                .hasEntrySatisfying("large.csv", text -> assertThat(text).contains("'largest'"));
        long told = world.told.size();
        run(1);
        put("broken.csv.gz", packed, 0);
        run(3);
        assertThat(lines()).endsWith("broken.csv.gz:2 x,1", "broken.csv.gz:3 y,2");
        assertThat(world.told.size() - told).isLessThanOrEqualTo(6);
    }

    @Test
    void aLineThatIsTooLongIsCountedAndTheOthersAreTaken() {
        config = config(false, 1 << 20);
        put("a.csv", file("x,1", "y".repeat(70_000) + ",2", "z," + "3".repeat(65_533), "w,4"));
        run(3);
        assertThat(lines()).hasSize(4);
        assertThat(lines().get(1)).isEqualTo("a.csv:3 long");
        assertThat(lines().get(2)).hasSize("a.csv:4 ".length() + LineEntry.BYTES_MAX);
        assertThat(lines().getLast()).isEqualTo("a.csv:5 w,4");
    }

    @Test
    void filesThatAreDoneAreMovedIfThatIsWanted() {
        config = config(true, 10_000);
        put("a.csv", file("x,1"));
        run(3);
        put("a.csv", file("y,1"));
        run(3);
        assertThat(disk.list(IN)).containsExactly("done");
        assertThat(disk.list(IN.resolve("done"))).containsExactly("a.csv", "a.csv.2");
        assertThat(lines()).hasSize(2);
    }

    @Test
    void aFileThatGoesAwayInTheMiddleIsGoneOnWithUnderWhateverName() {
        config = config(false, 1 << 20);
        String whole = many(20_000);
        put("a.csv", whole);
        world.stopAfter = 2;
        run(3);
        int there = lines().size();
        assertThat(there).isGreaterThan(0).isLessThan(20_000);
        world.stopAfter = Integer.MAX_VALUE;
        disk.lose(IN.resolve("a.csv"));
        put("b.csv", file("b,1"));
        run(3);
        assertThat(listed().getFirst().state()).isEqualTo(TakenFile.State.INTERRUPTED);
        assertThat(lines()).hasSize(there + 1);
        put("moved.csv", whole);
        run(3);

        assertThat(lines()).hasSize(20_001);
        assertThat(numbers(lines())).as("each line once").hasSize(20_000);
        assertThat(listed().getLast().state()).isEqualTo(TakenFile.State.TAKEN);
        assertThat(listed().getLast().lines()).isEqualTo(20_000);
    }

    private static Set<String> numbers(List<String> lines) {
        Set<String> numbers = new java.util.TreeSet<>();
        for (String line : lines) {
            if (!line.startsWith("b.csv")) {
                numbers.add(line.substring(line.indexOf(' ')));
            }
        }
        return numbers;
    }

    private static String many(int lines) {
        var text = new StringBuilder(HEADER + "\n");
        for (int i = 0; i < lines; i++) {
            text.append("user").append(i).append(',').append(i).append('\n');
        }
        return text.toString();
    }

    @Test
    void aFileThatIsChangedWhileItIsTakenKeepsItsNameFromOtherContent() {
        config = config(false, 1 << 20);
        String whole = many(20_000);
        put("a.csv", whole);
        world.stopAfter = 2;
        run(3);
        world.stopAfter = Integer.MAX_VALUE;
        put("a.csv", whole.replace("user1,", "xser1,"));
        int there = lines().size();
        run(4);
        assertThat(lines()).hasSize(there);
        assertThat(refused())
                .singleElement()
                .satisfies(one -> assertThat(one.why()).contains("put that content back"));
        put("a.csv", whole + "more,1\n");
        run(6);
        assertThat(numbers(lines())).as("first what it was, then the rest").hasSize(20_001);
        assertThat(lines()).hasSize(20_001);
    }

    @Test
    void whatIsWrittenOverWhileItIsReadIsTold() {
        config = config(false, 1 << 20);
        put("a.csv", many(40_000));
        world.onWorking =
                () -> {
                    disk.flip(IN.resolve("a.csv"), 600_000);
                    world.onWorking = () -> {};
                };
        run(3);
        assertThat(listed())
                .singleElement()
                .satisfies(one -> assertThat(one.state()).isEqualTo(TakenFile.State.CHANGED));
        int there = lines().size();
        put("a.csv", many(50_000));
        run(3);
        assertThat(lines()).hasSize(there);
        assertThat(refused())
                .singleElement()
                .satisfies(one -> assertThat(one.why()).contains("another name"));
    }

    @Test
    void aDrainFinishesTheFileThatWasBegunAndBeginsNoOther() {
        config = config(false, 1 << 20);
        put("a.csv", many(20_000));
        put("b.csv", file("b,1").getBytes(StandardCharsets.UTF_8), 5);
        world.stopAfter = 2;
        run(3);
        world.stopAfter = Integer.MAX_VALUE;
        world.ending = true;
        run(3);
        assertThat(lines()).hasSize(20_000);
        assertThat(Taken.of("", disk).marks()).endsWith("CLOSE");
        world.ending = false;
        run(3);
        assertThat(lines()).hasSize(20_001);
    }

    @Test
    void withoutRoomItWaitsAndGoesOn() {
        config = config(false, 1 << 23);
        put("a.csv", many(120_000));
        world.stopAfter = 40;
        run(disk, world, 3, 2 << 20);
        assertThat(world.waits).isGreaterThan(1);
        world.stopAfter = Integer.MAX_VALUE;
        run(disk, world, 3, 0);
        assertThat(lines()).hasSize(120_000);
    }

    @Test
    void aStateThatIsLostOrOldIsNoReasonToCountTwice() {
        put("a.csv", file("x,1"));
        run(3);
        byte[] old = disk.bytes(STATE.resolve(FilesState.FILE));
        put("b.csv", file("y,1", "z,1"));
        run(3);
        disk.put(STATE.resolve(FilesState.FILE), old);
        assertThatThrownBy(() -> run(1))
                .isInstanceOf(FileIntake.Inconsistent.class)
                .hasMessageContaining("knows of 1 lines, the journal has 3");
        disk.lose(STATE.resolve(FilesState.FILE));
        assertThatThrownBy(() -> run(1)).isInstanceOf(FileIntake.Inconsistent.class);
    }

    @Test
    void aListThatIsDamagedIsNoReasonToCountTwice() {
        put("a.csv", file("x,1"));
        put("b.csv", file("y,1"));
        run(3);
        disk.flip(STATE.resolve(TakenFiles.FILE), 0);
        assertThatThrownBy(() -> run(1))
                .isInstanceOf(DiskFailure.class)
                .hasMessageContaining("damaged at byte 0");
    }

    @Test
    void filesThatAreLongGoneAreForgotten() {
        put("a.csv", file("x,1"));
        put("b.csv", file("y,1"));
        run(3);
        disk.lose(IN.resolve("a.csv"));
        disk.lose(IN.resolve("b.csv"));
        world.seconds += 86_400;
        put("c.csv", file("z,1"));
        run(3);
        world.seconds += 2;
        run(1);
        assertThat(listed()).extracting(TakenFile::name).containsExactly("c.csv");
        put("a.csv", file("x,1"));
        run(3);
        assertThat(lines()).hasSize(4);
        assertThat(listed()).extracting(TakenFile::number).containsExactly(3L, 4L);
    }

    private static SimulatedDisk cutDisk() {
        var disk = new SimulatedDisk(1);
        disk.createDirectories(IN);
        disk.put(
                IN.resolve("a.csv"), file("x,1", "y,2", "z,3").getBytes(StandardCharsets.UTF_8), 1);
        disk.put(
                IN.resolve("b.csv.gz"),
                Captures.gzip(many(2_500).getBytes(StandardCharsets.UTF_8)),
                2);
        disk.put(
                IN.resolve("c.csv"), file("x,1", "y,2", "z,3").getBytes(StandardCharsets.UTF_8), 3);
        return disk;
    }

    private static List<String> expected() {
        List<String> lines = new ArrayList<>(List.of("x,1", "y,2", "z,3"));
        for (int i = 0; i < 2_500; i++) {
            lines.add("user" + i + "," + i);
        }
        return lines;
    }

    private static void isExact(String what, SimulatedDisk disk) {
        List<String> texts =
                Taken.of(what, disk).lines().stream()
                        .map(line -> line.substring(line.indexOf(' ') + 1))
                        .toList();
        assertThat(texts.equals(expected())).as("%s: each line once, in order", what).isTrue();
        Map<Long, TakenFile> files = new TreeMap<>();
        TakenFiles.read(disk, STATE, one -> files.put(one.number(), one));
        assertThat(files.values().stream().map(TakenFile::lines))
                .as(what)
                .containsExactly(3L, 2_500L, 0L);
        assertThat(FilesState.load(disk, STATE).orElseThrow().current()).as(what).isNull();
    }

    /** R20, R22: cut at every operation of the disk, by a kill and by a power cut, and go on. */
    @Test
    void nothingIsLostOrDoubledWhereverTheIntakeIsCut() {
        config = config(true, 1 << 20);
        SimulatedDisk whole = cutDisk();
        long before = whole.operations();
        run(whole, new World(), 3, 0);
        isExact("undisturbed", whole);
        assertThat(whole.operations() - before).isGreaterThan(60);
        for (long n = before + 1; n <= whole.operations(); n++) {
            SimulatedDisk cut = cutDisk();
            cut.cutAt(n);
            assertThat(isCut(cut)).isTrue();
            goesOn("kill at " + n, cut.afterKill(), n);
            for (int chance = 0; chance < POWER_CUTS; chance++) {
                goesOn(
                        "power cut at " + n + ", chance " + chance,
                        cut.afterPowerCut(new Random(n * 31 + chance)),
                        n);
            }
        }
    }

    private boolean isCut(SimulatedDisk cut) {
        try {
            run(cut, new World(), 3, 0);
            return false;
        } catch (PowerCut expected) {
            return true;
        }
    }

    private void goesOn(String what, SimulatedDisk next, long n) {
        next.cutAt(next.operations() + 1 + new Random(n).nextInt(30));
        SimulatedDisk last = isCut(next) ? next.afterKill() : next;
        last.cutAt(Long.MAX_VALUE);
        try {
            run(last, new World(), 3, 0);
        } catch (RuntimeException e) {
            throw new AssertionError(what + ": " + e, e);
        }
        isExact(what, last);
    }

    @Test
    void afterAFailedForceTheNextRunGoesOn() {
        config = config(false, 1 << 20);
        int failed = 0;
        for (int n = 1; n <= 25; n++) {
            SimulatedDisk one = cutDisk();
            one.failForceAt(n);
            try {
                run(one, new World(), 3, 0);
            } catch (DiskFailure | JournalFailed expected) {
                failed++;
            }
            SimulatedDisk next = one.afterPowerCut(new Random(n));
            run(next, new World(), 3, 0);
            isExact("force " + n + " failed", next);
        }
        assertThat(failed).isGreaterThan(10);
    }
}
