package io.narwhal.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.narwhal.base.Disk;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.component.NodeLayout;
import io.narwhal.component.Progress;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Issue 5: what an operator is told to see to, from what is seen: a table. */
class AlarmsTest {
    private static final long GIB = 1L << 30;
    private static final long NOW_MS = Instant.parse("2026-11-23T10:00:00Z").toEpochMilli();
    private static final Wish RUN = new Wish.Run();
    private static final Wish STOPPED =
            new Wish.Stopped(Instant.parse("2026-11-23T09:00:00Z"), "alice", "a test");

    private Optional<Disk.Room> room = Optional.of(new Disk.Room(500 * GIB, 1_000 * GIB));
    private final List<Sight.Journal> journals = new ArrayList<>();
    private final List<Sight.Component> components = new ArrayList<>();
    private final List<Progress> progress = new ArrayList<>();
    private final List<Stall> stalls = new ArrayList<>();
    private final List<PulledTrouble> troubles = new ArrayList<>();

    private Sight sight(long nowMs) {
        return new Sight(
                nowMs,
                room,
                Path.of("/data"),
                GIB / 8,
                journals,
                components,
                progress,
                stalls,
                troubles);
    }

    private List<Alarm> alarms() {
        return Alarms.of(sight(NOW_MS), List.of());
    }

    private static Sight.Component component(String name, Wish wish, int failures) {
        return new Sight.Component(name, wish, failures, null, null);
    }

    @Test
    void aNodeThatIsWellHasNone() {
        journals.add(new Sight.Journal("journal/received/flows", 79 * GIB, 100 * GIB));
        components.add(component("accounting", RUN, Supervision.LOOP_FAILURES - 1));
        progress.add(new Progress("journal/received/flows", "accounting", 10, 5_000));
        stalls.add(
                new Stall(
                        "journal/received/flows", "accounting", 10, NOW_MS - Alarms.STALL_MS + 1));
        assertThat(alarms()).isEmpty();
    }

    @Test
    void usageThatIsHeldIsAnAlarmAsTheLinkWroteItDown() {
        var disk = new SimulatedDisk(1);
        NodeConfig config = pulling(disk);
        Path directory = new NodeLayout(config.data()).transfer();
        assertThat(PulledTrouble.of(config, disk)).isEmpty();
        disk.createDirectories(directory);
        disk.put(
                directory.resolve("pulled.json"),
                """
                {"links":[{"link":"a","complaint":"usage is held: a (flows): why"},
                {"link":"b","complaint":""}]}
                """
                        .getBytes(StandardCharsets.UTF_8));
        troubles.addAll(PulledTrouble.of(config, disk));
        assertThat(alarms())
                .extracting(Alarm::what, Alarm::about, Alarm::detail)
                .containsExactly(tuple("link-trouble", "a", "usage is held: a (flows): why"));
        disk.put(directory.resolve("pulled.json"), "{torn".getBytes(StandardCharsets.UTF_8));
        assertThat(PulledTrouble.of(config, disk)).isEmpty();
    }

    private static NodeConfig pulling(SimulatedDisk disk) {
        String yaml =
                """
                node: central
                pull: { a: { address: "127.0.0.1:4747", tls: none, journal: usage } }
                usage: { total: { keys: [] } }
                """;
        return switch (ConfigLoader.load(disk, Path.of("/n/node.yaml"), yaml)) {
            case Loaded.Valid(NodeConfig config, var _) -> config;
            case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
        };
    }

    @Test
    void aJournalIsNearlyFullFromFourFifthsOnAndNamesItsSlowestReader() {
        journals.add(new Sight.Journal("journal/usage/flows", 80 * GIB, 100 * GIB));
        progress.add(new Progress("journal/usage/flows", "ledger", 0, 3 * GIB));
        progress.add(new Progress("journal/usage/flows", "other", 0, 2 * GIB));
        assertThat(alarms())
                .containsExactly(
                        new Alarm(
                                "journal-nearly-full",
                                "journal/usage/flows",
                                "2026-11-23T10:00:00Z",
                                "80.0 GiB of 100.0 GiB; ledger has 3.0 GiB yet to read",
                                "see to its slowest reader, shorten the journal's retention, or"
                                        + " raise its capacity; when it is full its writer waits"));
    }

    @Test
    void aJournalThatIsFullOfWhatIsOnlyKeptSaysSo() {
        journals.add(new Sight.Journal("journal/usage/flows", 100 * GIB, 100 * GIB));
        assertThat(alarms().getFirst().detail()).contains("its readers have read all of it");
    }

    @Test
    void anAlarmEndsALittleFartherAwayThanWhereItBeganAndKeepsItsBeginning() {
        journals.add(new Sight.Journal("j", 80 * GIB, 100 * GIB));
        List<Alarm> standing = alarms();
        journals.set(0, new Sight.Journal("j", 78 * GIB, 100 * GIB));
        assertThat(alarms()).isEmpty();
        List<Alarm> later = Alarms.of(sight(NOW_MS + 60_000), standing);
        assertThat(later.getFirst().since()).isEqualTo("2026-11-23T10:00:00Z");
        journals.set(0, new Sight.Journal("j", 78 * GIB - 1_000, 100 * GIB));
        assertThat(Alarms.of(sight(NOW_MS + 60_000), later)).isEmpty();
    }

    @Test
    void aDiskIsNearlyFullBelowATenthOfRoomOrTwoSegments() {
        room = Optional.of(new Disk.Room(100 * GIB, 1_000 * GIB));
        assertThat(alarms()).isEmpty();
        room = Optional.of(new Disk.Room(100 * GIB - 1, 1_000 * GIB));
        assertThat(alarms()).extracting(Alarm::what).containsExactly("disk-nearly-full");
        List<Alarm> standing = alarms();
        room = Optional.of(new Disk.Room(119 * GIB, 1_000 * GIB));
        assertThat(Alarms.of(sight(NOW_MS), standing)).isNotEmpty();
        room = Optional.of(new Disk.Room(120 * GIB, 1_000 * GIB));
        assertThat(Alarms.of(sight(NOW_MS), standing)).isEmpty();

        room = Optional.of(new Disk.Room(GIB / 4, GIB)); // two segments
        assertThat(alarms()).isEmpty();
        room = Optional.of(new Disk.Room(GIB / 4 - 1, GIB));
        assertThat(alarms()).extracting(Alarm::detail).containsExactly("256.0 MiB free of 1.0 GiB");
        room = Optional.empty();
        assertThat(alarms()).isEmpty();
    }

    @Test
    void aComponentThatFailsAgainAndAgainIsToldWithItsNextTry() {
        components.add(
                new Sight.Component(
                        "accounting",
                        RUN,
                        Supervision.LOOP_FAILURES,
                        "2026-11-23T10:00:05Z",
                        "exit code 3"));
        assertThat(alarms())
                .extracting(Alarm::what, Alarm::about, Alarm::detail)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "crash-loop",
                                "accounting",
                                "failed 3 times, the last: exit code 3; next try at"
                                        + " 2026-11-23T10:00:05Z"));
    }

    @Test
    void aReaderThatStandsForAnHourNamesTheJournalThatItHolds() {
        components.add(component("accounting", RUN, 0));
        progress.add(new Progress("journal/received/radius", "lane-flows", 64, 2_112));
        stalls.add(
                new Stall("journal/received/radius", "lane-flows", 64, NOW_MS - Alarms.STALL_MS));
        Alarm alarm = alarms().getFirst();
        assertThat(alarm.what()).isEqualTo("reader-stalled");
        assertThat(alarm.about()).isEqualTo("lane-flows in journal/received/radius");
        assertThat(alarm.detail())
                .isEqualTo(
                        "has not advanced since 2026-11-23T09:00:00Z with 2.0 KiB to read; it holds"
                                + " journal/received/radius from position 64 on");
        assertThat(alarm.next()).contains("log/accounting.log");

        progress.set(0, new Progress("journal/received/radius", "lane-flows", 65, 2_112));
        assertThat(alarms()).isEmpty();
        progress.set(0, new Progress("journal/received/radius", "lane-flows", 64, 64));
        assertThat(alarms()).isEmpty();
    }

    @Test
    void aStoppedComponentIsToldOnceWhileSomethingWaitsForIt() {
        components.add(component("flows", STOPPED, 0));
        components.add(component("accounting", STOPPED, 0));
        components.add(component("ledger", STOPPED, 0));
        progress.add(new Progress("journal/received/flows", "accounting", 0, 1_024));
        progress.add(new Progress("journal/received/acct", "accounting", 0, 2_048));
        progress.add(new Progress("journal/usage/flows", "ledger", 7, 7));
        stalls.add(new Stall("journal/received/flows", "accounting", 0, 0));
        assertThat(alarms())
                .containsExactly(
                        new Alarm(
                                "stopped-with-backlog",
                                "accounting",
                                "2026-11-23T10:00:00Z",
                                "stopped by alice since 2026-11-23T09:00:00Z (a test); waiting for"
                                        + " it: 1.0 KiB in journal/received/flows, 2.0 KiB in"
                                        + " journal/received/acct",
                                "narwhal start accounting"));
    }

    @Test
    void aWishThatCannotBeReadIsTold() {
        components.add(component("flows", new Wish.Unreadable("why"), 0));
        assertThat(alarms()).extracting(Alarm::what).containsExactly("wish-unreadable");
    }

    @Test
    void aReaderStandsSinceItStoodThereWithSomethingToRead() {
        var behind = new Progress("j", "r", 10, 20);
        List<Stall> first = Stall.of(List.of(behind), List.of(), 1_000);
        assertThat(first).containsExactly(new Stall("j", "r", 10, 1_000));
        var more = new Progress("j", "r", 10, 30);
        assertThat(Stall.of(List.of(more), first, 2_000)).isEqualTo(first);
        var on = new Progress("j", "r", 20, 30);
        assertThat(Stall.of(List.of(on), first, 2_000))
                .containsExactly(new Stall("j", "r", 20, 2_000));
        var all = new Progress("j", "r", 30, 30);
        assertThat(Stall.of(List.of(all), first, 2_000)).isEmpty();
        // A clock that was set back must not make an hour of it.
        assertThat(Stall.of(List.of(more), first, 500))
                .containsExactly(new Stall("j", "r", 10, 500));
    }
}
