package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.SharedPage;
import io.narwhal.record.ReceivedBlock;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The marks of a lane where they outlive its process: a page of memory. Nothing is forced, so it
 * costs one write a datagram, and is worth nothing after a power cut, which the identity of the
 * boot tells. Layout: docs/formats/marks.md.
 */
final class MarkPage implements Marks, AutoCloseable {
    private static final int SIZE_BYTES = 4096;
    private static final long MAGIC = 0x4e4152574d41524bL; // NARWMARK
    private static final int AT_MAGIC = 0;
    private static final int AT_BOOT = 8;
    private static final int AT_LIFE = 24;
    private static final int AT_STEP = 32;
    private static final int AT_RECYCLE = 40;
    private static final int AT_ALONE = 48;
    private static final int AT_TEXT = 56;
    private static final int TEXT_BYTES_MAX = 448;
    private static final int AT_SHARDS = 512;
    // A line of the processor's cache each, so that threads do not wait for each other.
    private static final int SHARD_BYTES = 64;
    private static final long NO_STEP = -1;

    private final SharedPage page;
    private final UUID boot;

    private MarkPage(SharedPage page, UUID boot) {
        this.page = page;
        this.boot = boot;
    }

    /** Opens the marks, and changes nothing of what the process before has left. */
    static MarkPage open(Disk disk, Path file, UUID boot) {
        return new MarkPage(disk.page(file, SIZE_BYTES), boot);
    }

    /**
     * What a process was doing when it died.
     *
     * @param life number of the process among those that had these marks
     * @param step position of the step
     * @param recycle number of the recycling; 0: none
     * @param alone whether it took one datagram at a time
     * @param named the datagrams that it had in hand
     * @param how it said that it died; empty when it could not
     */
    record Left(
            long life, long step, long recycle, boolean alone, List<HeldPlace> named, String how) {}

    /** What the process before was doing when it died; empty when it was between two steps. */
    Optional<Left> left() {
        if (!isOfThisBoot() || page.getLong(AT_STEP) == NO_STEP) {
            return Optional.empty();
        }
        long step = page.getLong(AT_STEP);
        List<HeldPlace> named = new ArrayList<>();
        for (int shard = 0; shard < Shard.COUNT; shard++) {
            long mark = page.getLong(at(shard));
            if (mark != 0) {
                named.add(new HeldPlace(step + (mark >>> 16), (int) (mark & 0xffff) - 1));
            }
        }
        return Optional.of(
                new Left(
                        page.getLong(AT_LIFE),
                        step,
                        page.getLong(AT_RECYCLE),
                        page.getLong(AT_ALONE) != 0,
                        named,
                        text()));
    }

    private boolean isOfThisBoot() {
        return page.getLong(AT_MAGIC) == MAGIC
                && page.getLong(AT_BOOT) == boot.getMostSignificantBits()
                && page.getLong(AT_BOOT + 8) == boot.getLeastSignificantBits();
    }

    private String text() {
        int length = Math.clamp(page.getLong(AT_TEXT), 0, TEXT_BYTES_MAX);
        return new String(page.getBytes(AT_TEXT + 8, length), StandardCharsets.UTF_8);
    }

    /**
     * Makes the page this process's own. First it says that nothing is being done: a process that
     * dies in here leaves nothing behind.
     */
    void begin(long life) {
        page.putLong(AT_STEP, NO_STEP);
        for (int shard = 0; shard < Shard.COUNT; shard++) {
            if (page.getLong(at(shard)) != 0) {
                page.putLong(at(shard), 0);
            }
        }
        page.putLong(AT_TEXT, 0);
        page.putLong(AT_LIFE, life);
        page.putLong(AT_BOOT, boot.getMostSignificantBits());
        page.putLong(AT_BOOT + 8, boot.getLeastSignificantBits());
        page.putLong(AT_MAGIC, MAGIC);
    }

    @Override
    public void stepBegins(long position, long recycle, boolean alone) {
        page.putLong(AT_RECYCLE, recycle);
        page.putLong(AT_ALONE, alone ? 1 : 0);
        page.putLong(AT_STEP, position);
    }

    @Override
    public void decoding(int shard, long mark, ReceivedBlock datagram) {
        page.putLong(at(shard), mark);
    }

    @Override
    public void decoded(int shard) {
        page.putLong(at(shard), 0);
    }

    @Override
    public void stepEnded() {
        page.putLong(AT_STEP, NO_STEP);
    }

    @Override
    public void failed(Throwable why) {
        byte[] text = why.toString().getBytes(StandardCharsets.UTF_8);
        byte[] kept = Arrays.copyOf(text, Math.min(text.length, TEXT_BYTES_MAX));
        page.putLong(AT_TEXT, 0);
        page.putBytes(AT_TEXT + 8, kept);
        page.putLong(AT_TEXT, kept.length);
    }

    private static int at(int shard) {
        return AT_SHARDS + shard * SHARD_BYTES;
    }

    @Override
    public void close() {
        page.close();
    }
}
