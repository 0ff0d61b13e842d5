package io.narwhal.journal;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFile;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A segment whose frames are compressed in blocks: its header as it was, a {@link BlockTable}, the
 * {@link Blocks}. One block is in memory at a time, and zstd is loaded with the first.
 *
 * <p>When the table is broken the blocks are looked for one by one, as each says itself where it
 * belongs.
 */
final class CompressedSegment implements SegmentFile {
    /**
     * A block in the file.
     *
     * @param offset in the segment, of its first byte
     * @param plainBytes what it holds uncompressed
     * @param fileAt where it begins in the file
     * @param total its bytes in the file
     */
    private record Block(long offset, int plainBytes, long fileAt, int total) {}

    private final Path path;
    private final DiskFile file;
    private final long base;
    private final BlockTable.Read table;
    private final List<Block> blocks;
    private final long size;
    private @Nullable ZstdDecompressCtx zstd;
    private byte[] stored = new byte[0];
    private byte[] plain = new byte[0];

    /** The block in {@link #plain}, or -1. */
    private int loaded = -1;

    private boolean loadedWhole;

    private CompressedSegment(Path path, DiskFile file, long base) {
        this.path = path;
        this.file = file;
        this.base = base;
        table = BlockTable.read(file);
        switch (table) {
            case BlockTable.Read.Intact(var intact) -> {
                blocks = listed(intact);
                size = intact.size();
            }
            case BlockTable.Read.Broken _ -> {
                blocks = found();
                Block last = blocks.isEmpty() ? null : blocks.getLast();
                size = last == null ? SegmentHeader.BYTES : last.offset + last.plainBytes;
            }
        }
    }

    static CompressedSegment open(Disk disk, Path path, long base) {
        DiskFile file = disk.open(path, Disk.Mode.READ);
        try {
            return new CompressedSegment(path, file, base);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static List<Block> listed(BlockTable table) {
        List<Block> blocks = new ArrayList<>(table.lengths().length);
        long offset = SegmentHeader.BYTES;
        long fileAt = BlockTable.blocksAt(table.lengths().length);
        for (int total : table.lengths()) {
            int plainBytes = (int) Math.min(table.blockBytes(), table.size() - offset);
            blocks.add(new Block(offset, plainBytes, fileAt, total));
            offset += plainBytes;
            fileAt += total;
        }
        return blocks;
    }

    private List<Block> found() {
        List<Block> blocks = new ArrayList<>();
        ByteBuffer header = ByteBuffer.allocate(Blocks.HEADER_BYTES);
        long end = file.size();
        long offset = SegmentHeader.BYTES;
        for (long at = BlockTable.AT; at + Blocks.HEADER_BYTES <= end; ) {
            file.read(header.clear(), at);
            int total = Blocks.totalOf(header);
            long begins = header.getLong(Blocks.POSITION_AT) - base;
            var block = new Block(begins, header.getInt(Blocks.PLAIN_AT), at, total);
            if (total > 0 && begins >= offset && read(block)) {
                blocks.add(block);
                offset = begins + block.plainBytes;
                at += total;
            } else {
                at += 8;
            }
        }
        return blocks;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public SegmentHeader.Read header() {
        return SegmentHeader.read(file, base);
    }

    @Override
    public long size() {
        return size;
    }

    /** Whether the table is there; a segment without one is read, but never adopted. */
    boolean isTabled() {
        return table instanceof BlockTable.Read.Intact;
    }

    @Override
    public int read(ByteBuffer into, long offset) {
        int before = into.position();
        long at = offset;
        while (into.hasRemaining() && at < size) {
            int count = (int) Math.min(into.remaining(), size - at);
            if (at < SegmentHeader.BYTES) {
                count = (int) Math.min(count, SegmentHeader.BYTES - at);
                file.read(into.duplicate().limit(into.position() + count), at);
                into.position(into.position() + count);
            } else {
                count = readBlock(into, at, count);
            }
            at += count;
        }
        return into.position() - before;
    }

    private int readBlock(ByteBuffer into, long at, int wanted) {
        int i = holding(at);
        if (i < 0) {
            // Between two blocks that were found, the one that should be here is broken.
            int next = -i - 1;
            long gapEnd = next < blocks.size() ? blocks.get(next).offset : size;
            int count = (int) Math.min(wanted, gapEnd - at);
            into.put(new byte[count]);
            return count;
        }
        load(i);
        Block block = blocks.get(i);
        int from = (int) (at - block.offset);
        int count = Math.min(wanted, block.plainBytes - from);
        into.put(plain, from, count);
        return count;
    }

    /** The block that holds this offset, or -1 minus the index of the first one behind it. */
    private int holding(long offset) {
        int low = 0;
        int high = blocks.size() - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            Block block = blocks.get(middle);
            if (offset < block.offset) {
                high = middle - 1;
            } else if (offset >= block.offset + block.plainBytes) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return -low - 1;
    }

    /** Puts the block, or zeros when it is broken, into {@link #plain}. */
    private boolean load(int i) {
        if (loaded != i) {
            Block block = blocks.get(i);
            if (plain.length < block.plainBytes) {
                plain = new byte[block.plainBytes];
            }
            loadedWhole = read(block) && decompressed(block);
            if (!loadedWhole) {
                Arrays.fill(plain, 0, block.plainBytes, (byte) 0);
            }
            loaded = i;
        }
        return loadedWhole;
    }

    /** Reads the block as it is stored; whether it is the one that was written there. */
    private boolean read(Block block) {
        if (block.total < Blocks.HEADER_BYTES
                || block.total > Blocks.totalBytes(Blocks.dataBytesMax(Blocks.PLAIN_BYTES_MAX))) {
            return false;
        }
        if (stored.length < block.total) {
            stored = new byte[block.total];
        }
        ByteBuffer bytes = ByteBuffer.wrap(stored);
        return file.read(bytes.limit(block.total), block.fileAt) == block.total
                && Blocks.totalOf(bytes) == block.total
                && bytes.getInt(Blocks.CRC_AT) == Blocks.checksum(bytes, block.total)
                && bytes.getInt(Blocks.PLAIN_AT) == block.plainBytes
                && bytes.getLong(Blocks.POSITION_AT) == base + block.offset;
    }

    private boolean decompressed(Block block) {
        if (zstd == null) {
            zstd = Zstd.decompressor();
        }
        int data = ByteBuffer.wrap(stored).getInt(Blocks.LENGTH_AT);
        try {
            return zstd.decompressByteArray(
                            plain, 0, block.plainBytes, stored, Blocks.HEADER_BYTES, data)
                    == block.plainBytes;
        } catch (ZstdException e) {
            return false; // the checksum is right, so it was written so: as good as broken
        }
    }

    @Override
    public Place place(long from, long to) {
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            if (block.offset < to && block.offset + block.plainBytes > from && !load(i)) {
                return new Place(block.fileAt, "a compressed block fails its checksum");
            }
        }
        int i = holding(from);
        if (i >= 0) {
            return new Place(blocks.get(i).fileAt, "");
        }
        int before = -i - 2;
        Block last = before < 0 || before >= blocks.size() ? null : blocks.get(before);
        long fileByte = last == null ? BlockTable.AT : last.fileAt + last.total;
        return new Place(fileByte, tableProblem());
    }

    private String tableProblem() {
        return table instanceof BlockTable.Read.Broken(var what) ? what : "";
    }

    /** All that is wrong with the form itself, in the order of bytes. Reads everything. */
    List<Place> problems() {
        List<Place> problems = new ArrayList<>();
        if (table instanceof BlockTable.Read.Broken(var what)) {
            problems.add(new Place(BlockTable.AT, what));
        }
        long end = BlockTable.AT;
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            if (!load(i)) {
                problems.add(new Place(block.fileAt, broken(block)));
            }
            end = block.fileAt + block.total;
        }
        if (isTabled() && end != file.size()) {
            problems.add(
                    new Place(
                            Math.min(end, file.size()),
                            "the file has " + file.size() + " bytes instead of " + end));
        }
        return problems;
    }

    private String broken(Block block) {
        long from = base + block.offset;
        return "the compressed block of positions "
                + from
                + " to "
                + (from + block.plainBytes)
                + " fails its checksum";
    }

    @Override
    public void close() {
        if (zstd != null) {
            zstd.close();
            zstd = null;
        }
        file.close();
    }
}
