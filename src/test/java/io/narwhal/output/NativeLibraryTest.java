package io.narwhal.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

class NativeLibraryTest {
    @TempDir Path directory;

    @Test
    void theLibraryIsUnpackedOnceForEachContent() throws Exception {
        Path natives = directory.resolve("native");
        Path one = NativeLibrary.unpacked(Disk.system(), natives, jar("one.jar", "first"));
        Files.writeString(one, "not unpacked again");
        Path again = NativeLibrary.unpacked(Disk.system(), natives, jar("again.jar", "first"));
        Path two = NativeLibrary.unpacked(Disk.system(), natives, jar("two.jar", "other"));

        assertThat(again).isEqualTo(one);
        assertThat(one).hasContent("not unpacked again");
        assertThat(two).hasContent("other");
        assertThat(names(natives)).hasSize(2);
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndWhatALiveOneWritesIsNot() throws Exception {
        Path natives = Files.createDirectory(directory.resolve("native"));
        String mine = "duckdb-1.so." + ProcessHandle.current().pid() + ".tmp";
        Files.createFile(natives.resolve("duckdb-1.so.999999999999.tmp"));
        Files.createFile(natives.resolve("odd.tmp"));
        Files.createFile(natives.resolve(mine));
        Path library = NativeLibrary.unpacked(Disk.system(), natives, jar("a.jar", "content"));

        assertThat(names(natives))
                .containsExactlyInAnyOrder(mine, library.getFileName().toString());
    }

    @Test
    void theDriverUnpacksNothingOfItsOwn() throws Exception {
        Usages.open(directory).close();

        assertThat(Files.readAllLines(Path.of("/proc/self/maps")))
                .filteredOn(line -> line.contains("duckdb") && line.endsWith(".so"))
                .isNotEmpty()
                .allMatch(line -> line.contains(Path.of("target/native").toAbsolutePath() + "/"));
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private URL jar(String name, String content) throws IOException {
        Path jar = directory.resolve(name);
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("library"));
            out.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return URI.create("jar:" + jar.toUri() + "!/library").toURL();
    }
}
