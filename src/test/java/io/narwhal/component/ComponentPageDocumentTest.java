package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.HexExample;
import io.narwhal.base.Disk;
import io.narwhal.base.Processes;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Listen;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** docs/formats/page.md says what the code does. */
@DisabledIf(value = "isBigEndian", disabledReason = "the example is of a little-endian machine")
class ComponentPageDocumentTest {
    private static final int SIZE_BYTES = 4096;
    private static final ComponentPage.Held HELD = new ComponentPage.Held(place().key(), 5, 0x2001);

    @TempDir Path directory;

    static boolean isBigEndian() {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
    }

    @Test
    void theExampleIsReadAsThePageSays() throws IOException {
        Path file = directory.resolve("flows.page");
        Files.write(file, HexExample.of("page.md").bytes(SIZE_BYTES));
        try (var page = ComponentPage.open(Disk.system(), file)) {
            assertThat(page.owner()).isEqualTo(new Processes.Identity(4711, 123_456));
            assertThat(page.beats()).isEqualTo(3);
            assertThat(page.phase()).isEqualTo(Phase.WAITING);
            assertThat(page.command()).isEqualTo(Command.RUN);
            assertThat(page.records()).isEqualTo(1_000_000);
            assertThat(page.sockets()).containsExactly(HELD);
            assertThat(page.message()).isEqualTo("disk full");
        }
    }

    @Test
    void bytesThatAreNoPageBecomeAnEmptyOne() throws IOException {
        Path file = directory.resolve("flows.page");
        var bytes = new byte[SIZE_BYTES];
        java.util.Arrays.fill(bytes, (byte) 0xa5);
        Files.write(file, bytes);

        try (var page = ComponentPage.open(Disk.system(), file)) {
            assertThat(page.owner()).isEqualTo(new Processes.Identity(0, 0));
            assertThat(page.phase()).isEqualTo(Phase.STARTING);
            assertThat(page.sockets()).isEmpty();
            assertThat(page.message()).isEmpty();
        }
    }

    @Test
    void theExampleIsWrittenToTheSameBytes() throws IOException {
        Path file = directory.resolve("flows.page");
        try (var page = ComponentPage.open(Disk.system(), file)) {
            page.claim(new Processes.Identity(4711, 123_456));
            page.beat();
            page.beat();
            page.beat();
            page.become(Phase.WAITING, "disk full");
            page.setCommand(Command.RUN);
            page.setRecords(1_000_000);
            page.setSockets(List.of(HELD));
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(HexExample.of("page.md").bytes(SIZE_BYTES));
    }

    private static SocketPlace place() {
        var listen = new Listen("::", 2055);
        var collector =
                new CollectorConfig(
                        "flows", CollectorConfig.Protocol.NETFLOW, List.of(listen), 1, 1 << 20);
        return SocketPlace.of(collector).getFirst();
    }
}
