package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;
import io.narwhal.base.Processes;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** R21: what a process and its manager tell each other, each with a mapping of its own. */
class ComponentPageTest {
    private static final int SOCKETS_AT = 64;
    private static final int MESSAGE_BYTES_MAX = 2_480;

    @TempDir Path directory;
    private Path file;
    private ComponentPage process;
    private ComponentPage manager;

    @BeforeEach
    void open() {
        file = directory.resolve("flows.page");
        process = ComponentPage.open(Disk.system(), file);
        manager = ComponentPage.open(Disk.system(), file);
    }

    @AfterEach
    void close() {
        process.close();
        manager.close();
    }

    @Test
    void aNewPageBelongsToNobodyAndSaysRun() {
        assertThat(manager.owner()).isEqualTo(new Processes.Identity(0, 0));
        assertThat(manager.command()).isEqualTo(Command.RUN);
        assertThat(manager.phase()).isEqualTo(Phase.STARTING);
        assertThat(manager.sockets()).isEmpty();
        assertThat(manager.message()).isEmpty();
    }

    @Test
    void whatOneSaysTheOtherSees() {
        process.claim(new Processes.Identity(7, 8));
        process.beat();
        process.setRecords(9);
        process.become(Phase.WAITING, "no room");
        List<ComponentPage.Held> held = new ArrayList<>();
        for (int i = 0; i < ComponentPage.SOCKETS_MAX; i++) {
            held.add(new ComponentPage.Held(-i, i, 1L << i));
        }
        process.setSockets(held);

        assertThat(manager.owner()).isEqualTo(new Processes.Identity(7, 8));
        assertThat(manager.beats()).isEqualTo(1);
        assertThat(manager.records()).isEqualTo(9);
        assertThat(manager.phase()).isEqualTo(Phase.WAITING);
        assertThat(manager.message()).isEqualTo("no room");
        assertThat(manager.sockets()).isEqualTo(held);
        for (Command command : Command.values()) {
            manager.setCommand(command);
            assertThat(process.command()).isEqualTo(command);
        }
    }

    @Test
    void aProcessThatClaimsAPageFindsTheCommandAndTheCountAndNothingElse() {
        process.claim(new Processes.Identity(7, 8));
        process.beat();
        process.setRecords(9);
        process.setSockets(List.of(new ComponentPage.Held(1, 2, 3)));
        process.become(Phase.FAILED, "a defect");
        manager.setCommand(Command.DRAIN);

        process.claim(new Processes.Identity(70, 80));
        assertThat(process.command()).isEqualTo(Command.DRAIN);
        assertThat(process.records()).isEqualTo(9);
        assertThat(process.beats()).isZero();
        assertThat(process.phase()).isEqualTo(Phase.STARTING);
        assertThat(process.sockets()).isEmpty();
        assertThat(process.message()).isEmpty();
    }

    @Test
    void aLongMessageIsCut() {
        process.claim(new Processes.Identity(7, 8));
        process.become(Phase.FAILED, "x".repeat(10_000));
        assertThat(manager.message().getBytes(StandardCharsets.UTF_8)).hasSize(MESSAGE_BYTES_MAX);
    }

    @Test
    void aCountThatNoProcessWroteIsNotBelieved() {
        try (var bytes = Disk.system().page(file, 4_096)) {
            bytes.putLong(SOCKETS_AT, Long.MAX_VALUE);
        }
        assertThat(manager.sockets()).hasSize(ComponentPage.SOCKETS_MAX);
    }
}
