package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** A private authority, and a directory of certificates for each node, by {@code narwhal pki}. */
final class Certificates {
    private static final String REVOKED = "revoked.pem";

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
        List<String> all = new ArrayList<>(List.of("pki"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--dir", authority.toString()));
        Program.Result result = program.run(all.toArray(String[]::new));
        assertThat(result.exitCode()).as("%s: %s %s", all, result.out(), result.err()).isZero();
    }
}
