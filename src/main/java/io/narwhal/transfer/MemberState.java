package io.narwhal.transfer;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

/** What an agent knows of one manager. Mutable; owned by its {@link ReaderState}. */
final class MemberState {
    static final int BYTES_MIN = 4 + 8;

    /** Identity of its store, as it last said. */
    String instance = "";

    /** The last transmission number that it was given. */
    long txn;

    /** Numbers up to this may have been given. */
    long reserved;

    void write(StateWriter to) {
        to.putString(instance).putLong(reserved);
    }

    static MemberState read(StateReader from) {
        MemberState state = new MemberState();
        state.instance = from.getString();
        state.reserved = Positions.natural(from.getLong());
        state.txn = state.reserved;
        return state;
    }
}
