package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** A private authority, and a directory of certificates for each node, by {@code narwhal pki}. */
final class Certificates {
    private static final String REVOKED = "revoked.pem";

    private static final long MICROS_PER_DAY = 86_400_000_000L;

    private final Program program;
    private final Path authority;

    private Certificates(Path directory) {
        this.program = new Program(directory);
        this.authority = directory.resolve("authority");
    }

    /** Makes a new authority. */
    static Certificates in(Path directory) throws IOException, InterruptedException {
        var made = new Certificates(Files.createDirectories(directory));
        made.pki("init");
        return made;
    }

    /** Makes a new authority, as if so many days ago. */
    static Certificates daysAgo(Path directory, int days) throws IOException, InterruptedException {
        var made = new Certificates(Files.createDirectories(directory));
        made.pki(made.clockBack(days), List.of("init"));
        return made;
    }

    /** Issues a certificate as if so many days ago. */
    Path issueDaysAgo(String name, int days, String... options)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("issue", name));
        arguments.addAll(List.of("--out", of(name).toString()));
        arguments.addAll(List.of(options));
        pki(clockBack(days), arguments);
        return of(name);
    }

    // How far the clock of a process is off: its first 8 bytes, in microseconds.
    private List<String> clockBack(int days) throws IOException {
        Path file = program.directory().resolve("clock");
        byte[] bytes = new byte[Long.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putLong(-days * MICROS_PER_DAY);
        Files.write(file, bytes);
        return List.of("-Dnarwhal.stepped-clock=" + file);
    }

    /** Issues a certificate; the directory with it and what belongs to it. */
    Path issue(String name, String... options) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("issue", name));
        arguments.addAll(List.of("--out", of(name).toString()));
        arguments.addAll(List.of(options));
        pki(arguments.toArray(String[]::new));
        return of(name);
    }

    /** The directory of that name's certificate. */
    Path of(String name) {
        return authority.resolveSibling("nodes").resolve(name);
    }

    /** Revokes what that name has, and gives the new list to this node. */
    void revoke(String name, String at) throws IOException, InterruptedException {
        pki("revoke", name);
        Path list = of(at).resolve(REVOKED);
        Path next = of(at).resolve(REVOKED + ".new");
        Files.copy(authority.resolve(REVOKED), next, StandardCopyOption.REPLACE_EXISTING);
        Files.move(next, list, StandardCopyOption.ATOMIC_MOVE);
    }

    private void pki(String... arguments) throws IOException, InterruptedException {
        pki(List.of(), List.of(arguments));
    }

    private void pki(List<String> options, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("pki"));
        all.addAll(arguments);
        all.addAll(List.of("--dir", authority.toString()));
        Program.Result result = program.run(options, all);
        assertThat(result.exitCode()).as("%s: %s %s", all, result.out(), result.err()).isZero();
    }
}
