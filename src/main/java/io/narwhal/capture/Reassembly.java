package io.narwhal.capture;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts fragments of IP packets together (RFC 791 §3.2, RFC 8200 §4.5), whatever their order. The
 * time of the packets is the clock.
 */
final class Reassembly {
    /** Datagrams that may wait for fragments. */
    static final int WAITING_MAX = 256;

    /** Bytes of theirs together. */
    static final long WAITING_BYTES_MAX = 16 << 20;

    /** How long one waits, in the time of the capture. */
    static final long WAIT_MICROS = 30_000_000;

    private static final int DATAGRAM_BYTES_MAX = 65_535;
    private static final int PIECES_MAX = 8_192;

    /** What fragments of one datagram have in common. */
    record Key(
            long sourceHigh, long sourceLow, long high, long low, int identification, int next) {}

    private static final class Waiting {
        final TreeMap<Integer, byte[]> pieces = new TreeMap<>();
        final long sinceMicros;
        int total = -1;
        int bytes;

        Waiting(long sinceMicros) {
            this.sinceMicros = sinceMicros;
        }

        boolean isWhole() {
            return total >= 0 && bytes == total;
        }

        boolean overlaps(int from, int length) {
            var before = pieces.floorEntry(from);
            var behind = pieces.ceilingKey(from);
            return before != null && before.getKey() + before.getValue().length > from
                    || behind != null && behind < from + length
                    || total >= 0 && from + length > total;
        }

        byte[] joined() {
            byte[] whole = new byte[total];
            pieces.forEach((at, piece) -> System.arraycopy(piece, 0, whole, at, piece.length));
            return whole;
        }
    }

    private final LinkedHashMap<Key, Waiting> waiting = new LinkedHashMap<>();
    private final Counts counts;
    private long waitingBytes;

    Reassembly(Counts counts) {
        this.counts = counts;
    }

    /**
     * Takes a fragment.
     *
     * @param bytes its array
     * @param from where its part of the datagram begins there
     * @param at where that part belongs in the datagram
     * @param more whether further ones follow it
     * @return the datagram when it is whole now; its last fragment is not counted yet
     */
    byte @Nullable [] add(
            Key key, byte[] bytes, int from, int length, int at, boolean more, long micros) {
        giveUpOld(micros);
        if (length == 0 || at + length > DATAGRAM_BYTES_MAX || more && length % 8 != 0) {
            counts.add(Fate.MALFORMED);
            return null;
        }
        Waiting one = waiting.computeIfAbsent(key, _ -> new Waiting(micros));
        byte[] piece = Arrays.copyOfRange(bytes, from, from + length);
        if (Arrays.equals(one.pieces.get(at), piece) && (more || one.total == at + length)) {
            counts.add(Fate.FRAGMENT_DOUBLED);
            return null;
        }
        boolean wrongEnd =
                !more && (one.total >= 0 || !one.pieces.isEmpty() && endOf(one) > at + length);
        if (wrongEnd || one.overlaps(at, length) || one.pieces.size() >= PIECES_MAX) {
            forget(key, one, Fate.FRAGMENTS_OVERLAP);
            counts.add(Fate.FRAGMENTS_OVERLAP);
            return null;
        }
        one.pieces.put(at, piece);
        one.bytes += length;
        one.total = more ? one.total : at + length;
        waitingBytes += length;
        if (!one.isWhole()) {
            keepWithinLimits();
            return null;
        }
        waiting.remove(key);
        waitingBytes -= one.bytes;
        counts.add(Fate.FRAGMENT_JOINED, one.pieces.size() - 1L);
        return one.joined();
    }

    private static int endOf(Waiting one) {
        var last = one.pieces.lastEntry();
        return last.getKey() + last.getValue().length;
    }

    private void giveUpOld(long micros) {
        Iterator<Map.Entry<Key, Waiting>> all = waiting.entrySet().iterator();
        while (all.hasNext()) {
            Waiting one = all.next().getValue();
            if (micros - one.sinceMicros <= WAIT_MICROS) {
                return;
            }
            all.remove();
            waitingBytes -= one.bytes;
            counts.add(Fate.FRAGMENT_ALONE, one.pieces.size());
        }
    }

    private void keepWithinLimits() {
        while (waiting.size() > WAITING_MAX || waitingBytes > WAITING_BYTES_MAX) {
            var oldest = waiting.firstEntry();
            forget(oldest.getKey(), oldest.getValue(), Fate.FRAGMENT_LIMIT);
        }
    }

    private void forget(Key key, Waiting one, Fate fate) {
        waiting.remove(key);
        waitingBytes -= one.bytes;
        counts.add(fate, one.pieces.size());
    }

    /** The file is over: what waits will not become whole. */
    void end() {
        waiting.values().forEach(one -> counts.add(Fate.FRAGMENT_ALONE, one.pieces.size()));
        waiting.clear();
        waitingBytes = 0;
    }
}
