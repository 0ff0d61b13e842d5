package io.narwhal.transfer;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.ArrayList;
import java.util.List;

/**
 * A stretch that was sent to one manager of a group while others may have it already.
 *
 * @param id of which journal
 * @param epoch of which store
 * @param from begin
 * @param through end
 * @param holder to whom it is sent as a possible duplicate
 * @param others who may have it; empty once that is known
 * @param outcome what is known
 */
record Doubt(
        StreamId id,
        long epoch,
        long from,
        long through,
        String holder,
        List<String> others,
        Outcome outcome) {
    static final int BYTES_MIN = 1 + 4 + 24 + 4 + 4 + 1;

    /** What is known. */
    enum Outcome {
        /** Nothing yet. */
        OPEN,
        /** Another one has it: the holder drops it. */
        DROP,
        /** No other has it: the holder counts it. */
        COUNT
    }

    Doubt {
        others = List.copyOf(others);
    }

    boolean open() {
        return outcome == Outcome.OPEN;
    }

    boolean of(StreamId stream, long inEpoch) {
        return epoch == inEpoch && id.equals(stream);
    }

    boolean contains(long position) {
        return from <= position && position < through;
    }

    /** The part of it that lies in a range; empty when its end is not behind its begin. */
    Doubt within(long begin, long end) {
        return new Doubt(
                id, epoch, Math.max(from, begin), Math.min(through, end), holder, others, outcome);
    }

    boolean empty() {
        return from >= through;
    }

    Doubt dropped() {
        return new Doubt(id, epoch, from, through, holder, List.of(), Outcome.DROP);
    }

    /** One who might have it does not. */
    Doubt without(String member) {
        List<String> rest = new ArrayList<>(others);
        rest.remove(member);
        Outcome then = rest.isEmpty() ? Outcome.COUNT : Outcome.OPEN;
        return new Doubt(id, epoch, from, through, holder, rest, then);
    }

    FromAgent.Resolve resolve() {
        return new FromAgent.Resolve(id, epoch, from, through, outcome == Outcome.DROP);
    }

    void write(StateWriter to) {
        Positions.writeId(to, id);
        to.putLong(epoch).putLong(from).putLong(through).putString(holder);
        to.putInt(others.size());
        others.forEach(to::putString);
        to.putByte(outcome.ordinal());
    }

    static Doubt read(StateReader from) {
        StreamId id = Positions.readId(from);
        long epoch = from.getLong();
        long begin = Positions.natural(from.getLong());
        long end = Positions.natural(from.getLong());
        String holder = from.getString();
        List<String> others = new ArrayList<>();
        for (int n = from.getCount(4); n > 0; n--) {
            others.add(from.getString());
        }
        int outcome = from.getByte();
        Positions.expect(outcome < Outcome.values().length, "an outcome");
        Doubt doubt = new Doubt(id, epoch, begin, end, holder, others, Outcome.values()[outcome]);
        Positions.expect(doubt.open() != others.isEmpty() && begin < end, "a whole doubt");
        return doubt;
    }
}
