package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.Addresses;
import io.narwhal.record.HeldItem;
import io.narwhal.record.ReceivedBlock;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A datagram that was set aside, with its evidence.
 *
 * @param position of its frame in the received journal
 * @param index of the datagram in that frame, from 0
 * @param sinceMicros when it was set aside, µs since 1970
 * @param recycle number of the recycling that it was given once more in; 0: it is held
 * @param block a received block of this one datagram, behind its origin if it had one: all that was
 *     known of it when it came
 * @param deaths what it did
 */
public record HeldDatagram(
        long position,
        int index,
        long sinceMicros,
        long recycle,
        byte[] block,
        List<HeldList.Death> deaths) {
    private static final int DATAGRAMS_AT = 6;

    /** Copies the list. */
    public HeldDatagram {
        deaths = List.copyOf(deaths);
    }

    /**
     * Takes the datagram of that place out of its journal.
     *
     * @return empty when it is not there
     */
    static Optional<HeldDatagram> read(
            Disk disk, Path journal, HeldPlace place, List<HeldList.Death> deaths, long nowMicros) {
        try (var reader = JournalReader.openPhysical(disk, journal, place.position())) {
            if (reader.next() != JournalReader.Step.FRAME
                    || reader.framePosition() != place.position()) {
                return Optional.empty();
            }
            return block(reader, place.index())
                    .map(
                            block ->
                                    new HeldDatagram(
                                            place.position(),
                                            place.index(),
                                            nowMicros,
                                            0,
                                            block,
                                            deaths));
        }
    }

    private static Optional<byte[]> block(JournalReader frame, int index) {
        var received = new ReceivedBlock();
        received.read(frame.bytes(), frame.payloadOffset(), frame.payloadLength());
        for (int i = 0; i <= index; i++) {
            if (!received.next()) {
                return Optional.empty();
            }
        }
        int datagram = ReceivedBlock.DATAGRAM_HEADER_BYTES + received.length();
        int origin = received.blockAt() - frame.payloadOffset();
        int before = origin + ReceivedBlock.HEADER_BYTES;
        ByteBuffer block = ByteBuffer.allocate(before + datagram);
        block.put(frame.bytes(), frame.payloadOffset(), before);
        block.put(frame.bytes(), received.datagramAt(), datagram);
        return Optional.of(block.putShort(origin + DATAGRAMS_AT, (short) 1).array());
    }

    HeldPlace place() {
        return new HeldPlace(position, index);
    }

    boolean isHeld() {
        return recycle == 0;
    }

    String id(String lane) {
        return lane + "-" + position + "-" + index;
    }

    HeldDatagram recycled(long number) {
        return new HeldDatagram(position, index, sinceMicros, number, block, deaths);
    }

    /** Held again, with what it did since. */
    HeldDatagram heldAgain(List<HeldList.Death> since, long nowMicros) {
        return new HeldDatagram(position, index, nowMicros, 0, block, since);
    }

    HeldItem asItem(String lane) {
        var received = new ReceivedBlock();
        received.read(block, 0, block.length);
        received.next();
        int from = received.offset();
        String source = Addresses.text(received.source().high(), received.source().low());
        String what = received.kind() == ReceivedBlock.Kind.REQUESTS ? "request" : "datagram";
        return new HeldItem(
                id(lane),
                lane,
                received.kind() == ReceivedBlock.Kind.LINES
                        ? "line " + received.source().low() + " of file " + received.source().high()
                        : what + " of " + source + " port " + received.source().port(),
                "byte " + position + " of journal/received/" + lane + ", number " + (index + 1),
                sinceMicros,
                deaths.size()
                        + (deaths.size() == 1 ? " death, the last: " : " deaths, the last: ")
                        + (deaths.isEmpty() ? "unknown" : deaths.getLast().how()),
                Arrays.copyOfRange(block, from, from + received.length()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeldDatagram one
                && position == one.position
                && index == one.index
                && sinceMicros == one.sinceMicros
                && recycle == one.recycle
                && Arrays.equals(block, one.block)
                && deaths.equals(one.deaths);
    }

    @Override
    public int hashCode() {
        return Objects.hash(position, index);
    }

    @Override
    public String toString() {
        return "datagram " + (index + 1) + " of the frame at byte " + position;
    }
}
