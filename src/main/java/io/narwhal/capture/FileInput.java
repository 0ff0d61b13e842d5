package io.narwhal.capture;

import io.narwhal.base.Check;
import io.narwhal.base.DiskFile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.zip.GZIPInputStream;

/**
 * The bytes of a file in their order, unpacked if they are gzip'd, through a window that moves over
 * them.
 */
final class FileInput implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int GZIP_MAGIC = 0x1f8b;

    private final DiskFile file;
    private final Raw raw;
    private final InputStream in;
    private final boolean packed;
    private byte[] window = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private long windowAt;
    private String failure = "";

    /** Takes the file over, and closes it. */
    FileInput(DiskFile file) {
        this.file = file;
        this.raw = new Raw(file);
        this.packed = raw.beginsWith(GZIP_MAGIC);
        this.in = packed ? unpacking() : raw;
    }

    private InputStream unpacking() {
        try {
            return new GZIPInputStream(raw, BUFFER_BYTES);
        } catch (IOException e) {
            failure = "is no whole gzip file: " + e.getMessage();
            return InputStream.nullInputStream();
        }
    }

    /** Whether this many bytes stand in the window, from {@link #offset} on; reads them if not. */
    boolean has(int bytes) {
        if (bytes > end - at) {
            fill(bytes);
        }
        return bytes <= end - at;
    }

    private void fill(int wanted) {
        byte[] into = wanted > window.length ? new byte[wanted] : window;
        System.arraycopy(window, at, into, 0, end - at);
        windowAt += at;
        end -= at;
        at = 0;
        window = into;
        try {
            int more = 0;
            while (end < wanted && more >= 0) {
                more = in.read(window, end, window.length - end);
                end += Math.max(0, more);
            }
        } catch (IOException e) {
            failure = "is no whole gzip file: " + e.getMessage();
        }
    }

    /** The array of the window; another one after each {@link #has}. */
    byte[] bytes() {
        return window;
    }

    /** Where the window begins. */
    int offset() {
        return at;
    }

    /** Bytes that stand in the window. */
    int remaining() {
        return end - at;
    }

    /** Moves the window on, over bytes that stand in it. */
    void consume(int bytes) {
        Check.that(bytes <= end - at, "what is consumed was there");
        at += bytes;
    }

    /** Moves the window on over as many bytes; false when the file ends before. */
    boolean skip(long bytes) {
        long left = bytes;
        while (left > 0 && has(1)) {
            int step = (int) Math.min(left, end - at);
            at += step;
            left -= step;
        }
        return left == 0;
    }

    /** Bytes before the window, unpacked. */
    long position() {
        return windowAt + at;
    }

    /** Bytes of the file itself that were read. */
    long fileBytes() {
        return raw.at;
    }

    /** Whether the file is gzip'd, so that positions are those of what it holds. */
    boolean isPacked() {
        return packed;
    }

    /** Why the file could not be unpacked any further; empty when nothing is wrong. */
    String failure() {
        return failure;
    }

    /** SHA-256 of the whole file as it was read; reads what is left of it. */
    byte[] digest() {
        return raw.digest();
    }

    @Override
    public void close() {
        file.close();
    }

    /** The file's own bytes. */
    private static final class Raw extends InputStream {
        private final DiskFile file;
        private final MessageDigest digest = FileDigest.begin();
        private long at;

        Raw(DiskFile file) {
            this.file = file;
        }

        boolean beginsWith(int magic) {
            var two = ByteBuffer.allocate(2);
            return file.read(two, 0) == 2 && (two.getShort(0) & 0xffff) == magic;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            int count = file.read(ByteBuffer.wrap(into, offset, length), at);
            digest.update(into, offset, count);
            at += count;
            return count == 0 && length > 0 ? -1 : count;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, Math.max(0, file.size() - at));
        }

        byte[] digest() {
            byte[] rest = new byte[BUFFER_BYTES];
            int count = 0;
            while (count >= 0) {
                count = read(rest, 0, rest.length);
            }
            return digest.digest();
        }
    }
}
