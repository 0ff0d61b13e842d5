package io.narwhal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Machine;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Issue 5, point 9: the doctor on this very machine. */
class DoctorCommandTest {
    @TempDir private Path directory;

    private Path write(int port) throws IOException {
        Files.createDirectories(directory.resolve("data"));
        Files.writeString(directory.resolve("secret"), "a-secret-of-many-letters");
        return Files.writeString(
                directory.resolve("narwhal.yaml"),
                """
                data: %s/data
                collectors:
                  acct:
                    protocol: radius
                    listen: "127.0.0.1:%d"
                    clients: [ { address: 192.0.2.0/24, secret-file: ./secret } ]
                usage: { by-session: { keys: [session_id] } }
                """
                        .formatted(directory, port));
    }

    private static String findings(CommandLineRun run, String check) {
        var text = new StringBuilder();
        for (var one : new JsonMapper().readTree(run.out()).path("findings")) {
            if (one.path("check").asString().equals(check)) {
                text.append(one.path("verdict").asString()).append(' ');
                text.append(one.path("found").asString()).append('\n');
            }
        }
        return text.toString();
    }

    @Test
    void aPortThatSomebodyHasIsAFailureAndNamesTheProcess() throws IOException {
        try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            write(socket.getLocalPort());
            CommandLineRun run = CommandLineRun.of(directory, "doctor", "--format", "json");
            assertThat(findings(run, "ports"))
                    .startsWith("fail udp " + socket.getLocalPort())
                    .contains("process " + ProcessHandle.current().pid() + " (");
            assertThat(run.code()).isEqualTo(ExitCode.FAILURE);
        }
    }

    @Test
    void aSecretThatAllCanReadIsAWarningAndNothingIsLeftInTheDataDirectory() throws IOException {
        write(29_551);
        Path secret = directory.resolve("secret");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
        CommandLineRun run = CommandLineRun.of(directory, "doctor", "--format", "json");
        assertThat(findings(run, "permissions")).startsWith("warn " + secret);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r-----"));
        run = CommandLineRun.of(directory, "doctor", "--format", "json");
        assertThat(findings(run, "permissions")).startsWith("ok ");
        assertThat(findings(run, "force")).contains("a forced write takes");
        assertThat(directory.resolve("data")).isEmptyDirectory();
    }

    @Test
    void theTableSaysWhatToTypeUnderEachFinding() throws IOException {
        write(29_551);
        CommandLineRun run = CommandLineRun.of(directory, "doctor");
        assertThat(run.out())
                .containsPattern("(?m)^(ok|warn|fail)  +java +Java ")
                .containsPattern("(?m)^ {22}-> ")
                .containsPattern("\\n\\n\\d+ ok.*\\n$");
    }

    @Test
    void aConfigurationThatIsWrongIsThatFirst() throws IOException {
        Files.writeString(directory.resolve("narwhal.yaml"), "usage: 1\n");
        assertThat(CommandLineRun.of(directory, "doctor").code()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void filesOfProcAreReadWhole() {
        var machine = Machine.system();
        assertThat(machine.text(Path.of("/proc/sys/net/core/rmem_max")))
                .hasValueSatisfying(text -> assertThat(text).matches("\\d{4,}"));
        assertThat(machine.text(directory.resolve("none"))).isEmpty();
        assertThat(machine.volume(directory))
                .hasValueSatisfying(
                        volume -> {
                            assertThat(volume.totalBytes()).isPositive();
                            assertThat(volume.type()).isNotBlank();
                        });
        assertThat(machine.clock())
                .hasValueSatisfying(clock -> assertThat(clock.errorMicros()).isNotNegative());
    }
}
