package io.narwhal.journal;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;

import io.narwhal.base.Check;
import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFile;
import io.narwhal.base.DiskFull;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Makes compressed copies of a journal's segments beside its writer, in another process and at
 * another priority. It only offers them: {@link JournalWriter#adoptCompressed} puts a copy in the
 * segment's place, so that one process alone decides which files are the journal.
 *
 * <p>Copied is only what its reader has acknowledged, as that will hardly be read again, and never
 * the last segment. A copy has every byte of the segment, damage included. Owned by one thread.
 */
public final class SegmentCompressor implements AutoCloseable {
    /** Small forces: a large one would delay those of the journal's writer on the same disk. */
    private static final int FORCE_BYTES = 2 << 20;

    /** What one call of {@link #next} came to. */
    public sealed interface Step {
        /** No segment is due. */
        record Nothing() implements Step {}

        /** Told to stop; what was begun is thrown away. */
        record Stopped() implements Step {}

        /** No room; the segment stays as it is and may be tried again. */
        record NoRoom(String why) implements Step {}

        /** This segment cannot be copied; it stays as it is and is not tried again. */
        record Unfit(Path segment, String why) implements Step {}

        /** A copy is offered. */
        record Offered(Path segment, long plainBytes, long compressedBytes) implements Step {}
    }

    private final Disk disk;
    private final Path directory;
    private final String reader;
    private final int blockBytes;
    private final ByteBuffer plain;
    private final ByteBuffer block;
    private final ByteBuffer back;
    private final Set<Long> unfit = new HashSet<>();
    private boolean begun;
    private @Nullable ZstdCompressCtx zstd;
    private @Nullable ZstdDecompressCtx unzstd;

    /**
     * For the journal in this directory; opens nothing yet.
     *
     * @param reader whose acknowledgement makes a segment due
     */
    public SegmentCompressor(Disk disk, Path directory, String reader) {
        this(disk, directory, reader, Blocks.PLAIN_BYTES);
    }

    SegmentCompressor(Disk disk, Path directory, String reader, int blockBytes) {
        Check.that(
                blockBytes > 0 && blockBytes <= Blocks.PLAIN_BYTES_MAX, "a block within the limit");
        Pages.checkName(reader);
        this.disk = disk;
        this.directory = directory;
        this.reader = reader;
        this.blockBytes = blockBytes;
        // Outside the heap, so that zstd never holds up a collection of garbage.
        plain = ByteBuffer.allocateDirect(blockBytes);
        block = ByteBuffer.allocateDirect(Blocks.totalBytes(Blocks.dataBytesMax(blockBytes)));
        back = ByteBuffer.allocateDirect(blockBytes);
    }

    /**
     * Copies the oldest segment that is due.
     *
     * @param goOn is asked between two blocks, about every millisecond
     */
    public Step next(BooleanSupplier goOn) {
        if (!begun) {
            removeLeftovers();
            begun = true;
        }
        List<Long> bases = Segments.bases(disk, directory);
        OptionalLong due = due(bases);
        if (due.isEmpty()) {
            return new Step.Nothing();
        }
        long base = due.getAsLong();
        Path temporary = Segments.temporary(directory, base);
        Step step;
        try {
            step = copy(base, Segments.after(bases, base) - base, temporary, goOn);
        } catch (DiskFull e) {
            step = new Step.NoRoom(String.valueOf(e.getMessage()));
        } catch (DiskFailure e) {
            step = new Step.Unfit(Segments.file(directory, base), String.valueOf(e.getMessage()));
        }
        if (step instanceof Step.Unfit) {
            unfit.add(base);
        }
        if (!(step instanceof Step.Offered)) {
            disk.delete(temporary);
        }
        return step;
    }

    private OptionalLong due(List<Long> bases) {
        long acknowledged = Pages.peek(disk, directory, Pages.ack(reader));
        for (int i = 0; i + 1 < bases.size() && bases.get(i + 1) <= acknowledged; i++) {
            long base = bases.get(i);
            if (!unfit.contains(base)
                    && !disk.exists(Segments.compressed(directory, base))
                    && !disk.exists(Segments.offered(directory, base))) {
                return OptionalLong.of(base);
            }
        }
        return OptionalLong.empty();
    }

    /** What a process that was killed has left half made. */
    private void removeLeftovers() {
        for (String name : disk.list(directory)) {
            if (name.endsWith(Segments.TEMPORARY_SUFFIX)) {
                disk.delete(directory.resolve(name));
            }
        }
    }

    private Step copy(long base, long size, Path temporary, BooleanSupplier goOn) {
        Path path = Segments.file(directory, base);
        try (DiskFile source = disk.open(path, Disk.Mode.READ)) {
            if (source.size() != size) {
                return new Step.Unfit(
                        path, "it has " + source.size() + " bytes instead of " + size);
            }
            int[] lengths = new int[BlockTable.count(size, blockBytes)];
            long end;
            try (DiskFile target = disk.open(temporary, Disk.Mode.REPLACE)) {
                end = blocks(source, base, size, target, lengths, goOn);
                if (end < 0) {
                    return new Step.Stopped();
                }
                head(source, target, new BlockTable(blockBytes, size, lengths));
                target.force();
            }
            disk.rename(temporary, Segments.offered(directory, base));
            return new Step.Offered(path, size, end);
        }
    }

    /** Writes all blocks; where they end in the file, or -1 when told to stop. */
    private long blocks(
            DiskFile source,
            long base,
            long size,
            DiskFile target,
            int[] lengths,
            BooleanSupplier goOn) {
        long at = BlockTable.blocksAt(lengths.length);
        long forced = at;
        for (int i = 0; i < lengths.length; i++) {
            if (!goOn.getAsBoolean()) {
                return -1;
            }
            long offset = SegmentHeader.BYTES + (long) i * blockBytes;
            int plainBytes = (int) Math.min(blockBytes, size - offset);
            int read = source.read(plain.clear().limit(plainBytes), offset);
            Check.that(read == plainBytes, "a segment that is closed does not shrink");
            lengths[i] = compress(plainBytes, base + offset);
            target.write(block.clear().limit(lengths[i]), at);
            at += lengths[i];
            if (at - forced >= FORCE_BYTES) {
                target.force();
                forced = at;
            }
        }
        return at;
    }

    /** Makes a block of what was read; the plain bytes will be deleted, so it is undone to see. */
    private int compress(int plainBytes, long position) {
        if (zstd == null || unzstd == null) {
            zstd = Zstd.compressor();
            unzstd = Zstd.decompressor();
        }
        int room = block.capacity() - Blocks.HEADER_BYTES;
        int data =
                zstd.compressDirectByteBuffer(
                        block.clear(), Blocks.HEADER_BYTES, room, plain, 0, plainBytes);
        int undone =
                unzstd.decompressDirectByteBuffer(
                        back.clear(), 0, plainBytes, block, Blocks.HEADER_BYTES, data);
        Check.that(
                undone == plainBytes
                        && plain.clear().limit(plainBytes).equals(back.clear().limit(plainBytes)),
                "what was compressed at position %d comes back the same",
                position);
        return Blocks.complete(block, data, plainBytes, position);
    }

    private static void head(DiskFile source, DiskFile target, BlockTable table) {
        ByteBuffer header = ByteBuffer.allocate(SegmentHeader.BYTES);
        source.read(header, 0);
        target.write(header.flip(), 0);
        target.write(table.toBytes(), BlockTable.AT);
    }

    @Override
    public void close() {
        if (zstd != null) {
            zstd.close();
        }
        if (unzstd != null) {
            unzstd.close();
        }
        zstd = null;
        unzstd = null;
    }
}
