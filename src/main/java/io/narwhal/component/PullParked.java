package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.StateReader;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.Origin;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.StreamId;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is saved and does not count yet, as another manager of the group may count it, or as the
 * configuration does not define it: which frames of the journal of parked data these are. A frame
 * of that journal is either data ({@link #DATA}) or says what became of data before it ({@link
 * #MARK}).
 */
final class PullParked {
    /** Octets before the origin of a frame of the journal. */
    static final int HEADER_BYTES = 4;

    static final int DATA = 1;
    static final int MARK = 2;

    /** What becomes of parked data. */
    enum Outcome {
        /** It stands in the journal of its kind now. */
        MOVED,
        /** Another manager counts it. */
        DUPLICATE,
        /** Nobody else counts it; it waits for the configuration. */
        OURS
    }

    /** Where a frame comes from. */
    record Key(String link, StreamId id, long epoch, long position) implements Comparable<Key> {
        static Key of(Journal journal, Origin origin) {
            return new Key(
                    origin.link(),
                    new StreamId(journal, origin.stream()),
                    origin.epoch(),
                    origin.position());
        }

        @Override
        public int compareTo(Key other) {
            int links = link.compareTo(other.link);
            int streams = links != 0 ? links : id.compareTo(other.id);
            int epochs = streams != 0 ? streams : Long.compare(epoch, other.epoch);
            return epochs != 0 ? epochs : Long.compare(position, other.position);
        }
    }

    /**
     * A frame that waits.
     *
     * @param at where it begins in the journal of parked data
     * @param ambiguous whether another manager may count it
     * @param missing what the configuration lacks; empty: nothing
     */
    record Entry(long at, int items, int octets, boolean ambiguous, String missing) {
        Entry ours() {
            return new Entry(at, items, octets, false, missing);
        }

        /** Whether it may go where it counts. */
        boolean isDue() {
            return !ambiguous && missing.isEmpty();
        }
    }

    /** A frame of the journal. */
    sealed interface Read {
        /** Data that waits, as far as no later mark says otherwise. */
        record Data(Key key, Entry entry, PullFrame frame) implements Read {}

        /** What became of data before. */
        record Mark(Key key, Outcome outcome, PullFrame frame) implements Read {}
    }

    private final TreeMap<Key, Entry> entries = new TreeMap<>();
    private final TreeMap<String, Integer> missing = new TreeMap<>();

    /** Reads a frame that begins at this position of the journal. */
    static Read read(
            PulledUsage usage, byte[] bytes, int offset, int length, int items, long position) {
        if (length < HEADER_BYTES) {
            throw new StateReader.Malformed("a parked frame ends within its header");
        }
        int what = bytes[offset];
        Journal journal = PulledStream.journal(bytes[offset + 1]);
        int at = offset + HEADER_BYTES;
        int rest = length - HEADER_BYTES;
        PullFrame frame = PullFrame.read(journal, bytes, at, rest, items);
        Key key = Key.of(journal, frame.origin());
        if (what == MARK) {
            int outcome = bytes[offset + 2];
            if (outcome < 0 || outcome >= Outcome.values().length) {
                throw new StateReader.Malformed("no outcome of parked data: " + outcome);
            }
            return new Read.Mark(key, Outcome.values()[outcome], frame);
        }
        if (what != DATA) {
            throw new StateReader.Malformed("no kind of parked frame: " + what);
        }
        int payload = frame.origin().payloadOffset();
        String missing = usage.missing(journal, bytes, at + payload, rest - payload);
        return new Read.Data(
                key,
                new Entry(position, items, rest - payload, bytes[offset + 2] != 0, missing),
                frame);
    }

    /** Notes what a frame of the journal says. */
    void apply(Read read) {
        switch (read) {
            case Read.Data data -> add(data.key(), data.entry());
            case Read.Mark mark -> {
                if (mark.outcome() == Outcome.OURS) {
                    ours(mark.key());
                } else {
                    remove(mark.key());
                }
            }
        }
    }

    /** A frame waits from now on. */
    void add(Key key, Entry entry) {
        remove(key);
        entries.put(key, entry);
        if (!entry.missing().isEmpty()) {
            missing.merge(told(key, entry), 1, Integer::sum);
        }
    }

    private static String told(Key key, Entry entry) {
        return key.link() + " (" + key.id().name() + "): " + entry.missing();
    }

    /** What of a stretch waits to be decided, in order; at most so many. */
    List<Map.Entry<Key, Entry>> ambiguous(Key from, long through, int most) {
        var end = new Key(from.link(), from.id(), from.epoch(), through);
        return entries.subMap(from, true, end, false).entrySet().stream()
                .filter(one -> one.getValue().ambiguous())
                .limit(most)
                // A tree moves others into the entries that are removed.
                .map(one -> Map.entry(one.getKey(), one.getValue()))
                .toList();
    }

    /** What may go where it counts, in order; at most so many. */
    List<Map.Entry<Key, Entry>> due(int most) {
        return entries.entrySet().stream()
                .filter(one -> one.getValue().isDue())
                .limit(most)
                .map(one -> Map.entry(one.getKey(), one.getValue()))
                .toList();
    }

    /** Whether it waits. */
    boolean has(Key key) {
        return entries.containsKey(key);
    }

    /** It waits no longer. */
    void remove(Key key) {
        Entry entry = entries.remove(key);
        if (entry != null && !entry.missing().isEmpty()) {
            missing.computeIfPresent(
                    told(key, entry), (text, count) -> count == 1 ? null : count - 1);
        }
    }

    void ours(Key key) {
        entries.computeIfPresent(key, (ignored, entry) -> entry.ours());
    }

    /** All that waits, in order. */
    Map<Key, Entry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    /** From where on the journal is needed; {@code end} when nothing waits. */
    long oldest(long end) {
        return entries.values().stream().mapToLong(Entry::at).min().orElse(end);
    }

    /** What the configuration lacks for which links, each once. */
    List<String> missing() {
        return List.copyOf(missing.keySet());
    }

    /** Reads one frame of the journal again. */
    static byte[] payload(Disk disk, Path directory, long at) {
        try (var reader = JournalReader.openPhysical(disk, directory, at)) {
            if (reader.next() != JournalReader.Step.FRAME || reader.framePosition() != at) {
                return new byte[0];
            }
            return Arrays.copyOfRange(
                    reader.bytes(),
                    reader.payloadOffset(),
                    reader.payloadOffset() + reader.payloadLength());
        }
    }
}
