package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.PowerCut;
import io.narwhal.base.SimulatedDisk;
import io.narwhal.base.StateReader;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;

/** Issue 5, point 9: data that a release cannot read is refused before anything is touched. */
class DataFormatTest {
    private static final NodeLayout LAYOUT = new NodeLayout(Path.of("/srv/narwhal"));
    private static final Path FILE = LAYOUT.node().resolve(DataFormat.FILE);

    private static SimulatedDisk disk(String json) {
        var disk = new SimulatedDisk(1);
        disk.createDirectories(LAYOUT.node());
        disk.put(FILE, json.getBytes(StandardCharsets.UTF_8));
        return disk;
    }

    @Test
    void aDirectoryWithoutTheFileIsAcceptedAndMarked() {
        var disk = new SimulatedDisk(1);
        DataFormat.require(disk, LAYOUT);
        DataFormat.mark(disk, LAYOUT);
        assertThat(DataFormat.look(disk, LAYOUT))
                .isEqualTo(new DataFormat.Found.Marked(DataFormat.NEWEST, DataFormat.release()));
        assertThat(new String(disk.bytes(FILE), StandardCharsets.UTF_8))
                .isEqualTo("{\"format\":1,\"release\":\"" + DataFormat.release() + "\"}\n");
    }

    @Test
    void whatIsMarkedSoAlreadyIsNotWrittenAgain() {
        var disk = new SimulatedDisk(1);
        DataFormat.mark(disk, LAYOUT);
        long operations = disk.operations();
        DataFormat.mark(disk, LAYOUT);
        assertThat(disk.operations()).isEqualTo(operations);
    }

    @Test
    void anotherReleaseOfTheSameFormatIsAcceptedAndThisOneIsTheLastToWriteThen() {
        SimulatedDisk disk = disk("{\"format\":1,\"release\":\"0.0.9\",\"later\":[1]}");
        DataFormat.require(disk, LAYOUT);
        assertThat(DataFormat.look(disk, LAYOUT))
                .isEqualTo(new DataFormat.Found.Marked(1, "0.0.9"));
        DataFormat.mark(disk, LAYOUT);
        assertThat(DataFormat.look(disk, LAYOUT))
                .isEqualTo(new DataFormat.Found.Marked(1, DataFormat.release()));
    }

    @Test
    void aNewerFormatIsRefusedWithTheReleaseThatReadsIt() {
        SimulatedDisk disk = disk("{\"format\":2,\"release\":\"7.1.0\"}");
        long operations = disk.operations();
        assertThatThrownBy(() -> DataFormat.mark(disk, LAYOUT))
                .isInstanceOf(DataFormat.Refused.class)
                .hasMessageStartingWith(
                        "/srv/narwhal: the data is of format 2, written by release 7.1.0; this is"
                                + " release ")
                .hasMessageContaining("reads format 1. Nothing was changed. Run release 7.1.0 or")
                .hasMessageEndingWith("See docs/operations/upgrading.md");
        assertThat(disk.operations()).isEqualTo(operations);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"format\":0}", "{\"format\":\"x\"}", "\0\0\0"})
    void bytesThatAreNoFormatAreRefusedAndNotReplaced(String bytes) {
        SimulatedDisk disk = disk(bytes);
        assertThatThrownBy(() -> DataFormat.mark(disk, LAYOUT))
                .isInstanceOf(DataFormat.Refused.class)
                .hasMessageContaining(FILE.toString())
                .hasMessageContaining("delete that file");
        assertThat(disk.bytes(FILE)).asString(StandardCharsets.UTF_8).isEqualTo(bytes);
    }

    @Test
    void aCutWhileItIsMarkedLeavesADirectoryThatIsAcceptedAndMarkedNextTime() {
        boolean cut = true;
        int cuts = 0;
        for (int step = 1; cut; step++) {
            cut = false;
            var disk = new SimulatedDisk(step);
            disk.cutAt(step);
            try {
                DataFormat.mark(disk, LAYOUT);
            } catch (PowerCut e) {
                cut = true;
                cuts++;
            }
            for (int seed = 0; seed < 10; seed++) {
                SimulatedDisk after = disk.afterPowerCut(new Random(seed));
                DataFormat.mark(after, LAYOUT);
                assertThat(DataFormat.look(after, LAYOUT))
                        .as("step %d, seed %d", step, seed)
                        .isInstanceOf(DataFormat.Found.Marked.class);
            }
        }
        assertThat(cuts).isGreaterThanOrEqualTo(4);
    }

    @Test
    void bytesOfAnotherReleaseAreToldWithWhatToDo() {
        assertThat(
                        DataFormat.ofAnotherRelease(
                                "/srv/narwhal", new StateReader.Malformed("version 9")))
                .contains("/srv/narwhal", "version 9", "run the release that wrote it");
    }
}
