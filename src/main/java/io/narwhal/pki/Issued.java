package io.narwhal.pki;

import java.nio.file.Path;
import java.util.List;

/**
 * What an order led to.
 *
 * @param certificate the new one
 * @param directory where it and its key stand, as {@code tls.directory} takes it
 * @param isFinished whether an earlier run, cut off, had begun it and this one only finished it
 * @param replaced those of the name that were revoked for it
 */
public record Issued(
        Certified certificate, Path directory, boolean isFinished, List<Certified> replaced) {
    public Issued {
        replaced = List.copyOf(replaced);
    }
}
