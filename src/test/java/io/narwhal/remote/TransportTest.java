package io.narwhal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Disk;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Native libraries come from where they may be written, and nothing fails without them. */
class TransportTest {
    @TempDir private Path directory;

    /** Says whether TLS is native, in a process of its own: a library is loaded once. */
    public static final class Says {
        private Says() {}

        /** Takes the directory to unpack into. */
        public static void main(String[] arguments) {
            Transport.unpackInto(Disk.system(), Path.of(arguments[0]));
            System.out.println("native: " + Transport.isNative());
            Transport.threads(1, "loop").shutdownGracefully();
        }
    }

    private static String says(Path scratch, String temporary, String... more) throws Exception {
        List<String> command = new ArrayList<>();
        Collections.addAll(
                command,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + temporary);
        Collections.addAll(command, more);
        Collections.addAll(
                command,
                "-cp",
                System.getProperty("java.class.path"),
                Says.class.getName(),
                scratch.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void theScratchDirectoryServesWhereTheTemporaryOneCannotBeWritten() throws Exception {
        Path scratch = directory.resolve("scratch");

        assertThat(says(scratch, "/proc/1/nowhere")).contains("native: " + Transport.isNative());
        assertThat(files(scratch)).as("nothing is left").isEmpty();
    }

    @Test
    void elsewhereWhereTheScratchDirectoryCannotBeWritten() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "no directory");

        assertThat(says(file.resolve("below"), directory.toString()))
                .contains("unpacked elsewhere")
                .contains("native: " + Transport.isNative());
    }

    @Test
    void theJdkServesWhereNothingNativeCanBeLoaded() throws Exception {
        assertThat(
                        says(
                                directory.resolve("scratch"),
                                directory.toString(),
                                "-Dio.grpc.netty.shaded.io.netty.handler.ssl.noOpenSsl=true",
                                "-Dio.grpc.netty.shaded.io.netty.transport.noNative=true"))
                .contains("native: false");
    }

    private static List<String> files(Path in) throws IOException {
        try (var all = Files.list(in)) {
            return all.map(Path::toString).toList();
        }
    }
}
