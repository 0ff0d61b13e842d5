package io.narwhal.capture;

import io.narwhal.base.Disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * What a file is known by, whatever it is called.
 *
 * @param size bytes
 * @param sha256 in hexadecimal, lower case
 * @param prefixes of the lengths that were asked for, the digests of what the file begins with
 */
public record FileDigest(long size, String sha256, Map<Long, String> prefixes) {
    private static final int BUFFER_BYTES = 1 << 20;

    /**
     * Reads the whole file.
     *
     * @param lengths of beginnings whose digests are wanted too
     * @param progress is told the bytes read so far
     * @throws io.narwhal.base.DiskFailure when it cannot be read
     */
    public static FileDigest of(
            Disk disk, Path file, Iterable<Long> lengths, LongConsumer progress) {
        Map<Long, String> prefixes = new TreeMap<>();
        var wanted = new TreeMap<Long, Boolean>();
        lengths.forEach(length -> wanted.put(length, true));
        MessageDigest digest = begin();
        var buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long at = 0;
        try (var in = disk.open(file, Disk.Mode.READ)) {
            while (true) {
                Long next = wanted.higherKey(at);
                long most = next == null ? BUFFER_BYTES : Math.min(BUFFER_BYTES, next - at);
                int count = in.read(buffer.clear().limit((int) most), at);
                if (count == 0) {
                    return new FileDigest(at, text(digest.digest()), prefixes);
                }
                digest.update(buffer.array(), 0, count);
                at += count;
                if (wanted.containsKey(at)) {
                    prefixes.put(at, text(copy(digest).digest()));
                }
                progress.accept(at);
            }
        }
    }

    static String text(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    static MessageDigest begin() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError("SHA-256 of the platform can be cloned", e);
        }
    }
}
