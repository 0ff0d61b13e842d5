package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A disk of memory that can be full, or read-only; only root can mount one. */
final class SmallDisk {
    private static final int BLOCK_BYTES = 1 << 12;

    private SmallDisk() {}

    /** Mounts it; the test is skipped where that is not allowed, and says so. */
    static void mount(Class<?> test, Path directory, String options) throws Exception {
        int result = run("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString());
        if (result != 0) {
            System.out.println(
                    test.getSimpleName() + ": a full disk is skipped: no right to mount");
        }
        Assumptions.assumeTrue(result == 0, "a small disk can be mounted");
    }

    /** Writes the file until there is no room. */
    static void fill(Path filler) throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    /** Runs a command; its exit code. */
    static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(List.of(command))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
