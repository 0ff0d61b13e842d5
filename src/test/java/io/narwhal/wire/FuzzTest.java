package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The fuzz targets for a short while (R6): each seed as each protocol, then Jazzer, always with the
 * same seed and number of runs. {@code benchmarks/fuzz} goes on for longer.
 */
public class FuzzTest {
    private static final int RUNS = 20_000;
    private static final int SEED = 1;
    private static final int PATIENCE_SECONDS = 300;

    @ParameterizedTest
    @EnumSource(Fuzz.Head.class)
    void everySeedHoldsAsEveryProtocol(Fuzz.Head head) throws IOException {
        for (byte[] seed : FuzzSeeds.all()) {
            Fuzz.run(head, seed);
        }
    }

    @Test
    void jazzerFindsNothing(@TempDir Path directory) throws Exception {
        FuzzSeeds.write(directory.resolve("seeds"), true);
        run(directory, Fuzz.Every.class, "io.narwhal.wire.**");
    }

    /**
     * Has Jazzer run a target, with {@code directory/seeds} to begin with.
     *
     * @param target has {@code fuzzerTestOneInput}
     * @param instrumented classes whose branches guide it
     */
    public static void run(Path directory, Class<?> target, String instrumented)
            throws IOException, InterruptedException {
        Path found = Files.createDirectories(directory.resolve("found"));
        Path output = directory.resolve("output");
        Process jazzer =
                new ProcessBuilder(command(target, instrumented))
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            boolean ended = jazzer.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            String printed = Files.readString(output, java.nio.charset.StandardCharsets.ISO_8859_1);
            assertThat(ended).as(printed).isTrue();
            assertThat(jazzer.exitValue()).as(printed).isZero();
            assertThat(printed).contains("Done " + RUNS + " runs");
            assertThat(found).isNotEmptyDirectory();
        } finally {
            jazzer.destroyForcibly();
        }
    }

    private static List<String> command(Class<?> target, String instrumented) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx1g"));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", classpath(), "com.code_intelligence.jazzer.Jazzer"));
        command.add("--target_class=" + target.getName());
        command.add("--instrumentation_includes=" + instrumented);
        // Its sanitizers look for injections into shells and the like, of which there is none here.
        command.add("--disabled_hooks=com.code_intelligence.jazzer.sanitizers.*");
        command.addAll(List.of("-runs=" + RUNS, "-seed=" + SEED, "-max_len=8192", "-timeout=10"));
        // What it takes for its own is what this process had when it began; the heap has a bound.
        command.addAll(List.of("-rss_limit_mb=0", "found", "seeds"));
        return command;
    }

    /** Surefire gives the class path in a manifest; there the directories may be relative. */
    private static String classpath() {
        String path = System.getProperty("surefire.test.class.path");
        path = path == null ? System.getProperty("java.class.path") : path;
        List<String> absolute = new ArrayList<>();
        for (String entry : path.split(File.pathSeparator)) {
            absolute.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, absolute);
    }
}
