package io.narwhal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** R23: what ended the predecessor, and how knowledge of sessions comes back, as the page says. */
class AfterTest {
    @Test
    void whatEndedThePredecessorIsToldAsTheTableSays() throws IOException {
        List<List<String>> rows = DecisionTable.rows("written down | page");
        List<List<String>> used = new ArrayList<>();
        for (String written : List.of("nothing", "ended in order", "another boot", "this boot")) {
            for (String page : List.of("none", "over", "not over")) {
                List<String> row = DecisionTable.only(rows, List.of(written, page));
                used.add(row);
                assertThat(After.of(before(written, page), "now").label())
                        .as("%s, page %s", written, page)
                        .isEqualTo(row.get(2));
            }
        }
        assertThat(used).containsAll(rows);
        assertThat(rows).hasSize(8);
    }

    private static After.Before before(String written, String page) {
        String boot =
                switch (written) {
                    case "nothing" -> null;
                    case "this boot" -> "now";
                    default -> "then";
                };
        return new After.Before(
                boot, written.equals("ended in order"), !page.equals("none"), page.equals("over"));
    }

    @Test
    void labelsAreReadBack() {
        for (After one : After.values()) {
            assertThat(After.labelled(one.label())).isEqualTo(one);
        }
        assertThat(After.labelled(null)).isEqualTo(After.CRASH);
    }

    @Test
    void whatIsKnownOfSessionsComesBackAsTheTableSays() throws IOException {
        List<List<String>> rows = DecisionTable.rows("known");
        List<List<String>> used = new ArrayList<>();
        for (boolean known : List.of(false, true)) {
            for (Evidence.Input journal : Evidence.Input.values()) {
                String found = journal.name().toLowerCase(java.util.Locale.ROOT);
                List<String> row = DecisionTable.only(rows, List.of(known ? "yes" : "no", found));
                used.add(row);
                assertThat(SessionPlan.of(known, journal).label())
                        .as("%s, %s", known, found)
                        .isEqualTo(row.get(2));
            }
        }
        assertThat(used).containsAll(rows);
        assertThat(rows).hasSize(5);
    }
}
