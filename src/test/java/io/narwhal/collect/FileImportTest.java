package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.capture.Captures;
import io.narwhal.capture.Captures.Captured;
import io.narwhal.journal.JournalFailed;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalVerifier;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** Each file once: whatever is cut where, in whatever order files are given again. */
class FileImportTest {
    private static final Path JOURNAL = Path.of("/data/journal/received/import");
    private static final Path LIST = Path.of("/data/import");
    private static final Path FIRST = Path.of("/in/first.pcap");
    private static final Path RECORDS = Path.of("/in/records.ipfix");
    private static final Path LAST = Path.of("/in/last.pcap.gz");
    private static final List<Path> ALL = List.of(FIRST, RECORDS, LAST);
    private static final FileImport.Choice CHOICE = new FileImport.Choice(Set.of(), 0, 0);
    private static final int POWER_CUTS = 3;

    private static final List<byte[]> FIRST_SENT = sent(0, 90);
    private static final List<byte[]> LAST_SENT = sent(500, 25);
    private static final List<byte[]> MESSAGES =
            List.of(
                    Captures.ipfix(true, 0, 2, 0),
                    Captures.ipfix(false, 1, 3, 2),
                    Captures.ipfix(false, 2, 1, 5));

    private static List<byte[]> sent(int from, int count) {
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(Captures.v5(from + i, 1, i));
        }
        return all;
    }

    private static byte[] capture(List<byte[]> sent, long startMicros) {
        List<Captured> packets = new ArrayList<>();
        for (byte[] one : sent) {
            int collector = 0xc000_0201 + packets.size() / 50; // a second one comes into sight late
            packets.add(
                    new Captured(
                            startMicros + packets.size() * 1_000L,
                            Captures.ipv4(17, 0xc633_6401, collector, Captures.udp(9, 2055, one))));
        }
        return Captures.pcap(Captures.RAW, packets);
    }

    private static SimulatedDisk disk(long seed) {
        var disk = new SimulatedDisk(seed);
        disk.createDirectories(Path.of("/in"));
        disk.put(FIRST, capture(FIRST_SENT, Captures.START_MICROS));
        disk.put(RECORDS, Captures.join(MESSAGES.toArray(new byte[0][])));
        disk.put(LAST, Captures.gzip(capture(LAST_SENT, Captures.START_MICROS - 90_000_000)));
        return disk;
    }

    /** Time that stands still; nobody stops the import. */
    private static final class World implements Clock, FileImport.Watcher {
        boolean stopped;
        int waits;

        @Override
        public long wallMicros() {
            return Captures.START_MICROS + 3_600_000_000L;
        }

        @Override
        public long monotonicNanos() {
            return 0;
        }

        @Override
        public void sleepMillis(long millis) {}

        @Override
        public void progress(Path file, long bytes, long size, long datagrams) {}

        @Override
        public void waiting(String why) {
            waits++;
        }

        @Override
        public boolean isStopped() {
            return stopped;
        }
    }

    private static JournalWriter journal(SimulatedDisk disk, long capacityBytes) {
        var limits = new JournalLimits(8_192, 8_000, capacityBytes, 0);
        return JournalWriter.open(
                disk,
                new World(),
                JournalSettings.of(JOURNAL, limits, Set.of("accounting")),
                () -> 77);
    }

    private static FileImport open(SimulatedDisk disk, JournalWriter journal, World world) {
        try (var last = JournalReader.openLast(disk, JOURNAL)) {
            return new FileImport(
                    disk,
                    LIST,
                    journal,
                    last,
                    world,
                    world,
                    message -> message.destinationPort() == 1813);
        }
    }

    private static List<FileImport.Outcome> run(SimulatedDisk disk, List<Path> files) {
        return run(disk, files, CHOICE, new World());
    }

    private static List<FileImport.Outcome> run(
            SimulatedDisk disk, List<Path> files, FileImport.Choice choice, World world) {
        try (var journal = journal(disk, 0)) {
            var intake = open(disk, journal, world);
            var outcomes = files.stream().map(file -> intake.take(file, choice)).toList();
            intake.close();
            return outcomes;
        }
    }

    /** What the journal holds, by number of the file, and how its blocks follow each other. */
    private record Taken(Map<Long, List<byte[]>> byFile, List<ReceivedBlock.Kind> kinds) {
        static Taken of(String what, SimulatedDisk disk) {
            var taken = new Taken(new TreeMap<>(), new ArrayList<>());
            assertThat(JournalVerifier.verify(disk, JOURNAL).findings()).as(what).isEmpty();
            try (var reader = JournalReader.open(disk, JOURNAL, 0)) {
                var block = new ReceivedBlock();
                long datagrams = 0;
                while (reader.next() == JournalReader.Step.FRAME) {
                    block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                    datagrams += taken.add(block);
                    assertThat(block.datagramsTotal()).as(what).isEqualTo(datagrams);
                }
            }
            return taken;
        }

        private long add(ReceivedBlock block) {
            kinds.add(block.kind());
            long datagrams = 0;
            while (block.kind() == ReceivedBlock.Kind.DATAGRAMS && block.next()) {
                byFile.computeIfAbsent(block.batch(), _ -> new ArrayList<>())
                        .add(
                                Arrays.copyOfRange(
                                        block.bytes(),
                                        block.offset(),
                                        block.offset() + block.length()));
                datagrams++;
            }
            return datagrams;
        }
    }

    private static void isExact(String what, SimulatedDisk disk) {
        Taken taken = Taken.of(what, disk);
        Map<Path, List<byte[]>> expected =
                Map.of(FIRST, FIRST_SENT, RECORDS, MESSAGES, LAST, LAST_SENT);
        List<ProcessedFile> files = ProcessedFiles.load(disk, LIST).orElseThrow().files();
        assertThat(files).as(what).hasSize(ALL.size());
        for (ProcessedFile one : files) {
            List<byte[]> sent = expected.get(Path.of(one.name()));
            assertThat(taken.byFile().get((long) one.number()))
                    .as("%s, %s", what, one.name())
                    .usingElementComparator(Arrays::compare)
                    .containsExactlyElementsOf(sent);
            assertThat(one.state()).as(what).isEqualTo(ProcessedFile.State.PROCESSED);
            assertThat(one.datagrams()).as(what).isEqualTo(sent.size());
            assertThat(one.octets())
                    .as(what)
                    .isEqualTo(sent.stream().mapToLong(bytes -> bytes.length).sum());
            assertThat(one.packets()).as(what).isEqualTo(Map.of("taken", (long) sent.size()));
        }
        assertThat(taken.kinds()).as(what).endsWith(ReceivedBlock.Kind.CLOSE);
        assertThat(taken.kinds())
                .as(what)
                .contains(ReceivedBlock.Kind.SESSION_BEGAN, ReceivedBlock.Kind.SESSION_ENDED);
    }

    @Test
    void everyDatagramOfEveryFileIsTakenOnce() {
        SimulatedDisk disk = disk(1);
        assertThat(run(disk, ALL)).allMatch(one -> one instanceof FileImport.Outcome.Processed);
        isExact("undisturbed", disk);
        long operations = disk.operations();
        assertThat(run(disk, ALL)).allMatch(one -> one instanceof FileImport.Outcome.Known);
        isExact("given again", disk);
        assertThat(disk.operations() - operations).isLessThan(20);
    }

    /** R20, R22: cut at every operation of the disk, by a kill and by a power cut, and go on. */
    @Test
    void nothingIsLostOrDoubledWhereverTheImportIsCut() {
        SimulatedDisk whole = disk(1);
        long before = whole.operations();
        run(whole, ALL);
        assertThat(whole.operations() - before).isGreaterThan(60);
        for (long n = before + 1; n <= whole.operations(); n++) {
            SimulatedDisk disk = disk(1);
            disk.cutAt(n);
            isCut(disk, ALL);
            goesOn("kill at " + n, disk.afterKill(), n);
            for (int chance = 0; chance < POWER_CUTS; chance++) {
                goesOn(
                        "power cut at " + n + ", chance " + chance,
                        disk.afterPowerCut(new Random(n * 31 + chance)),
                        n);
            }
        }
    }

    /** The next run gives the files in another order, is cut as well, and the one after is not. */
    private static void goesOn(String what, SimulatedDisk disk, long n) {
        var random = new Random(n);
        List<Path> order = new ArrayList<>(ALL);
        java.util.Collections.shuffle(order, random);
        disk.cutAt(disk.operations() + 1 + random.nextInt(40));
        boolean cut = isCut(disk, order);
        SimulatedDisk last = cut ? disk.afterKill() : disk;
        last.cutAt(Long.MAX_VALUE);
        String which = what + ", then in the order " + order + (cut ? ", cut again" : "");
        try {
            assertThat(run(last, ALL))
                    .as(which)
                    .noneMatch(one -> one instanceof FileImport.Outcome.Refused);
            isExact(which, last);
        } catch (RuntimeException e) {
            throw new AssertionError(which + ": " + e, e);
        }
    }

    private static boolean isCut(SimulatedDisk disk, List<Path> files) {
        try {
            run(disk, files);
            return false;
        } catch (PowerCut expected) {
            return true;
        }
    }

    @Test
    void afterAFailedForceTheNextRunGoesOn() {
        int failed = 0;
        for (int n = 1; n <= 30; n++) {
            SimulatedDisk disk = disk(n);
            disk.failForceAt(n);
            try {
                run(disk, ALL);
            } catch (DiskFailure | JournalFailed expected) {
                failed++;
            }
            SimulatedDisk next = disk.afterPowerCut(new Random(n));
            run(next, ALL);
            isExact("force " + n + " failed", next);
        }
        assertThat(failed).isGreaterThan(10);
    }

    @Test
    void aStoppedImportGoesOnWhereItStopped() {
        SimulatedDisk disk = disk(1);
        List<byte[]> many = sent(0, 3_000);
        disk.put(FIRST, capture(many, Captures.START_MICROS));
        var world = new World();
        world.stopped = true;
        assertThat(run(disk, List.of(FIRST), CHOICE, world).getFirst())
                .isInstanceOf(FileImport.Outcome.Stopped.class);
        long there = Taken.of("stopped", disk).byFile().get(1L).size();
        assertThat(there).isGreaterThan(0).isLessThan(3_000);
        run(disk, List.of(RECORDS));
        run(disk, List.of(FIRST));
        assertThat(Taken.of("gone on", disk).byFile().get(1L))
                .usingElementComparator(Arrays::compare)
                .containsExactlyElementsOf(many);
    }

    @Test
    void theSameContentUnderAnotherNameIsTheSameData() {
        SimulatedDisk disk = disk(1);
        run(disk, List.of(FIRST));
        Path other = Path.of("/in/renamed");
        disk.put(other, disk.bytes(FIRST));
        assertThat(run(disk, List.of(other)).getFirst())
                .isInstanceOfSatisfying(
                        FileImport.Outcome.Known.class,
                        known -> assertThat(known.before().name()).isEqualTo(FIRST.toString()));
    }

    @Test
    void otherContentUnderTheSameNameIsOtherData() {
        SimulatedDisk disk = disk(1);
        run(disk, List.of(FIRST));
        disk.put(FIRST, capture(sent(900, 4), Captures.START_MICROS));
        assertThat(run(disk, List.of(FIRST)).getFirst())
                .isInstanceOf(FileImport.Outcome.Processed.class);
        assertThat(Taken.of("both", disk).byFile().get(2L)).hasSize(4);
    }

    @Test
    void aFileThatHasGrownIsRefusedAsItsBeginningWouldCountTwice() {
        SimulatedDisk disk = disk(1);
        run(disk, List.of(FIRST));
        disk.put(
                FIRST,
                Captures.join(
                        disk.bytes(FIRST),
                        Arrays.copyOfRange(capture(sent(900, 4), Captures.START_MICROS), 24, 300)));
        assertThat(refusal(disk, FIRST, CHOICE)).contains("begins with all of /in/first.pcap");
    }

    @Test
    void aFileThatChangedWhileItWasInterruptedIsRefusedWithWhatToDo() {
        SimulatedDisk disk = disk(1);
        disk.put(FIRST, capture(sent(0, 2_000), Captures.START_MICROS));
        var world = new World();
        world.stopped = true;
        run(disk, List.of(FIRST), CHOICE, world);
        assertThat(refusal(disk, FIRST, new FileImport.Choice(Set.of(2055), 0, 0)))
                .contains("was begun without --port");
        disk.put(FIRST, capture(sent(900, 4), Captures.START_MICROS));
        assertThat(refusal(disk, FIRST, CHOICE)).contains("has changed").contains("another name");
    }

    private static String refusal(SimulatedDisk disk, Path file, FileImport.Choice choice) {
        var outcome = run(disk, List.of(file), choice, new World()).getFirst();
        assertThat(outcome).isInstanceOf(FileImport.Outcome.Refused.class);
        return ((FileImport.Outcome.Refused) outcome).message();
    }

    @Test
    void aListThatIsLostOrOldIsNoReasonToCountTwice() {
        SimulatedDisk disk = disk(1);
        run(disk, List.of(FIRST));
        byte[] old = disk.bytes(LIST.resolve(ProcessedFiles.FILE));
        run(disk, List.of(LAST));
        disk.put(LIST.resolve(ProcessedFiles.FILE), old);
        assertThatThrownBy(() -> run(disk, List.of(LAST)))
                .isInstanceOf(FileImport.Inconsistent.class)
                .hasMessageContaining("knows of 90 datagrams")
                .hasMessageContaining("has 115");
        disk.lose(LIST.resolve(ProcessedFiles.FILE));
        assertThatThrownBy(() -> run(disk, ALL)).isInstanceOf(FileImport.Inconsistent.class);
        disk.put(LIST.resolve(ProcessedFiles.FILE), new byte[] {'{'});
        assertThatThrownBy(() -> run(disk, ALL)).hasMessageContaining("processed.json");
    }

    @Test
    void theListOutlivesTheJournal() {
        SimulatedDisk disk = disk(1);
        run(disk, ALL);
        try (var reader = JournalReader.open(disk, JOURNAL, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {}
            reader.acknowledge("accounting", reader.position());
        }
        disk.put(Path.of("/in/more"), capture(sent(900, 40), Captures.START_MICROS));
        run(disk, List.of(Path.of("/in/more")));
        assertThat(JournalReader.oldest(disk, JOURNAL)).isGreaterThan(0);
        assertThat(run(disk, ALL)).allMatch(one -> one instanceof FileImport.Outcome.Known);
    }

    @Test
    void aFullJournalMakesTheImportWaitUntilItIsToldToStop() {
        SimulatedDisk disk = disk(1);
        var world = new World();
        world.stopped = true;
        try (var journal = journal(disk, 16_384)) {
            var intake = open(disk, journal, world);
            disk.put(FIRST, capture(sent(0, 400), Captures.START_MICROS));
            assertThat(intake.take(FIRST, CHOICE)).isInstanceOf(FileImport.Outcome.Stopped.class);
        }
        assertThat(world.waits).isEqualTo(1);
        run(disk, List.of(FIRST));
        assertThat(Taken.of("gone on", disk).byFile().get(1L))
                .usingElementComparator(Arrays::compare)
                .containsExactlyElementsOf(sent(0, 400));
    }

    @Test
    void destinationsAreToldApartAndKeepTheirNumbers() {
        SimulatedDisk disk = disk(1);
        run(disk, List.of(FIRST, LAST));
        assertThat(ProcessedFiles.load(disk, LIST).orElseThrow().destinations())
                .containsExactly("192.0.2.1 port 2055", "192.0.2.2 port 2055");
        List<Captured> packets = new ArrayList<>();
        for (int i = 0; i < FileImport.DESTINATIONS_MAX; i++) {
            packets.add(
                    new Captured(
                            Captures.START_MICROS,
                            Captures.ipv4(17, 1, 2, Captures.udp(9, 1 + i, Captures.v5(i, 1, i)))));
        }
        disk.put(Path.of("/in/many"), Captures.pcap(Captures.RAW, packets));
        run(disk, List.of(Path.of("/in/many")));
        assertThat(ProcessedFiles.load(disk, LIST).orElseThrow().files().getLast().packets())
                .isEqualTo(Map.of("taken", 254L, "destination-limit", 2L));
    }

    @Test
    void blocksSayWhenTheirDatagramsWereCapturedAndWhereFrom() {
        SimulatedDisk disk = disk(1);
        run(
                disk,
                List.of(FIRST, RECORDS),
                new FileImport.Choice(Set.of(), 0, 0xffff_0102_0304L),
                new World());
        try (var reader = JournalReader.open(disk, JOURNAL, 0)) {
            var block = new ReceivedBlock();
            int at = 0;
            while (reader.next() == JournalReader.Step.FRAME) {
                block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
                while (block.kind() == ReceivedBlock.Kind.DATAGRAMS && block.next()) {
                    if (at < FIRST_SENT.size()) {
                        long captured = Captures.START_MICROS + at * 1_000L;
                        assertThat(block.arrivalMicros() - captured).isBetween(0L, 10_000L);
                        assertThat(block.source()).hasToString("198.51.100.1 port 9");
                        assertThat(block.listen()).isEqualTo(at / 50);
                        assertThat(block.transport()).isEqualTo(Transport.UDP);
                    } else {
                        assertThat(block.source()).hasToString("1.2.3.4 port 2");
                        assertThat(block.transport()).isEqualTo(Transport.FILE);
                    }
                    at++;
                }
            }
            assertThat(at).isEqualTo(FIRST_SENT.size() + MESSAGES.size());
        }
    }
}
