package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Issue 5, point 9: no command works on data of a later release. */
class OtherReleaseTest {
    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "import capture.pcap",
                "drain",
                "status",
                "usage by-pair",
                "records",
                "sessions",
                "audit"
            })
    void aCommandRefusesDataOfALaterFormatAndChangesNothing(String command) throws IOException {
        Files.writeString(
                directory.resolve("narwhal.yaml"),
                """
                data: %s/data
                collectors: { flows: { protocol: netflow, listen: "127.0.0.1:1" } }
                usage: { by-pair: { keys: [src_addr, dst_addr] } }
                """
                        .formatted(directory));
        Path node = Files.createDirectories(directory.resolve("data/node"));
        String mark = "{\"format\":99,\"release\":\"9.9.9\"}";
        Files.writeString(node.resolve("format.json"), mark);

        CommandLineRun run =
                CommandLineRun.of(directory, (command + " --config narwhal.yaml").split(" "));

        assertThat(run.code()).isEqualTo(ExitCode.FAILURE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("narwhal: " + directory + "/data: the data is of format 99")
                .contains("Run release 9.9.9 or a later one");
        try (var files = Files.walk(directory.resolve("data"))) {
            assertThat(files.filter(Files::isRegularFile))
                    .containsExactly(node.resolve("format.json"));
        }
        assertThat(node.resolve("format.json")).hasContent(mark);
    }
}
