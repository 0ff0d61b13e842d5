package io.narwhal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** R20: what is written down of a recovery is what docs/recovery.md says. */
class RecoveryNoteTest {
    private static final RecoveryNote EXAMPLE =
            new RecoveryNote(
                    "2026-11-23T00:20:02.887Z",
                    "accounting",
                    "accounting",
                    11135,
                    3482476,
                    "36195851-90fd-4879-a2d5-a493631ff82b",
                    "crash",
                    "process 10946: signal 9",
                    315,
                    253L,
                    1,
                    null,
                    null,
                    List.of(
                            new RecoveryNote.Lane(
                                    "flows",
                                    new Plan.Resume().label(),
                                    Map.of(
                                            "checkpoint", "newest",
                                            "input", "complete",
                                            "output", "reaches"),
                                    new RecoveryNote.Checkpoint(6, 943L),
                                    3524120,
                                    3788384,
                                    new RecoveryNote.Amount(264264, 31, 4800),
                                    new RecoveryNote.Amount(0, 2, 118),
                                    List.of(
                                            new RecoveryNote.Cut(
                                                    "journal/usage/flows",
                                                    11610536,
                                                    2088,
                                                    List.of())),
                                    List.of(
                                            new RecoveryNote.Loss(
                                                    512,
                                                    "bytes",
                                                    "data/journal/received/flows/"
                                                            + "00000000000003500000.seg:72: no"
                                                            + " valid frame (positions 3500072 to"
                                                            + " 3500584)")))));

    private static String example() throws IOException {
        var found =
                Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(DecisionTable.DOCUMENT));
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    @Test
    void theExampleOfThePageIsWhatIsWritten() throws IOException {
        String oneLine = Pattern.compile("\\s*\n\\s*").matcher(example().strip()).replaceAll(" ");
        assertThat(RecoveryNote.read(oneLine)).contains(EXAMPLE);
        assertThat(RecoveryNote.read(EXAMPLE.line())).contains(EXAMPLE);
        assertThat(EXAMPLE.line()).doesNotContain("\n");
        // The same names in the same order: only blanks differ.
        assertThat(EXAMPLE.line().replace(" ", "")).isEqualTo(oneLine.replace(" ", ""));
    }

    @Test
    void everyFieldIsExplainedOnThePage() throws IOException {
        String page = Files.readString(DecisionTable.DOCUMENT);
        for (Object field : EXAMPLE.tree().keySet()) {
            if (!List.of("component", "kind", "pid", "began", "boot", "lanes").contains(field)) {
                assertThat(page).as("field %s", field).contains("`" + field + "`");
            }
        }
    }

    @Test
    void whatIsNoLineIsNone() {
        assertThat(RecoveryNote.read("")).isEmpty();
        assertThat(RecoveryNote.read("{\"at\":\"2026-11-")).isEmpty();
        assertThat(RecoveryNote.read("[]")).isEmpty();
        assertThat(RecoveryNote.read("{}")).isEmpty();
        assertThat(RecoveryNote.read("{\"pid\":\"seven\"}")).isEmpty();
    }
}
