package io.narwhal.config;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * Who one side of a transfer is, and whom it believes: PEM files, which may change at any time.
 *
 * @param certificate its certificate, those between it and its authority behind it
 * @param key its key (PKCS #8), not encrypted
 * @param ca the authorities whose certificates the other side must show
 * @param revoked their lists of revoked certificates; null: none
 * @param fromDirectory whether a directory was named: then the file of revoked certificates may be
 *     missing, which means that none is revoked
 */
public record TransferTls(
        Path certificate, Path key, Path ca, @Nullable Path revoked, boolean fromDirectory) {
    /** Names of the files in a directory. */
    public static final String CERTIFICATE_FILE = "certificate.pem";

    /** As {@link #CERTIFICATE_FILE}. */
    public static final String KEY_FILE = "key.pem";

    /** As {@link #CERTIFICATE_FILE}. */
    public static final String CA_FILE = "ca.pem";

    /** As {@link #CERTIFICATE_FILE}; the only one that may be missing. */
    public static final String REVOKED_FILE = "revoked.pem";

    /** The files of a directory. */
    public static TransferTls of(Path directory) {
        return new TransferTls(
                directory.resolve(CERTIFICATE_FILE),
                directory.resolve(KEY_FILE),
                directory.resolve(CA_FILE),
                directory.resolve(REVOKED_FILE),
                true);
    }
}
