package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.checkpoint.Loaded;
import io.narwhal.journal.JournalPosition;
import io.narwhal.record.Origin;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Positions;
import io.narwhal.transfer.StreamId;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the pull component knows: where it stands in its journals, and of each journal of each agent
 * up to where it is saved, and the books. Its checkpoint holds all of it; what came behind that is
 * read from the journals again. Byte layout: docs/formats/pulled.md.
 */
public final class PullState {
    /** Events that are remembered of a link. */
    static final int EVENTS_MAX = 20;

    private static final int VERSION = 1;

    private record Key(String link, StreamId id) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int links = link.compareTo(other.link);
            return links != 0 ? links : id.compareTo(other.id);
        }
    }

    /** The journals of the component. */
    public enum Place {
        /** What was pulled of received journals. */
        RECEIVED,
        /** What was pulled of usage journals. */
        USAGE,
        /** What waits until it is known whether it counts. */
        PARKED;

        static Place of(Journal journal) {
            return switch (journal) {
                case RECEIVED -> RECEIVED;
                case USAGE -> USAGE;
            };
        }
    }

    private final Map<Key, PulledStream> streams = new TreeMap<>();
    private final Map<String, Positions> positions = new TreeMap<>();
    private final Map<String, List<PullEvent>> events = new TreeMap<>();
    private final JournalPosition[] ends = {
        JournalPosition.BEGINNING, JournalPosition.BEGINNING, JournalPosition.BEGINNING
    };
    private String instance = "";
    private long parkedFrom;

    /** Nothing is known. */
    public PullState() {}

    /** What a loaded checkpoint says. */
    public static PullState of(Loaded loaded) {
        return LaneHead.bytes(loaded)
                .map(bytes -> read(new StateReader(bytes)))
                .orElseGet(PullState::new);
    }

    static PullState read(StateReader in) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new StateReader.Malformed(
                    "a checkpoint of version " + version + "; this release reads " + VERSION);
        }
        var state = new PullState();
        state.instance = in.getString();
        for (Place place : Place.values()) {
            state.ends[place.ordinal()] = new JournalPosition(in.getLong(), in.getLong());
        }
        state.parkedFrom = in.getLong();
        for (int left = in.getCount(40); left > 0; left--) {
            PulledStream stream = PulledStream.read(in);
            state.streams.put(new Key(stream.link(), stream.id()), stream);
        }
        for (int left = in.getCount(8); left > 0; left--) {
            state.positions.put(in.getString(), Positions.read(in));
        }
        for (int left = in.getCount(24); left > 0; left--) {
            state.tell(PullEvent.read(in));
        }
        in.expectEnd();
        return state;
    }

    void write(StateWriter out) {
        out.putByte(VERSION).putString(instance);
        for (JournalPosition end : ends) {
            out.putLong(end.journalId()).putLong(end.position());
        }
        out.putLong(parkedFrom);
        out.putInt(streams.size());
        streams.values().forEach(stream -> stream.write(out));
        out.putInt(positions.size());
        positions.forEach(
                (link, all) -> {
                    out.putString(link);
                    all.write(out);
                });
        out.putInt(events.values().stream().mapToInt(List::size).sum());
        events.values().forEach(all -> all.forEach(event -> event.write(out)));
    }

    /** Identity of the store; empty as long as there is none. */
    public String instance() {
        return instance;
    }

    void setInstance(String id) {
        instance = id;
    }

    /** Up to where the journal is counted in here. */
    public JournalPosition end(Place place) {
        return ends[place.ordinal()];
    }

    void setEnd(Place place, JournalPosition end) {
        ends[place.ordinal()] = end;
    }

    /** From where on what is parked may still be wanted. */
    long parkedFrom() {
        return parkedFrom;
    }

    void setParkedFrom(long position) {
        parkedFrom = position;
    }

    /** Up to where everything of a link is saved. */
    Positions positions(String link) {
        return positions.computeIfAbsent(link, ignored -> new Positions());
    }

    /** The same of every link of which anything is known, configured or not. */
    Map<String, Positions> positions() {
        return Collections.unmodifiableMap(positions);
    }

    /** The books of every journal of every agent of which anything is known, in order. */
    public Collection<PulledStream> streams() {
        return List.copyOf(streams.values());
    }

    /** Those of one of them; made when it is not known. */
    PulledStream stream(String link, StreamId id) {
        return streams.computeIfAbsent(new Key(link, id), key -> new PulledStream(link, id));
    }

    /** The last events of each link, the oldest first. */
    public List<PullEvent> events() {
        List<PullEvent> all = new ArrayList<>();
        events.values().forEach(all::addAll);
        return all;
    }

    void tell(PullEvent event) {
        List<PullEvent> all = events.computeIfAbsent(event.link(), link -> new ArrayList<>());
        all.add(event);
        if (all.size() > EVENTS_MAX) {
            all.removeFirst();
        }
    }

    /** Books a frame that is in a journal now. */
    void book(PullFrame frame) {
        Origin origin = frame.origin();
        if (origin.wasParked()) {
            return; // it was booked when it was parked
        }
        PulledStream stream = stream(origin.link(), new StreamId(frame.journal(), origin.stream()));
        PullNote note = frame.note();
        if (note == null) {
            stream.saved(origin, frame.items(), frame.octets());
            return;
        }
        PullNote.Parted parted = note.parted();
        if (parted == null) {
            stream.lost(origin, note.elsewhere());
        } else {
            stream.parted(origin.through() - origin.position(), parted.epoch(), parted.from());
        }
    }

    /** Moves the positions on by a frame that a predecessor saved. */
    void fold(PullFrame frame) {
        Origin origin = frame.origin();
        if (origin.wasParked()) {
            return;
        }
        PullNote note = frame.note();
        PullNote.Parted parted = note == null ? null : note.parted();
        if (parted != null) {
            positions.put(origin.link(), Positions.read(new StateReader(parted.positions())));
        } else {
            positions(origin.link())
                    .appended(
                            new StreamId(frame.journal(), origin.stream()),
                            origin.epoch(),
                            origin.incarnation(),
                            origin.position(),
                            origin.through(),
                            origin.txn());
        }
        if (note != null) {
            tell(
                    new PullEvent(
                            note.atMicros(),
                            origin.link(),
                            frame.journal().label() + "/" + origin.stream(),
                            note.what(),
                            note.detail()));
        }
    }
}
