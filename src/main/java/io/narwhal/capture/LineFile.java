package io.narwhal.capture;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;
import io.narwhal.record.LineEntry;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * The lines of a file in their order, unpacked if it is gzip'd: the same bytes give the same lines,
 * always. Lines end with {@code \n} or {@code \r\n}; the last one may lack its end. Lines of blanks
 * alone are passed over, but numbered. A byte order mark is passed over.
 */
public final class LineFile implements AutoCloseable {
    /** How much is kept of a line that is too long. */
    public static final int LONG_BYTES_KEPT = 256;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final FileInput in;
    private final LongConsumer progress;
    private byte[] kept = new byte[0];
    private boolean isLong;
    private int offset;
    private int length;
    private int consume;
    private long number;
    private long position;

    private LineFile(FileInput in, LongConsumer progress) {
        this.in = in;
        this.progress = progress;
    }

    /**
     * Opens a file.
     *
     * @param sizeBytes so much of the file is read, whatever it has more
     * @param progress is told the bytes of the file read so far, while it passes over a line that
     *     is too long
     * @throws io.narwhal.base.DiskFailure when it cannot be opened, or read later
     */
    public static LineFile open(Disk disk, Path path, long sizeBytes, LongConsumer progress) {
        DiskFile file = disk.open(path, Disk.Mode.READ);
        try {
            var lines = new LineFile(new FileInput(new Beginning(file, sizeBytes)), progress);
            lines.passByteOrderMark();
            return lines;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private void passByteOrderMark() {
        if (in.has(BYTE_ORDER_MARK.length)) {
            for (int i = 0; i < BYTE_ORDER_MARK.length; i++) {
                if (in.bytes()[in.offset() + i] != BYTE_ORDER_MARK[i]) {
                    return;
                }
            }
            in.consume(BYTE_ORDER_MARK.length);
        }
    }

    /** Moves to the next line; false when there is none, or no more can be unpacked. */
    public boolean next() {
        do {
            in.consume(consume);
            consume = 0;
            position = in.position();
            if (!read()) {
                return false;
            }
            number++;
        } while (!isLong && isBlank());
        return true;
    }

    private boolean read() {
        isLong = false;
        int scanned = 0;
        while (true) {
            int end = end(scanned);
            if (end >= 0) {
                return line(end - in.offset(), end + 1 - in.offset());
            }
            scanned = in.remaining();
            if (scanned > LineEntry.BYTES_MAX + 1) {
                return longLine();
            }
            if (!in.has(scanned + 1)) {
                return scanned > 0 && in.failure().isEmpty() && line(scanned, scanned);
            }
        }
    }

    /** Where the line ends, in the window; negative when not in the window. */
    private int end(int scanned) {
        byte[] bytes = in.bytes();
        int to = in.offset() + in.remaining();
        for (int i = in.offset() + scanned; i < to; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private boolean line(int bytes, int withEnd) {
        offset = in.offset();
        boolean returns = bytes > 0 && in.bytes()[offset + bytes - 1] == '\r';
        length = returns ? bytes - 1 : bytes;
        consume = withEnd;
        if (length > LineEntry.BYTES_MAX) {
            return keep();
        }
        return true;
    }

    private boolean keep() {
        isLong = true;
        kept = new byte[LONG_BYTES_KEPT];
        System.arraycopy(in.bytes(), in.offset(), kept, 0, LONG_BYTES_KEPT);
        length = LONG_BYTES_KEPT;
        offset = 0;
        return true;
    }

    // Whatever its length: it is passed over in pieces.
    private boolean longLine() {
        keep();
        while (in.has(1)) {
            int end = end(0);
            if (end >= 0) {
                in.consume(end + 1 - in.offset());
                return true;
            }
            in.consume(in.remaining());
            progress.accept(in.fileBytes());
        }
        return in.failure().isEmpty();
    }

    private boolean isBlank() {
        for (int i = offset; i < offset + length; i++) {
            if (bytes()[i] != ' ' && bytes()[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    /** The array that the line lies in; another one after each {@link #next}. */
    public byte[] bytes() {
        return isLong ? kept : in.bytes();
    }

    /** Where the line begins. */
    public int offset() {
        return offset;
    }

    /** Its length without its end. */
    public int length() {
        return length;
    }

    /** Whether the line is too long to be taken: this is its beginning. */
    public boolean isLong() {
        return isLong;
    }

    /** Number of the line, from 1. */
    public long number() {
        return number;
    }

    /** Bytes before the line, unpacked. */
    public long position() {
        return position;
    }

    /** Bytes of the file itself that were read. */
    public long fileBytes() {
        return in.fileBytes();
    }

    /** Whether the file is gzip'd. */
    public boolean isPacked() {
        return in.isPacked();
    }

    /** Why no more can be unpacked; empty when nothing is wrong. */
    public String failure() {
        return in.failure();
    }

    /** SHA-256 of what was opened, in hexadecimal; reads what is left of it. */
    public String digest() {
        return FileDigest.text(in.digest());
    }

    @Override
    public void close() {
        in.close();
    }

    /** The first bytes of a file that may be growing. */
    private record Beginning(DiskFile file, long sizeBytes) implements DiskFile {
        @Override
        public int read(ByteBuffer into, long position) {
            int most = Math.clamp(sizeBytes - position, 0, into.remaining());
            int limit = into.limit();
            into.limit(into.position() + most);
            int count = file.read(into, position);
            into.limit(limit);
            return count;
        }

        @Override
        public void write(ByteBuffer from, long position) {
            throw new UnsupportedOperationException("it is only read");
        }

        @Override
        public void force() {
            throw new UnsupportedOperationException("it is only read");
        }

        @Override
        public void truncate(long sizeBytes) {
            throw new UnsupportedOperationException("it is only read");
        }

        @Override
        public long size() {
            return Math.min(sizeBytes, file.size());
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
