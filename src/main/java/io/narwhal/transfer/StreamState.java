package io.narwhal.transfer;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import java.util.List;

/** What an agent knows of one journal for one reader. Mutable; owned by its {@link ReaderState}. */
final class StreamState {
    static final int BYTES_MIN = 8 * 4 + 4 + 4;

    /** Identity of the store that all this is of. */
    long epoch;

    /** Everything before this is acknowledged by a manager of the reader. */
    long position;

    /** The active manager may have been sent what is before this: reserved ahead. */
    long bound;

    /** Somebody may have been sent what is before this, on an earlier link. */
    long mark;

    /** Who wrote what is acknowledged. */
    List<Incarnation> lineage = List.of();

    /** Who has it. */
    Owners owners = new Owners();

    StreamState(long epoch) {
        this.epoch = epoch;
    }

    /** What a manager has from the position on. */
    void acknowledged(long incarnation, long from, long through, String member) {
        if (through > position) {
            long begin = Math.max(from, position);
            lineage = Histories.extended(lineage, incarnation, from);
            owners.set(begin, through, member);
            position = through;
            bound = Math.max(bound, position);
        }
    }

    /** The journal was put back to an older state: nothing is known behind this position. */
    void cut(long at) {
        position = Math.min(position, at);
        bound = Math.min(bound, at);
        mark = Math.min(mark, at);
        owners.cut(at);
        lineage = Histories.before(lineage, at);
    }

    void write(StateWriter to) {
        to.putLong(epoch).putLong(position).putLong(bound).putLong(mark);
        Positions.writeLineage(to, lineage);
        owners.write(to);
    }

    static StreamState read(StateReader from) {
        StreamState state = new StreamState(from.getLong());
        state.position = Positions.natural(from.getLong());
        state.bound = Positions.natural(from.getLong());
        state.mark = Positions.natural(from.getLong());
        state.lineage = Positions.readLineage(from);
        state.owners = Owners.read(from);
        return state;
    }
}
