package io.narwhal.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.base.Processes;
import io.narwhal.base.Processes.Identity;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whoever holds the sockets must neither go too soon nor stay too long (R20). */
class KeeperLoopTest {
    private final Processes processes = Processes.system();

    @TempDir private Path directory;

    @Test
    void itEndsWhenAnotherTakesItsPlaceOrTheFileIsGone() {
        Identity first = start();
        Identity second = start();
        await().until(() -> !processes.isAlive(first));
        assertThat(processes.isAlive(second)).isTrue();

        assertThat(file().toFile().delete()).isTrue();
        await().until(() -> !processes.isAlive(second));
    }

    @Test
    void whileTheDiskIsFullAndTheFileEmptyItStays() throws IOException, InterruptedException {
        Identity keeper = start();
        Files.writeString(file(), "");
        Thread.sleep(1_200); // it looks twice a second
        assertThat(processes.isAlive(keeper)).isTrue();

        Files.delete(file());
        await().until(() -> !processes.isAlive(keeper));
    }

    private Path file() {
        return directory.resolve("keeper.pid");
    }

    private Identity start() {
        Identity keeper =
                processes.start(
                        List.of("/bin/sh", "-c", Keeper.LOOP, file().toString()),
                        directory.resolve("log"),
                        List.of());
        await().until(() -> Files.exists(file()) && says(keeper));
        return keeper;
    }

    private boolean says(Identity keeper) throws IOException {
        return Files.readString(file()).strip().equals(Long.toString(keeper.pid()));
    }
}
