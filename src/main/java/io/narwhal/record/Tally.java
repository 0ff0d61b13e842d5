package io.narwhal.record;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

/**
 * A count in records, packets and octets. Counters are 64-bit; octets and packets are the
 * exporter's.
 */
public final class Tally {
    private long records;
    private long packets;
    private long octets;

    /** Adds to all three. */
    public void add(long records, long packets, long octets) {
        this.records += records;
        this.packets += packets;
        this.octets += octets;
    }

    /** Adds another tally. */
    public void add(Tally other) {
        add(other.records, other.packets, other.octets);
    }

    /** Takes another tally off, as when held data was decoded after all. */
    public void subtract(Tally other) {
        add(-other.records, -other.packets, -other.octets);
    }

    /** Records. */
    public long records() {
        return records;
    }

    /** Packets. */
    public long packets() {
        return packets;
    }

    /** Octets. */
    public long octets() {
        return octets;
    }

    /** Writes the three counts. */
    public void snapshot(StateWriter out) {
        out.putLong(records).putLong(packets).putLong(octets);
    }

    /** Reads what {@link #snapshot} wrote. */
    public static Tally restore(StateReader in) {
        var tally = new Tally();
        tally.add(in.getLong(), in.getLong(), in.getLong());
        return tally;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tally t
                && t.records == records
                && t.packets == packets
                && t.octets == octets;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(records * 31 + packets * 17 + octets);
    }

    @Override
    public String toString() {
        return records + " records, " + packets + " packets, " + octets + " octets";
    }
}
