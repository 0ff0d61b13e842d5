package io.narwhal.session;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.radius.AccountingRequest;
import io.narwhal.record.Addresses;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One session, of possibly several that had the same Acct-Session-Id at different times. Fields and
 * not objects, as there are millions.
 */
final class Instance {
    /** Its Start has come. */
    static final int STARTED = 1;

    /** Counters have been told. */
    static final int TOLD = 2;

    /** Nothing told when it began: its start is the time of the first event that came. */
    static final int GUESSED = 4;

    /** A counter was taken to have wrapped. */
    static final int WRAPPED = 8;

    /** Gigawords have been told. */
    static final int GIGAWORDS = 16;

    /** Directions, as places in arrays. */
    static final int INPUT = 0;

    static final int OUTPUT = 1;

    private static final int FLAGS_END = 32;
    private static final Session.State[] STATES = Session.State.values();

    final long number;
    final Nas nas;
    final byte[] id;
    final int hash;
    String subscriber = "";
    Session.State state = Session.State.OPEN;
    int flags;
    long startMs;
    long lastMs;

    /** From when on no event is of this session: a boot, or the start of its successor. */
    long boundMs = Long.MAX_VALUE;

    /** Arrival of its newest request, or of what closed it. */
    long heardMs;

    /** Time of the newest event that told counters, and its session time. */
    long toldMs;

    int toldSeconds;
    int terminateCause;

    // Counters since they last began anew, with what wrapped.
    private long inputOctets;
    private long outputOctets;
    private long inputPackets;
    private long outputPackets;

    /** By direction octets, then packets, counted before the counters last began anew. */
    private long @Nullable [] before;

    private long[] prints = Prints.NONE;
    // Addresses: high, low, bits, one after the other.
    private long @Nullable [] held;

    // Links and places of those that keep it.
    int place;
    @Nullable Instance chained;
    @Nullable Instance older;
    @Nullable Instance nextHeard;
    @Nullable Instance previousHeard;
    @Nullable Instance nextOfNas;
    @Nullable Instance previousOfNas;

    Instance(long number, Nas nas, byte[] id, int hash) {
        this.number = number;
        this.nas = nas;
        this.id = id;
        this.hash = hash;
    }

    boolean is(int flag) {
        return (flags & flag) != 0;
    }

    boolean isOpen() {
        return state == Session.State.OPEN;
    }

    long octets(int direction) {
        return direction == INPUT ? inputOctets : outputOctets;
    }

    void setOctets(int direction, long octets) {
        if (direction == INPUT) {
            inputOctets = octets;
        } else {
            outputOctets = octets;
        }
    }

    long packets(int direction) {
        return direction == INPUT ? inputPackets : outputPackets;
    }

    void setPackets(int direction, long packets) {
        if (direction == INPUT) {
            inputPackets = packets;
        } else {
            outputPackets = packets;
        }
    }

    /** The counters of the device begin anew. */
    void reset() {
        before = new long[] {total(0), total(1), total(2), total(3)};
        inputOctets = 0;
        outputOctets = 0;
        inputPackets = 0;
        outputPackets = 0;
        flags &= ~WRAPPED;
    }

    boolean wasReset() {
        return before != null;
    }

    private long total(int place) {
        long now = place < 2 ? octets(place) : packets(place - 2);
        return before == null ? now : before[place] + now;
    }

    boolean knows(long print) {
        return Prints.contains(prints, print);
    }

    void remember(long print) {
        prints = Prints.add(prints, print);
    }

    /** Takes the addresses that it did not have; whether there was one. */
    boolean hold(AccountingRequest request) {
        boolean isNew = false;
        for (int i = 0; i < request.addresses(); i++) {
            long high = request.addressHigh(i);
            long low = request.addressLow(i);
            isNew |= hold(high, low, request.addressBits(i));
        }
        return isNew;
    }

    private boolean hold(long high, long low, int bits) {
        long[] known = held == null ? new long[0] : held;
        for (int i = 0; i < known.length; i += 3) {
            if (known[i] == high && known[i + 1] == low && known[i + 2] == bits) {
                return false;
            }
        }
        if (known.length >= 3 * AccountingRequest.ADDRESSES_MAX) {
            return false;
        }
        long[] more = Arrays.copyOf(known, known.length + 3);
        more[known.length] = high;
        more[known.length + 1] = low;
        more[known.length + 2] = bits;
        held = more;
        return true;
    }

    /**
     * Where in {@link #addresses} the address begins that stands for the subscriber: the first of
     * IPv4, else the first of IPv6, else the first prefix; −1 when there is none.
     */
    int address() {
        int best = -1;
        for (int i = 0; held != null && i < held.length; i += 3) {
            if (Addresses.isIpv4(held[i], held[i + 1])) {
                return i;
            }
            if (best < 0 || held[best + 2] < 128 && held[i + 2] == 128) {
                best = i;
            }
        }
        return best;
    }

    /** High, low and bits of each address. */
    long[] addresses() {
        return held == null ? new long[0] : held;
    }

    String sessionId() {
        return AccountingRequest.text(id, 0, id.length);
    }

    Session session() {
        List<Session.Held> addresses = new ArrayList<>();
        for (int i = 0; held != null && i < held.length; i += 3) {
            addresses.add(new Session.Held(held[i], held[i + 1], (int) held[i + 2]));
        }
        return new Session(
                nas.key.high(),
                nas.key.low(),
                nas.name(),
                sessionId(),
                subscriber,
                state,
                startMs,
                lastMs,
                isOpen() ? Long.MAX_VALUE : lastMs,
                total(0),
                total(1),
                total(2),
                total(3),
                addresses,
                terminateCause);
    }

    /** Writes it without its device, id and number. */
    void snapshot(StateWriter out) {
        out.putByte(state.ordinal()).putByte(flags | (before == null ? 0 : FLAGS_END));
        out.putLong(startMs).putLong(lastMs).putLong(boundMs).putLong(heardMs).putLong(toldMs);
        Variable.put(out, toldSeconds);
        Variable.put(out, terminateCause);
        for (int place = 0; place < 4; place++) {
            Variable.put(out, place < 2 ? octets(place) : packets(place - 2));
        }
        if (before != null) {
            out.putLongs(before, 0, 4);
        }
        out.putString(subscriber);
        Prints.snapshot(prints, out);
        out.putByte(addresses().length / 3).putLongs(addresses(), 0, addresses().length);
    }

    void restore(StateReader in) {
        int code = in.getByte();
        if (code >= STATES.length) {
            throw new StateReader.Malformed("a session's state " + code);
        }
        state = STATES[code];
        int read = in.getByte();
        flags = read & FLAGS_END - 1;
        startMs = in.getLong();
        lastMs = in.getLong();
        boundMs = in.getLong();
        heardMs = in.getLong();
        toldMs = in.getLong();
        toldSeconds = Variable.get(in, Integer.MAX_VALUE);
        terminateCause = (int) Variable.get(in);
        inputOctets = Variable.get(in);
        outputOctets = Variable.get(in);
        inputPackets = Variable.get(in);
        outputPackets = Variable.get(in);
        if ((read & FLAGS_END) != 0) {
            before = new long[4];
            in.getLongs(before, 0, 4);
        }
        subscriber = in.getString();
        prints = Prints.restore(in);
        int longs = 3 * in.getByte();
        if (longs > 0) {
            held = new long[longs];
            in.getLongs(held, 0, longs);
        }
    }
}
