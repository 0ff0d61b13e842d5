package io.narwhal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** R20, R23: every combination of evidence leads to the plan that docs/recovery.md says. */
class PlanTest {
    private record Row(List<String> evidence, String plan, String why, String seen) {
        boolean matches(Evidence found) {
            List<String> labels =
                    List.of(label(found.checkpoint()), label(found.input()), label(found.output()));
            for (int i = 0; i < labels.size(); i++) {
                if (!evidence.get(i).equals("*") && !evidence.get(i).equals(labels.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    @Test
    void eachCombinationMatchesOneRowAndItsPlan() throws IOException {
        List<Row> rows = rows();
        assertThat(combinations()).hasSize(64);
        combinations().forEach(evidence -> holds(evidence, rows));
    }

    private static List<Evidence> combinations() {
        List<Evidence> all = new ArrayList<>();
        for (Evidence.Checkpoint checkpoint : Evidence.Checkpoint.values()) {
            for (Evidence.Input input : Evidence.Input.values()) {
                for (Evidence.Output output : Evidence.Output.values()) {
                    all.add(new Evidence(checkpoint, input, output));
                }
            }
        }
        return all;
    }

    private static void holds(Evidence evidence, List<Row> rows) {
        List<Row> matching = rows.stream().filter(row -> row.matches(evidence)).toList();
        assertThat(matching).as("%s", evidence).hasSize(1);
        Row row = matching.getFirst();
        Plan plan = Plan.of(evidence);
        assertThat(plan.label()).as("%s", evidence).isEqualTo(row.plan);
        if (plan instanceof Plan.Refuse refuse) {
            assertThat(row.seen).as("%s", evidence).startsWith("error; ");
            String remedy = row.seen.substring("error; ".length());
            assertThat(refuse.remedy()).as("%s", evidence).startsWith(remedy);
            assertThat(refuse.message()).isEqualTo(refuse.reason() + "; " + refuse.remedy());
        }
    }

    @Test
    void noRowOfTheTableIsIdle() throws IOException {
        for (Row row : rows()) {
            assertThat(combinations()).as("%s", row).anyMatch(row::matches);
            assertThat(row.why).as("%s", row).isNotBlank();
        }
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static List<Row> rows() throws IOException {
        return DecisionTable.rows("checkpoint | input | output").stream()
                .map(
                        cells ->
                                new Row(
                                        cells.subList(0, 3),
                                        cells.get(3),
                                        cells.get(4),
                                        cells.get(5)))
                .toList();
    }
}
