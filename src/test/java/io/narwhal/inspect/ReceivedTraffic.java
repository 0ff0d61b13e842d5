package io.narwhal.inspect;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.base.SentDatagrams;
import io.narwhal.base.StateWriter;
import io.narwhal.checkpoint.CheckpointStore;
import io.narwhal.component.Crew;
import io.narwhal.component.Lane;
import io.narwhal.component.LaneHead;
import io.narwhal.component.LaneRecovery;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.generate.TrafficSource;
import io.narwhal.generate.Truth;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A data directory with the received journal of generated traffic: one datagram a frame, each
 * arriving a millisecond after the one before, small segments, and a checkpoint behind all of it.
 */
public final class ReceivedTraffic {
    /** When the first datagram arrives: 2026-11-22T10:00:00Z. */
    public static final long START_MS = 1_795_341_600_000L;

    public final Disk disk = Disk.system();
    public final NodeConfig config;
    public final Path journal;
    public final Truth truth;
    private int frames;

    /** Generates and journals it. */
    public ReceivedTraffic(Path directory, UnaryOperator<TrafficPlan.Builder> plan) {
        this.config = configuration(directory);
        var layout = new NodeLayout(config.data());
        this.journal = layout.received("flows");
        disk.createDirectories(layout.run());
        disk.createDirectories(layout.checkpoints());
        var settings =
                new JournalSettings(journal, new JournalLimits(16 << 10, 8 << 10, 0, 0), List.of());
        TrafficPlan traffic =
                plan.apply(
                                TrafficPlan.to(new InetSocketAddress("127.0.0.1", 2055))
                                        .pairs(100)
                                        .startMs(START_MS))
                        .build();
        try (var writer = JournalWriter.open(disk, Clock.system(), settings, () -> 7);
                var source =
                        new TrafficSource(
                                traffic, new Sender(writer, traffic.exporters()), Clock.system())) {
            this.truth = source.run(_ -> {});
            writer.publish(writer.force());
        }
        checkpoint(layout);
    }

    private static NodeConfig configuration(Path directory) {
        try {
            Files.writeString(
                    directory.resolve("customers.csv"),
                    "prefix,customer\n10.0.0.0/23,Harbour Office\n198.18.0.1/32,\"Smith, Ann\"\n");
            Path file = directory.resolve("narwhal.yaml");
            Files.writeString(
                    file,
                    """
                    node: test
                    data: ./data
                    collectors:
                      flows: { protocol: netflow, listen: "127.0.0.1:2055" }
                    enhance:
                      customers: { table: ./customers.csv }
                    usage:
                      by-pair: { keys: [src_addr, dst_addr] }
                    """);
            return switch (ConfigLoader.load(file)) {
                case Loaded.Valid(var config, var _) -> config;
                case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkpoint(NodeLayout layout) {
        var lane = new Lane(LaneRecovery.work(config, disk));
        var state = new StateWriter(1 << 16);
        try (var reader = JournalReader.open(disk, journal, 0)) {
            while (reader.next() == JournalReader.Step.FRAME) {
                lane.apply(
                        reader.bytes(),
                        reader.payloadOffset(),
                        reader.payloadLength(),
                        Crew.ALONE,
                        _ -> {});
            }
            lane.endStep(Crew.ALONE, _ -> {});
            var input = new JournalPosition(reader.journalId(), reader.position());
            new LaneHead(input, JournalPosition.BEGINNING, 0).write(state);
        }
        lane.snapshot(state);
        new CheckpointStore(disk, layout.checkpoints(), LaneRecovery.checkpointName("flows"))
                .save(state.toBytes(), state.size());
    }

    /** When the frame of that sequence arrived, µs since 1970. */
    public static long arrivalMicros(long sequence) {
        return (START_MS + sequence) * 1_000;
    }

    /** One datagram after the other into the journal. */
    private final class Sender extends SentDatagrams {
        private final JournalWriter writer;
        private final int sockets;

        Sender(JournalWriter writer, int sockets) {
            this.writer = writer;
            this.sockets = sockets;
        }

        @Override
        public void send(int socket, int[] lengths, int count) {
            for (int slot = 0; slot < count; slot++) {
                frames++;
                var frame = ByteBuffer.allocate(SLOT_BYTES + 256);
                new ReceivedBlock.Header(
                                ReceivedBlock.Kind.DATAGRAMS,
                                0,
                                0,
                                Transport.UDP,
                                1,
                                arrivalMicros(frames),
                                frames,
                                1,
                                0,
                                frames,
                                0)
                        .write(frame);
                InetSocketAddress from = source(socket);
                ReceivedBlock.writeDatagramHeader(
                        frame,
                        lengths[slot],
                        from.getPort(),
                        Addresses.high(from.getAddress()),
                        Addresses.low(from.getAddress()));
                frame.put(datagram(slot, lengths[slot]));
                writer.append(frame.array(), 0, frame.position(), 1);
            }
        }

        @Override
        public InetSocketAddress source(int socket) {
            if (socket >= sockets) {
                throw new IllegalArgumentException("no socket " + socket);
            }
            return super.source(socket);
        }
    }
}
