package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** docs/formats/processed.md says what the code does. */
class ProcessedFilesDocumentTest {
    private static final Path DIRECTORY = Path.of("/import");
    private static final ProcessedFiles LIST =
            new ProcessedFiles(
                    1,
                    1_795_341_600_000_000L,
                    2,
                    90,
                    List.of("192.0.2.254 port 2055"),
                    List.of(
                            new ProcessedFile(
                                    1,
                                    "/srv/in/capture.pcap",
                                    9_024,
                                    "c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a",
                                    "pcap",
                                    List.of(2_055),
                                    "",
                                    ProcessedFile.State.PROCESSED,
                                    "2026-11-22T10:05:00.250Z",
                                    "2026-11-22T10:05:01Z",
                                    90,
                                    6_480,
                                    Map.of("taken", 90L),
                                    null),
                            new ProcessedFile(
                                    2,
                                    "/srv/in/records.ipfix",
                                    1_048_576,
                                    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                                    "ipfix",
                                    List.of(),
                                    "192.0.2.1",
                                    ProcessedFile.State.BEGUN,
                                    "2026-11-22T10:05:02.5Z",
                                    null,
                                    0,
                                    0,
                                    Map.of(),
                                    null)));

    private static String example() throws IOException {
        String page = Files.readString(Path.of("docs", "formats", "processed.md"));
        int begin = page.indexOf("```json\n") + "```json\n".length();
        return page.substring(begin, page.indexOf("\n```", begin));
    }

    @Test
    void theExampleIsReadAsThePageSays() throws IOException {
        var disk = new SimulatedDisk(1);
        disk.createDirectories(DIRECTORY);
        disk.put(
                DIRECTORY.resolve(ProcessedFiles.FILE), example().getBytes(StandardCharsets.UTF_8));
        assertThat(ProcessedFiles.load(disk, DIRECTORY)).contains(LIST);
    }

    @Test
    void theExampleIsWrittenToTheSameText() throws IOException {
        var disk = new SimulatedDisk(1);
        disk.createDirectories(DIRECTORY);
        LIST.save(disk, DIRECTORY);
        String written =
                new String(
                        disk.bytes(DIRECTORY.resolve(ProcessedFiles.FILE)), StandardCharsets.UTF_8);
        assertThat(written).isEqualTo(example());
    }
}
