package io.narwhal.journal;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.SentDatagrams;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.record.Addresses;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Prints what a record of generated traffic takes in a received journal, plain and compressed, and
 * what compressing and reading it costs. Needs 250 MB under java.io.tmpdir, and removes them.
 */
final class CompressSpeed {
    private static final int RECORDS = 4_000_000;
    private static final String READER = "accounting";

    private CompressSpeed() {}

    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory("narwhal-compress-speed");
        try {
            run(Disk.system(), directory);
        } finally {
            try (var files = Files.list(directory)) {
                files.forEach(file -> Disk.system().delete(file));
            }
            Files.delete(directory);
        }
    }

    private static void run(Disk disk, Path directory) {
        var limits = new JournalLimits(32 << 20, 8 << 20, 0, Long.MAX_VALUE / 1_000);
        var settings = new JournalSettings(directory, limits, List.of(READER));
        try (var writer = JournalWriter.open(disk, Clock.system(), settings, () -> 7)) {
            fill(writer);
            writer.publish(writer.force());
            long plain = writer.bytesOnDisk();
            read(disk, directory, "read plain");
            read(disk, directory, "read plain");
            long copied = compress(disk, directory, (double) plain / RECORDS);
            long freed = writer.adoptCompressed();
            double records = RECORDS * ((double) copied / plain);
            System.out.printf(
                    "plain %.1f bytes a record, compressed %.1f%n",
                    (double) plain / RECORDS, (copied - freed) / records);
            read(disk, directory, "read compressed");
            read(disk, directory, "read compressed");
        }
    }

    private static void fill(JournalWriter writer) {
        TrafficPlan plan =
                TrafficPlan.to(new InetSocketAddress("127.0.0.1", 2055)).records(RECORDS).build();
        try (var source = new TrafficSource(plan, new Blocks(writer), Clock.system())) {
            source.run(_ -> {});
        }
    }

    /** Bytes of the segments that were copied. */
    private static long compress(Disk disk, Path directory, double bytesPerRecord) {
        long bytes = 0;
        double cpu = cpuSeconds();
        long begin = System.nanoTime();
        try (var compressor = new SegmentCompressor(disk, directory, READER)) {
            while (compressor.next(() -> true)
                    instanceof SegmentCompressor.Step.Offered(var _, long plain, long _)) {
                bytes += plain;
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        cpu = cpuSeconds() - cpu;
        System.out.printf(
                "compress: %.3f CPU s a million records with the check of each block, %.0f MB/s%n",
                cpu / bytes * bytesPerRecord * 1e6, bytes / seconds / 1e6);
        return bytes;
    }

    private static void read(Disk disk, Path directory, String what) {
        double cpu = cpuSeconds();
        try (var reader = JournalReader.open(disk, directory, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {}
            reader.acknowledge(READER, reader.position());
        }
        System.out.printf(
                "%s: %.3f CPU s a million records%n", what, (cpuSeconds() - cpu) / RECORDS * 1e6);
    }

    private static double cpuSeconds() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
    }

    /** A frame for each batch, as a collector makes it. */
    private static final class Blocks extends SentDatagrams {
        private final ByteBuffer block = ByteBuffer.allocate(SLOTS_MAX * (SLOT_BYTES + 64));
        private final JournalWriter writer;
        private int batches;

        Blocks(JournalWriter writer) {
            this.writer = writer;
        }

        @Override
        public void send(int socket, int[] lengths, int count) {
            batches++;
            var kind = ReceivedBlock.Kind.DATAGRAMS;
            long arrival = 1_795_341_600_000_000L + 1_000L * batches;
            block.clear();
            new ReceivedBlock.Header(
                            kind,
                            0,
                            0,
                            Transport.UDP,
                            count,
                            arrival,
                            batches,
                            1,
                            0,
                            batches,
                            batches)
                    .write(block);
            InetSocketAddress from = source(socket);
            for (int slot = 0; slot < count; slot++) {
                ReceivedBlock.writeDatagramHeader(
                        block,
                        lengths[slot],
                        from.getPort(),
                        Addresses.high(from.getAddress()),
                        Addresses.low(from.getAddress()));
                block.put(datagram(slot, lengths[slot]));
            }
            writer.append(block.array(), 0, block.position(), count);
        }
    }
}
