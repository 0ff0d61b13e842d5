package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.inspect.ReceivedTraffic;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

final class JournalCommandTest {
    @TempDir private Path directory;

    @Test
    void aWholeJournalIsFoundBelowTheDataDirectory() {
        new ReceivedTraffic(directory, plan -> plan.records(2_400));

        CommandLineRun run = CommandLineRun.of(directory, "journal", "verify", "data");

        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines()).hasSize(2);
        assertThat(run.out()).contains("received/flows").containsPattern(" 100 +100 .* none\n");
    }

    @Test
    void damageIsToldWithFileAndByteAndFails() throws IOException {
        var traffic = new ReceivedTraffic(directory, plan -> plan.records(2_400));
        Path segment;
        try (var files = Files.list(traffic.journal)) {
            segment =
                    files.filter(file -> file.toString().endsWith(".seg"))
                            .min(Path::compareTo)
                            .orElseThrow();
        }
        try (var file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 8_000);
        }

        CommandLineRun table =
                CommandLineRun.of(directory, "journal", "verify", traffic.journal.toString());
        CommandLineRun json =
                CommandLineRun.of(directory, "journal", "verify", "--format", "json", "data");

        assertThat(table.code()).isEqualTo(ExitCode.FAILURE);
        assertThat(table.err())
                .matches("\\Q" + segment + "\\E:\\d+: no valid frame in \\d+ bytes\n");
        assertThat(table.out()).contains("1 place");
        assertThat(json.code()).isEqualTo(ExitCode.FAILURE);
        assertThat(json.out())
                .contains("\"whole\" : false")
                .contains("\"what\" : \"no valid frame");
    }

    @Test
    void aDirectoryWithoutJournalsIsAnErrorThatSaysWhatToName() {
        CommandLineRun none = CommandLineRun.of(directory, "journal", "verify", ".");
        CommandLineRun missing = CommandLineRun.of(directory, "journal", "verify", "nowhere");

        assertThat(none.code()).isEqualTo(ExitCode.FAILURE);
        assertThat(none.err())
                .contains("there is no journal in or below")
                .contains("data directory");
        assertThat(missing.code()).isEqualTo(ExitCode.USAGE);
        assertThat(missing.err()).contains("there is no directory").contains("nowhere");
    }
}
