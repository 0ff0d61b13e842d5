package io.narwhal.remote;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * Who we are and whom we trust: PEM files.
 *
 * @param certificate ours, those between it and its authority behind it
 * @param key its key, PKCS #8, not encrypted
 * @param ca certificates of the authorities whose peers are let in
 * @param revoked their lists of revoked certificates (CRL); null: none
 * @param mayBeMissing whether {@code revoked} need not exist, as in a directory
 */
public record TlsFiles(
        Path certificate, Path key, Path ca, @Nullable Path revoked, boolean mayBeMissing) {
    /** Files by name. */
    public static TlsFiles of(Path certificate, Path key, Path ca, @Nullable Path revoked) {
        return new TlsFiles(certificate, key, ca, revoked, false);
    }

    /** certificate.pem, key.pem, ca.pem and, if it is there, revoked.pem. */
    public static TlsFiles in(Path directory) {
        return new TlsFiles(
                directory.resolve("certificate.pem"),
                directory.resolve("key.pem"),
                directory.resolve("ca.pem"),
                directory.resolve("revoked.pem"),
                true);
    }
}
