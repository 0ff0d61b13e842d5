package io.narwhal.transfer;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What an agent keeps of one reader for one kind of journal: saved whole, each time. */
final class ReaderState {
    /** Doubts that are open at once, over all journals; with more there is no failover. */
    static final int DOUBTS_MAX = 1_024;

    /** Doubts that are known, and told again at each opening: the newest. */
    static final int DECIDED_MAX = 256;

    private static final int VERSION = 1;

    /** What reading bytes came to. */
    sealed interface Outcome {
        /** As it was written. */
        record Read(ReaderState state) implements Outcome {}

        /** It cannot be understood. */
        record Malformed(String why) implements Outcome {}
    }

    /** Whether it was ever opened. */
    boolean opened;

    /** The manager that is served; empty: the next that comes. */
    String active = "";

    /** The managers that ever opened. */
    final SortedMap<String, MemberState> members = new TreeMap<>();

    final SortedMap<StreamId, StreamState> streams = new TreeMap<>();
    final List<Doubt> doubts = new ArrayList<>();

    byte[] toBytes() {
        StateWriter to = new StateWriter(256);
        to.putByte(VERSION).putBoolean(opened).putString(active);
        to.putInt(members.size());
        members.forEach(
                (name, member) -> {
                    to.putString(name);
                    member.write(to);
                });
        to.putInt(streams.size());
        streams.forEach(
                (id, stream) -> {
                    Positions.writeId(to, id);
                    stream.write(to);
                });
        to.putInt(doubts.size());
        doubts.forEach(doubt -> doubt.write(to));
        return to.toBytes();
    }

    static Outcome read(byte[] bytes) {
        try {
            return new Outcome.Read(read(new StateReader(bytes)));
        } catch (StateReader.Malformed e) {
            return new Outcome.Malformed(String.valueOf(e.getMessage()));
        }
    }

    private static ReaderState read(StateReader from) {
        Positions.expect(from.getByte() == VERSION, "version 1 of the state of a reader");
        ReaderState state = new ReaderState();
        state.opened = from.getBoolean();
        state.active = from.getString();
        for (int n = from.getCount(4 + MemberState.BYTES_MIN); n > 0; n--) {
            String name = from.getString();
            state.members.put(name, MemberState.read(from));
        }
        for (int n = from.getCount(StreamState.BYTES_MIN); n > 0; n--) {
            StreamId id = Positions.readId(from);
            state.streams.put(id, StreamState.read(from));
        }
        for (int n = from.getCount(Doubt.BYTES_MIN); n > 0; n--) {
            state.doubts.add(Doubt.read(from));
        }
        from.expectEnd();
        return state;
    }
}
