package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** docs/formats/processed.md says what the code does. */
class FilesStateDocumentTest {
    private static final Path DIRECTORY = Path.of("/import/cdr");
    private static final FilesState STATE =
            new FilesState(
                    1,
                    1_795_341_600_000_000L,
                    13,
                    new TakenFile(
                            2,
                            "b.csv",
                            4_096,
                            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                            1_795_341_900_000_000L,
                            TakenFile.State.TAKING,
                            0,
                            10,
                            1_795_341_910_000_000L,
                            0,
                            null),
                    List.of());
    private static final TakenFile TAKEN =
            new TakenFile(
                    1,
                    "a.csv",
                    57,
                    "c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a",
                    1_795_341_800_000_000L,
                    TakenFile.State.TAKEN,
                    0,
                    3,
                    1_795_341_810_000_000L,
                    1_795_341_810_500_000L,
                    null);

    private static String example(String kind) throws IOException {
        String page = Files.readString(Path.of("docs", "formats", "processed.md"));
        String begin = "```" + kind + "\n";
        int from = page.indexOf(begin) + begin.length();
        return page.substring(from, page.indexOf("```", from));
    }

    @Test
    void theExampleOfTheStateIsReadAndWrittenAsThePageSays() throws IOException {
        var disk = new SimulatedDisk(1);
        disk.createDirectories(DIRECTORY);
        Path file = DIRECTORY.resolve(FilesState.FILE);
        disk.put(file, example("state").getBytes(StandardCharsets.UTF_8));

        assertThat(FilesState.load(disk, DIRECTORY)).contains(STATE);

        STATE.save(disk, DIRECTORY);
        assertThat(new String(disk.bytes(file), StandardCharsets.UTF_8).strip())
                .isEqualTo(example("state").strip());
    }

    @Test
    void theExampleOfTheListIsReadAndWrittenAsThePageSays() throws IOException {
        var disk = new SimulatedDisk(1);
        disk.createDirectories(DIRECTORY);
        Path file = DIRECTORY.resolve(TakenFiles.FILE);
        disk.put(file, example("taken").getBytes(StandardCharsets.UTF_8));
        List<TakenFile> read = new ArrayList<>();
        TakenFiles.read(disk, DIRECTORY, read::add);
        assertThat(read).containsExactly(TAKEN);

        disk.lose(file);
        try (var list = TakenFiles.open(disk, DIRECTORY, read::add)) {
            list.append(TAKEN);
        }
        assertThat(new String(disk.bytes(file), StandardCharsets.UTF_8))
                .isEqualTo(example("taken"));
    }
}
