package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.config.NodeConfig;
import io.narwhal.config.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

final class CheckCommandTest {
    private static final String VALID =
            """
            node: edge-1
            data: /srv/data
            collectors:
              flows: { protocol: netflow, listen: ["192.0.2.1:2055", "[::1]:2056"] }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 90s }
              total: { keys: [], bin: 1d, close-after: 0s }
            admin: { listen: 127.0.0.1:8080 }
            """;

    @TempDir private Path directory;

    @Test
    void aValidFileIsSummedUpAndItsWarningsGoToStandardError() throws IOException {
        Path file = write("narwhal.yaml", VALID);

        CommandLineRun run = CommandLineRun.of(directory, "check", "--config", "narwhal.yaml");

        assertThat(run)
                .isEqualTo(
                        new CommandLineRun(
                                0,
                                file
                                        + """
                                         is valid: node edge-1 with its data in /srv/data

                                        component   kind        what it does
                                        flows       collector   netflow on udp 192.0.2.1:2055, udp [::1]:2056
                                        accounting  accounting  sums 2 usages
                                        ledger      output      writes parquet

                                        usage    keys                bin  closes after
                                        by-pair  src_addr, dst_addr  90s            5m
                                        total                         1d           0ms
                                        """,
                                file
                                        + ":8:1: warning: this release serves no pages; 'admin' has"
                                        + " no effect\n"));
        assertThat(CommandLineRun.of(directory, "check", "narwhal.yaml")).isEqualTo(run);
        assertThat(CommandLineRun.of(directory, "check")).isEqualTo(run);
    }

    @Test
    void problemsGoToStandardErrorAndTheExitCodeIsTwo() throws IOException {
        Path file = write("bad.yaml", VALID + "nod: a\nhang-after: 1ms\n");

        CommandLineRun run = CommandLineRun.of(directory, "check", "bad.yaml");

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .containsExactly(
                        file + ":9:1: unknown key 'nod'; did you mean 'node'?",
                        file + ":10:13: hang-after must be from 1s to 1h, not '1ms'");
    }

    @Test
    void jsonSaysTheSame() throws IOException {
        Path valid = write("narwhal.yaml", VALID);
        Path bad = write("bad.yaml", VALID + "nod: a\n");

        CommandLineRun good = CommandLineRun.of(directory, "check", "--format", "json");
        CommandLineRun rejected =
                CommandLineRun.of(directory, "check", "bad.yaml", "--format", "json");

        assertThat(good.code()).isZero();
        assertThat(good.out())
                .contains("\"valid\" : true")
                .contains("\"file\" : \"" + valid + "\"")
                .contains("\"listen\" : [ \"udp 192.0.2.1:2055\", \"udp [::1]:2056\" ]")
                .contains("\"bin_ms\" : 90000");
        assertThat(rejected.code()).isEqualTo(ExitCode.USAGE);
        assertThat(rejected.out())
                .isEqualTo(
                        """
                        {
                          "valid" : false,
                          "problems" : [ {
                            "file" : "%s",
                            "line" : 9,
                            "column" : 1,
                            "message" : "unknown key 'nod'; did you mean 'node'?"
                          } ]
                        }
                        """
                                .formatted(bad));
    }

    @Test
    void withoutAnyFileTheBuiltInConfigurationIsChecked() {
        CommandLineRun run = CommandLineRun.of(directory, "check");

        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("built-in.yaml is valid").contains("udp [::]:2055");
    }

    @Test
    void aMissingFileIsAProblemAndTwoFilesAreAUsageError() {
        CommandLineRun missing = CommandLineRun.of(directory, "check", "none.yaml");
        CommandLineRun two = CommandLineRun.of(directory, "check", "a", "--config", "b");

        assertThat(missing.code()).isEqualTo(ExitCode.USAGE);
        assertThat(missing.err()).contains("none.yaml:1:1: cannot open ");
        assertThat(two.code()).isEqualTo(ExitCode.USAGE);
        assertThat(two.err()).contains("name one file");
    }

    @Test
    void aValidationAddsItsProblems() throws IOException {
        write("narwhal.yaml", VALID);
        var err = new StringWriter();
        var console =
                new Console(new StringWriter(), new PrintWriter(err, true), Map.of(), directory);
        Validation validation =
                (NodeConfig config) ->
                        List.of(new Problem("customers.csv", 3, 1, "of " + config.node()));

        int code = new CommandLine(new CheckCommand(console, List.of(validation))).execute();

        assertThat(code).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).isEqualTo("customers.csv:3:1: of edge-1\n");
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
