package io.narwhal.component;

import io.narwhal.base.Check;
import io.narwhal.base.Clock;
import io.narwhal.base.Disk;
import io.narwhal.journal.JournalFull;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalSettings;
import io.narwhal.journal.JournalWriter;
import io.narwhal.record.Origin;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The journals that the pull component writes. What is appended to one while another has something
 * of before that is not forced could be all that a power cut leaves; so where a stream changes
 * between the journal of what counts and that of what is parked, the one is forced before the other
 * is appended to.
 */
final class PullJournals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PullJournals.class);

    private final Disk disk;
    private final Clock clock;
    private final Map<PullState.Place, JournalSettings> settings;
    private final Map<PullState.Place, JournalWriter> writers =
            new EnumMap<>(PullState.Place.class);
    private ByteBuffer frame = ByteBuffer.allocateDirect(1 << 20);

    /** Opens, or makes, them; what they have is forced and published then. */
    PullJournals(PullStore.Setup setup) {
        this.disk = setup.disk();
        this.clock = setup.clock();
        this.settings = new EnumMap<>(setup.journals());
        try {
            this.settings.forEach(
                    (place, one) -> {
                        disk.createDirectories(one.directory());
                        var writer = JournalWriter.open(disk, clock, one, setup.identities());
                        writers.put(place, writer);
                        JournalLog.tell(LOG, writer.recovered());
                    });
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    JournalWriter writer(PullState.Place place) {
        Check.that(has(place), "there is a journal of what is %s", place);
        return Objects.requireNonNull(writers.get(place));
    }

    boolean has(PullState.Place place) {
        return writers.containsKey(place);
    }

    /** Where it lies. */
    JournalSettings settings(PullState.Place place) {
        Check.that(has(place), "there is a journal of what is %s", place);
        return Objects.requireNonNull(settings.get(place));
    }

    /**
     * Appends a frame.
     *
     * @param before what stands before the origin
     * @param payload from position to limit; both stay
     * @return where it begins
     * @throws JournalFull when its capacity is reached: the frame was not taken
     * @throws io.narwhal.base.DiskFull likewise
     */
    long append(
            PullState.Place place, byte[] before, Origin origin, ByteBuffer payload, int items) {
        barrier(place);
        int headerBytes = before.length + origin.writtenBytes();
        int length = headerBytes + payload.remaining();
        int room = JournalWriter.HEADER_BYTES + length + JournalWriter.PADDING_BYTES_MAX;
        if (frame.capacity() < room) {
            frame = ByteBuffer.allocateDirect(Math.max(room, 2 * frame.capacity()));
        }
        frame.clear().position(JournalWriter.HEADER_BYTES);
        frame.put(before);
        origin.write(frame);
        frame.put(payload.duplicate());
        frame.flip().position(JournalWriter.HEADER_BYTES);
        JournalWriter writer = writer(place);
        try {
            writer.append(frame, items);
        } catch (JournalFull full) {
            if (writer.trim(clock.wallMicros()) == 0) {
                throw full;
            }
            writer.append(frame, items);
        }
        return writer.end() - totalBytes(length);
    }

    /** Appends a frame of this node's own, which has no origin. */
    void appendOwn(PullState.Place place, ByteBuffer payload) {
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        writer(place).append(bytes, 0, bytes.length, 0);
    }

    // As docs/formats/journal.md: header, payload, padding to a multiple of 8.
    private static long totalBytes(int length) {
        return (JournalWriter.HEADER_BYTES + (long) length + 7) / 8 * 8;
    }

    private void barrier(PullState.Place place) {
        writers.forEach(
                (other, writer) -> {
                    boolean sameStreams =
                            other != place
                                    && (other == PullState.Place.PARKED
                                            || place == PullState.Place.PARKED);
                    if (sameStreams && writer.forced() < writer.end()) {
                        writer.force();
                    }
                });
    }

    /** Makes everything that was appended durable, and visible. */
    void commit() {
        writers.values()
                .forEach(
                        writer -> {
                            if (writer.published() < writer.end()) {
                                writer.publish(writer.force());
                            }
                        });
    }

    /** Where a journal ends now. */
    JournalPosition end(PullState.Place place) {
        return new JournalPosition(writer(place).journalId(), writer(place).end());
    }

    /** Lets go of what lies before this, as the checkpoint knows it. */
    void acknowledge(PullState.Place place, String reader, long position) {
        try (var input = JournalReader.open(disk, settings(place).directory(), position)) {
            input.acknowledge(reader, position);
        }
    }

    /** Deletes what nobody needs any more. */
    void trim() {
        long now = clock.wallMicros();
        writers.values().forEach(writer -> writer.trim(now));
        if (has(PullState.Place.RECEIVED)) {
            writer(PullState.Place.RECEIVED).adoptCompressed();
        }
    }

    /** Octets that may still be appended to every journal. */
    long room() {
        long room = Long.MAX_VALUE;
        for (PullState.Place place : writers.keySet()) {
            long capacity = settings(place).limits().capacityBytes();
            if (capacity > 0) {
                long left = capacity - writer(place).bytesOnDisk();
                if (left < capacity / 4) {
                    writer(place).trim(clock.wallMicros());
                    left = capacity - writer(place).bytesOnDisk();
                }
                room = Math.min(room, Math.max(0, left));
            }
        }
        return room;
    }

    @Override
    public void close() {
        writers.values().forEach(JournalWriter::close);
        writers.clear();
    }
}
