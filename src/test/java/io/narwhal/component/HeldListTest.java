package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** R58: who is suspected, who is set aside, and what is forgotten; docs/formats/held.md. */
class HeldListTest {
    private static final HeldPlace A = new HeldPlace(100, 0);
    private static final HeldPlace B = new HeldPlace(100, 1);
    private static final HeldPlace C = new HeldPlace(260, 7);

    private static HeldList after(HeldList list, long life, HeldPlace... named) {
        return list.after(
                new MarkPage.Left(life, 100, 0, false, List.of(named), "died"), 1_000 + life);
    }

    private static HeldDatagram item(HeldPlace place, HeldList list) {
        return new HeldDatagram(
                place.position(), place.index(), 5, 0, new byte[80], list.deathsOf(place));
    }

    /** One line each: what was in hand at each death, and who is condemned then. */
    @Test
    void whoWasInHandAtTwoDeathsIsCondemned() {
        record Case(String what, List<List<HeldPlace>> deaths, Set<HeldPlace> condemned) {}
        for (Case one :
                List.of(
                        new Case("never", List.of(), Set.of()),
                        new Case("once", List.of(List.of(A)), Set.of()),
                        new Case("twice", List.of(List.of(A), List.of(A)), Set.of(A)),
                        new Case("two different", List.of(List.of(A), List.of(B)), Set.of()),
                        new Case(
                                "several threads, then one",
                                List.of(List.of(A, B, C), List.of(B)),
                                Set.of(B)),
                        new Case(
                                "nothing in hand between",
                                List.of(List.of(A), List.of(), List.of(A)),
                                Set.of(A)),
                        new Case(
                                "first the wrong one, as records are summed by the block",
                                List.of(List.of(C), List.of(A), List.of(A)),
                                Set.of(A)),
                        new Case(
                                "other things in between",
                                List.of(List.of(A), List.of(B), List.of(C), List.of(A)),
                                Set.of(A)),
                        new Case(
                                "two at once, by the same threads",
                                List.of(List.of(A, B), List.of(A, B)),
                                Set.of(A, B)))) {
            HeldList list = HeldList.empty();
            long life = 0;
            for (List<HeldPlace> named : one.deaths()) {
                list = after(list, ++life, named.toArray(HeldPlace[]::new));
            }
            assertThat(new HashSet<>(list.condemned())).as(one.what()).isEqualTo(one.condemned());
        }
    }

    @Test
    void aDeathIsCountedOnceHoweverOftenItIsFound() {
        HeldList once = after(HeldList.empty(), 1, A);
        assertThat(after(once, 1, A)).isSameAs(once);
        assertThat(after(once, 2, A).condemned()).containsExactly(A);
    }

    @Test
    void whatIsSetAsideIsPassedOverAndItsDeathsAreItsEvidence() {
        HeldList list = after(after(after(HeldList.empty(), 1, C), 2, A), 3, A);
        HeldList held = list.with(item(A, list), "flows");

        assertThat(held.aside()).containsOnlyKeys(100L);
        assertThat(held.aside().get(100L).get(0)).isTrue();
        assertThat(held.aside().get(100L).get(1)).isFalse();
        assertThat(held.items().getFirst().deaths()).hasSize(2);
        assertThat(held.deaths()).hasSize(1);
        assertThat(held.condemned()).isEmpty();
        assertThat(held.ids("flows")).containsExactly("flows-100-0");
    }

    @Test
    void whatWasPassedWithoutHarmIsNoLongerSuspected() {
        HeldList list = after(HeldList.empty(), 1, A);
        assertThat(list.passed(100, 0).deaths()).hasSize(1);
        assertThat(list.passed(101, 0).deaths()).isEmpty();
        assertThat(list.isSuspect(0, 100)).isFalse();
        assertThat(list.isSuspect(0, 101)).isTrue();
        assertThat(list.isSuspect(100, 300)).isTrue();
        assertThat(list.isSuspect(101, 300)).isFalse();
    }

    @Test
    void onlyTheLastDeathsAreRemembered() {
        HeldList list = HeldList.empty();
        for (int life = 1; life <= 100; life++) {
            list = after(list, life, new HeldPlace(100, life));
        }
        assertThat(list.deaths()).hasSize(HeldList.DEATHS_MAX);
        assertThat(list.deaths().getLast().named()).containsExactly(new HeldPlace(100, 100));
    }

    @Test
    void whatIsRecycledIsStillPassedOverInItsPlaceAndNoLongerListed() {
        HeldList list = after(after(HeldList.empty(), 1, A), 2, A);
        HeldList held = list.with(item(A, list), "flows");
        HeldList recycled = held.withRecycle(900, List.of("flows-100-0"), "flows");

        assertThat(recycled.aside()).containsOnlyKeys(100L);
        assertThat(recycled.held()).isEmpty();
        assertThat(recycled.ids("flows")).isEmpty();
        HeldList.Recycle one = recycled.recycles().getFirst();
        assertThat(one).isEqualTo(new HeldList.Recycle(1, 900, List.of("flows-100-0")));
        assertThat(recycled.datagrams(one)).extracting(HeldDatagram::place).containsExactly(A);
    }

    @Test
    void whatKillsAgainWhenItIsRecycledIsHeldAgainAndNoLongerRecycled() {
        HeldList list = after(after(HeldList.empty(), 1, A), 2, A);
        list = list.with(item(A, list), "flows");
        list = list.withRecycle(900, List.of("flows-100-0"), "flows");
        for (int life = 3; life <= 4; life++) {
            list = list.after(new MarkPage.Left(life, 100, 1, true, List.of(A), "again"), 2_000);
            assertThat(list.passed(5_000, 0).deaths()).as("not done yet").hasSize(life - 2);
        }
        assertThat(list.condemned()).containsExactly(A);
        HeldDatagram item = list.at(A).orElseThrow().heldAgain(list.deathsOf(A), 3_000);
        HeldList again = list.with(item, "flows");

        assertThat(again.ids("flows")).containsExactly("flows-100-0");
        assertThat(again.recycles().getFirst().ids()).isEmpty();
        assertThat(again.datagrams(again.recycles().getFirst())).isEmpty();
        assertThat(again.recycled()).isEqualTo(1);
        assertThat(again.deaths()).isEmpty();
        assertThat(again.held()).containsOnlyKeys(100L);
    }

    @Test
    void aRecyclingIsForgottenWhenNobodyCanReplayIt() {
        HeldList list = after(after(HeldList.empty(), 1, A), 2, A);
        list = list.with(item(A, list), "flows");
        list = list.withRecycle(900, List.of("flows-100-0"), "flows");

        assertThat(list.trimmed(0, 1_000)).as("the checkpoint before lacks it").isSameAs(list);
        assertThat(list.trimmed(1, 900)).as("the journal has its place").isSameAs(list);
        HeldList trimmed = list.trimmed(1, 901);
        assertThat(trimmed.items()).isEmpty();
        assertThat(trimmed.recycles()).isEmpty();
        assertThat(trimmed.recycled()).isEqualTo(1);
    }

    @Test
    void thereIsRoomForSoMuchAndNoMore() {
        HeldList list = HeldList.empty();
        assertThat(list.hasRoom((int) HeldList.BYTES_MAX)).isTrue();
        assertThat(list.hasRoom((int) HeldList.BYTES_MAX + 1)).isFalse();
        for (int i = 0; i < HeldList.ITEMS_MAX; i++) {
            assertThat(list.hasRoom(80)).isTrue();
            list = list.with(item(new HeldPlace(100, i), list), "flows");
        }
        assertThat(list.hasRoom(0)).isFalse();
    }

    @Test
    void theExampleOfThePageIsWhatIsReadAndWritten() throws IOException {
        String page = Files.readString(Path.of("docs", "formats", "held.md"));
        String json = page.substring(page.indexOf("```json\n") + 8);
        json = json.substring(0, json.indexOf("\n```"));
        var disk = new SimulatedDisk(1);
        var layout = new NodeLayout(Path.of("/data"));
        Path file = layout.held().resolve("flows.json");
        disk.put(file, json.getBytes(StandardCharsets.UTF_8));

        HeldList list = HeldList.load(disk, layout, "flows");
        assertThat(list.ids("flows")).containsExactly("flows-4346-2");
        assertThat(list.list("flows"))
                .singleElement()
                .satisfies(
                        item -> {
                            assertThat(item.what()).isEqualTo("datagram of 192.0.2.1 port 50000");
                            assertThat(item.bytes()).containsExactly(0, 9, 0, 1);
                            assertThat(item.reason()).startsWith("2 deaths");
                        });
        list.save(disk, layout, "flows");
        assertThat(new String(disk.bytes(file), StandardCharsets.UTF_8)).isEqualTo(json);
    }
}
