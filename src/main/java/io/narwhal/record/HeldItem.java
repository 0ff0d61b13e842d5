package io.narwhal.record;

import java.util.Arrays;
import java.util.Objects;

/**
 * Something that was received and set aside with its evidence: it is booked as held, is shown, and
 * can be given once more (recycled) after a fix.
 *
 * @param id by which it is recycled: unique within the node, one word
 * @param lane of accounting that holds it
 * @param what it is, for people: {@code datagram of 192.0.2.1:50000}, {@code line of calls.csv}
 * @param place where it stands: {@code byte 4096 of journal/received/flows}, {@code calls.csv:17}
 * @param sinceMicros when it was set aside, µs since 1970
 * @param reason why, for people: what it did, or what is wrong with it
 * @param bytes as received
 */
public record HeldItem(
        String id,
        String lane,
        String what,
        String place,
        long sinceMicros,
        String reason,
        byte[] bytes) {
    @Override
    public boolean equals(Object other) {
        return other instanceof HeldItem item
                && id.equals(item.id)
                && lane.equals(item.lane)
                && what.equals(item.what)
                && place.equals(item.place)
                && sinceMicros == item.sinceMicros
                && reason.equals(item.reason)
                && Arrays.equals(bytes, item.bytes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, lane, sinceMicros);
    }

    @Override
    public String toString() {
        return id + ": " + what + ", " + place + ": " + reason;
    }
}
