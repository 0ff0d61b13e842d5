package io.narwhal.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every file of src/test/resources/config: those in good/ are valid, those in bad/ have exactly the
 * problems that stand beside them in the file with the ending {@code .expected}.
 */
final class ConfigCorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/config");

    static Stream<Path> good() throws IOException {
        return files("good");
    }

    static Stream<Path> bad() throws IOException {
        return files("bad");
    }

    @ParameterizedTest
    @MethodSource
    void good(Path file) {
        assertThat(ConfigLoader.load(file)).isInstanceOf(Loaded.Valid.class);
    }

    @ParameterizedTest
    @MethodSource
    void bad(Path file) throws IOException {
        String name = file.getFileName().toString();
        List<String> expected =
                Files.readAllLines(file.resolveSibling(name.replace(".yaml", ".expected")));

        Loaded loaded = ConfigLoader.load(file);

        assertThat(loaded).isInstanceOf(Loaded.Invalid.class);
        assertThat(((Loaded.Invalid) loaded).problems())
                .extracting(problem -> problem.toString().replace(file.toString(), name))
                .containsExactlyElementsOf(expected);
    }

    private static Stream<Path> files(String directory) throws IOException {
        try (var entries = Files.list(CORPUS.resolve(directory))) {
            List<Path> files =
                    entries.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
            assertThat(files).isNotEmpty();
            return files.stream();
        }
    }
}
