package io.narwhal.component;

import io.narwhal.config.CollectorConfig;
import io.narwhal.config.JournalSettings;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.SegmentCompressor;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/**
 * Compresses what accounting has read of the received journals, if the configuration says so: a
 * thread of the accounting process, which gives way to the collectors already, and this thread
 * gives way once more. It only makes copies; the collector, whose journal it is, takes them in.
 */
final class ReceivedCompression implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReceivedCompression.class);
    private static final long PAUSE_MS = 5_000;
    private static final long STEP_MS = 100;

    /**
     * After each block, so that the disk, which has no priorities, is not taken in one go: at most
     * about 40 MB of plain journal a second, or 700,000 records.
     */
    private static final long BLOCK_PAUSE_MS = 5;

    private final Environment environment;
    private @Nullable Thread thread;
    private volatile boolean stopped;

    ReceivedCompression(Environment environment) {
        this.environment = environment;
    }

    void start() {
        if (isWanted(environment.config().journals().received())) {
            thread = Thread.ofPlatform().name("compress").daemon().start(this::run);
        }
    }

    static boolean isWanted(JournalSettings received) {
        return switch (received.compression()) {
            case NONE -> false;
            // What is deleted as soon as it was read need not be made smaller first.
            case ZSTD -> received.retentionMs() > 0;
        };
    }

    // Whatever happens here is no reason to stop accounting: the journal only stays larger.
    private void run() {
        List<SegmentCompressor> compressors =
                environment.config().collectors().stream().map(this::compressor).toList();
        try {
            environment.processes().giveWay();
            while (!stopped) {
                for (SegmentCompressor compressor : compressors) {
                    while (offered(compressor.next(this::goOn))) {}
                }
                pause();
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.error("the received journals are not compressed until the next start", e);
        } finally {
            compressors.forEach(SegmentCompressor::close);
        }
    }

    private boolean goOn() {
        environment.clock().sleepMillis(BLOCK_PAUSE_MS);
        return !stopped;
    }

    private SegmentCompressor compressor(CollectorConfig collector) {
        return new SegmentCompressor(
                environment.disk(),
                environment.layout().received(collector.name()),
                NodeConfig.ACCOUNTING);
    }

    /** Whether the next segment may follow at once. */
    private static boolean offered(SegmentCompressor.Step step) {
        return switch (step) {
            case SegmentCompressor.Step.Nothing _, SegmentCompressor.Step.Stopped _ -> false;
            case SegmentCompressor.Step.NoRoom(String why) -> {
                LOG.warn("{}; not compressed for want of room, tried again later", why);
                yield false;
            }
            case SegmentCompressor.Step.Unfit(var segment, String why) -> {
                LOG.warn("{} stays uncompressed: {}", segment, why);
                yield true;
            }
            case SegmentCompressor.Step.Offered(var segment, long plain, long compressed) -> {
                LOG.info("{}: {} bytes compressed to {}", segment, plain, compressed);
                yield true;
            }
        };
    }

    private void pause() {
        for (long waited = 0; waited < PAUSE_MS && !stopped; waited += STEP_MS) {
            environment.clock().sleepMillis(STEP_MS);
        }
    }

    /** Stops between two blocks. */
    @Override
    public void close() {
        stopped = true;
        Thread running = thread;
        if (running != null) {
            try {
                running.join(STEP_MS * 20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
