package io.narwhal.pki;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.Optional;

/**
 * One node's files. The key of a new certificate first stands beside that of the old one, so that a
 * crash between the two leaves what the next run can finish, and never an old certificate alone
 * with a new key for good.
 */
record NodeDirectory(Disk disk, Path directory) {
    private static final String NEW_KEY = "key.pem.new";

    /** Whether a certificate or a key stands there. */
    boolean isOccupied() {
        return text(Authority.CERTIFICATE).isPresent() || text(Authority.KEY).isPresent();
    }

    /** Whether what stands there is this certificate, or its key. */
    boolean isOf(Certified one, Signer signer) {
        return isCertificate(one) || isKeyOf(Authority.KEY, one, signer);
    }

    /** Whether the key of this certificate is there, but the pair is not in place. */
    boolean isUnfinished(Certified one, Signer signer) {
        boolean isKeyInPlace = isKeyOf(Authority.KEY, one, signer);
        boolean isInPlace = isKeyInPlace && isCertificate(one);
        return !isInPlace && (isKeyInPlace || isKeyOf(NEW_KEY, one, signer));
    }

    private boolean isCertificate(Certified one) {
        return text(Authority.CERTIFICATE)
                .flatMap(Pem.CERTIFICATE::der)
                .flatMap(Signer::certificate)
                .filter(one.certificate()::equals)
                .isPresent();
    }

    private boolean isKeyOf(String name, Certified one, Signer signer) {
        return text(name)
                .flatMap(Pem.KEY::der)
                .flatMap(Signer::key)
                .filter(key -> signer.belongs(key, one.certificate().getPublicKey()))
                .isPresent();
    }

    private Optional<byte[]> text(String name) {
        Path file = directory.resolve(name);
        return disk.stamp(file).map(_ -> SmallFile.read(disk, file));
    }

    /** Saves the key that a certificate will be made for. */
    void begin(PrivateKey key) {
        disk.createDirectories(directory);
        SmallFile.replacePrivate(disk, directory, NEW_KEY, Pem.KEY.text(key.getEncoded()));
    }

    /** Puts the key, and then the certificate, in its place. */
    void finish(Certified one, Signer signer) {
        if (isKeyOf(NEW_KEY, one, signer)) {
            disk.rename(directory.resolve(NEW_KEY), directory.resolve(Authority.KEY));
            disk.forceDirectory(directory);
        }
        put(Authority.CERTIFICATE, Pem.CERTIFICATE.text(Signer.bytes(one.certificate())));
    }

    /** Replaces one of the files that everybody may read, unless it is as it should be. */
    void put(String name, byte[] text) {
        if (!text(name).filter(there -> Arrays.equals(there, text)).isPresent()) {
            SmallFile.replace(disk, directory, name, text);
        }
    }
}
