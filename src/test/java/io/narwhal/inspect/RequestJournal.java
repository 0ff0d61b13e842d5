package io.narwhal.inspect;

import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.component.NodeLayout;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalLimits;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.RequestWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Reason;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A data directory with the received journal of a RADIUS collector: frames of two requests and a
 * note of refusals, each a second after the one before.
 */
public final class RequestJournal {
    /** When the first frame arrives: 2026-11-22T10:00:00Z. */
    public static final long START_MS = 1_795_341_600_000L;

    private static final byte[] SECRET =
            "correct horse battery staple".getBytes(StandardCharsets.US_ASCII);

    public final Disk disk = Disk.system();
    public final NodeConfig config;
    private final RequestWriter writer = new RequestWriter();
    private final JournalWriter journal;
    private long frames;

    /** Begins it, with a dictionary of these lines. */
    public RequestJournal(Path directory, String dictionary) {
        this.config = configuration(directory, dictionary);
        var layout = new NodeLayout(config.data());
        disk.createDirectories(layout.run());
        disk.createDirectories(layout.checkpoints());
        this.journal =
                JournalWriter.open(
                        disk,
                        Clock.system(),
                        new JournalSettings(
                                layout.received("acct"),
                                new JournalLimits(1 << 20, 64 << 10, 0, 0),
                                List.of()),
                        () -> 7);
    }

    private static NodeConfig configuration(Path directory, String dictionary) {
        try {
            Files.writeString(directory.resolve("radius.secret"), "correct horse battery staple\n");
            Files.writeString(directory.resolve("dictionary.acme"), dictionary);
            Files.writeString(
                    directory.resolve("customers.csv"), "prefix,customer\n10.0.0.0/24,Harbour\n");
            Path file = directory.resolve("narwhal.yaml");
            Files.writeString(
                    file,
                    """
                    node: test
                    data: ./data
                    collectors:
                      acct:
                        protocol: radius
                        listen: "127.0.0.1:1813"
                        clients: [ { address: 127.0.0.0/8, secret-file: ./radius.secret } ]
                        dictionaries: ./dictionary.acme
                    enhance:
                      customers: { table: ./customers.csv }
                    usage:
                      by-session: { keys: [session_id, direction] }
                    """);
            Files.setPosixFilePermissions(
                    directory.resolve("radius.secret"),
                    java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
            return switch (ConfigLoader.load(file)) {
                case Loaded.Valid(var config, var _) -> config;
                case Loaded.Invalid(var problems) -> throw new AssertionError(problems);
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Journals a frame of requests, and behind them a note of refusals. */
    @SafeVarargs
    public final void frame(Consumer<RequestWriter>... requests) {
        long arrival = (START_MS + frames++ * 1_000) * 1_000;
        var frame = ByteBuffer.allocate(64 << 10);
        new ReceivedBlock.Header(
                        ReceivedBlock.Kind.REQUESTS,
                        0,
                        0,
                        Transport.UDP,
                        requests.length + 1,
                        arrival,
                        frames,
                        1,
                        0,
                        frames,
                        0)
                .write(frame);
        byte[] packet = new byte[Attribute.PACKET_BYTES_MAX];
        for (Consumer<RequestWriter> request : requests) {
            request.accept(writer.begin(packet, 0, (int) frames));
            int length = writer.end(SECRET);
            ReceivedBlock.writeDatagramHeader(
                    frame, length, 40_000, 0, Addresses.ofIpv4(0x7f000001));
            frame.put(packet, 0, length);
        }
        new ReceivedBlock.Refusal(Reason.BAD_AUTHENTICATOR, 3, 300)
                .write(frame, 0, Addresses.ofIpv4(0x7f000002));
        journal.append(frame.array(), 0, frame.position(), requests.length);
    }

    /** Makes what was journalled visible, and ends. */
    public void end() {
        journal.publish(journal.force());
        journal.close();
    }
}
