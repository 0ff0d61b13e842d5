package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.HexExample;
import io.narwhal.base.Disk;
import io.narwhal.record.ReceivedBlock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** docs/formats/marks.md against the code. */
@DisabledIf("isBigEndian")
class MarkPageDocumentTest {
    private static final int SIZE_BYTES = 4096;
    private static final UUID BOOT = new UUID(2, 7);
    private static final MarkPage.Left EXAMPLE =
            new MarkPage.Left(3, 4096, 0, true, List.of(new HeldPlace(4346, 2)), "oops");

    @TempDir Path directory;

    static boolean isBigEndian() {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
    }

    @Test
    void theExampleIsReadAsThePageSays() throws IOException {
        Path file = directory.resolve("accounting.flows.marks");
        Files.write(file, HexExample.of("marks.md").bytes(SIZE_BYTES));
        try (var page = MarkPage.open(Disk.system(), file, BOOT)) {
            assertThat(page.left()).contains(EXAMPLE);
        }
    }

    @Test
    void theExampleIsWrittenToTheSameBytes() throws IOException {
        Path file = directory.resolve("accounting.flows.marks");
        try (var page = MarkPage.open(Disk.system(), file, BOOT)) {
            page.begin(3);
            page.stepBegins(4096, 0, true);
            page.decoding(5, Marks.mark(250, 2), new ReceivedBlock());
            page.failed(new Oops());
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(HexExample.of("marks.md").bytes(SIZE_BYTES));
    }

    private static final class Oops extends RuntimeException {
        @Override
        public String toString() {
            return "oops";
        }
    }

    @Test
    void marksOfAnotherBootSayNothing() throws IOException {
        Path file = directory.resolve("accounting.flows.marks");
        Files.write(file, HexExample.of("marks.md").bytes(SIZE_BYTES));
        try (var page = MarkPage.open(Disk.system(), file, new UUID(3, 7))) {
            assertThat(page.left()).isEmpty();
        }
    }

    @Test
    void betweenTwoStepsNothingIsInHand() {
        Path file = directory.resolve("accounting.flows.marks");
        try (var page = MarkPage.open(Disk.system(), file, BOOT)) {
            assertThat(page.left()).as("a page that is new").isEmpty();
            page.begin(1);
            assertThat(page.left()).as("begun").isEmpty();
            page.stepBegins(4096, 0, false);
            assertThat(page.left().orElseThrow().named()).as("closing bins").isEmpty();
            page.decoding(31, Marks.mark(0, 65_534), new ReceivedBlock());
            assertThat(page.left().orElseThrow().named())
                    .containsExactly(new HeldPlace(4096, 65_534));
            page.decoded(31);
            page.stepEnded();
            assertThat(page.left()).as("ended").isEmpty();
        }
    }

    @Test
    void aLongLastWordIsCut() {
        Path file = directory.resolve("accounting.flows.marks");
        try (var page = MarkPage.open(Disk.system(), file, BOOT)) {
            page.begin(1);
            page.stepBegins(4096, 0, false);
            page.decoding(0, Marks.mark(0, 0), new ReceivedBlock());
            page.failed(new IllegalStateException("x".repeat(5_000)));
            MarkPage.Left left = page.left().orElseThrow();
            assertThat(left.how()).hasSize(448).startsWith("java.lang.IllegalStateException: xx");
            assertThat(left.named()).containsExactly(new HeldPlace(4096, 0));
        }
    }
}
