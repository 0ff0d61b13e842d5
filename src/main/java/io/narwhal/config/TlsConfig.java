package io.narwhal.config;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;
import io.narwhal.base.Tls;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * Who a listening side is in TLS, and whom it lets in: PEM files.
 *
 * @param certificate its certificate, those between it and its authority behind it
 * @param key its key, not encrypted
 * @param ca the authorities whose certificates peers must show; null when they need none
 * @param requireClient whether peers must show a certificate (RFC 7011 §11.3)
 */
public record TlsConfig(Path certificate, Path key, @Nullable Path ca, boolean requireClient) {
    /**
     * Reads the files.
     *
     * @throws io.narwhal.base.DiskFailure when one cannot be read
     */
    public Tls.Read read(Disk disk) {
        return Tls.read(
                SmallFile.read(disk, certificate),
                SmallFile.read(disk, key),
                ca == null ? null : SmallFile.read(disk, ca));
    }
}
