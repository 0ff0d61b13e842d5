package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What never reached the decoder, counted: datagrams that the kernel dropped at the socket, and
 * stretches of the journal that could not be read. Also how many datagrams did reach it, and what
 * was charged by definitions that are no more.
 */
public final class Losses {
    private static final long MODULUS = 1L << 32;

    // By socket cookie: the kernel's counter when last seen. A new socket counts from 0.
    private final LinkedHashMap<Long, Long> dropsSeen = new LinkedHashMap<>();
    private final SortedMap<String, Tally> retired = new TreeMap<>();
    private long kernelDropped;
    private long firstDropMicros;
    private long lastDropMicros;
    private long damagedBytes;
    private long datagrams;
    private long octets;
    private long datagramsJournalled;
    private long octetsJournalled;

    void onBlock(ReceivedBlock block) {
        datagramsJournalled = block.datagramsTotal();
        octetsJournalled = block.octetsTotal();
        onDrops(block);
    }

    /** Looks only at what the kernel dropped. */
    void onDrops(ReceivedBlock block) {
        if (block.transport().isSession()) {
            return; // the kernel drops nothing there
        }
        long before = Objects.requireNonNullElse(dropsSeen.remove(block.cookie()), 0L);
        long dropped = Math.floorMod(block.drops() - before, MODULUS);
        if (dropped > 0) {
            kernelDropped += dropped;
            firstDropMicros = firstDropMicros == 0 ? block.arrivalMicros() : firstDropMicros;
            lastDropMicros = block.arrivalMicros();
        }
        dropsSeen.put(block.cookie(), block.drops()); // the one heard of last stands last
        if (dropsSeen.size() > ComponentPage.SOCKETS_MAX) {
            dropsSeen.remove(dropsSeen.firstEntry().getKey());
        }
    }

    void onDatagram(int length) {
        datagrams++;
        octets += length;
    }

    void onDatagrams(long count, long bytes) {
        datagrams += count;
        octets += bytes;
    }

    void onJournalled(long count, long bytes) {
        datagramsJournalled += count;
        octetsJournalled += bytes;
    }

    /** These and those of other paths. */
    Losses plus(List<Losses> others) {
        if (others.isEmpty()) {
            return this;
        }
        var sum = new Losses();
        sum.retired.putAll(retired);
        sum.add(this);
        others.forEach(sum::add);
        return sum;
    }

    private void add(Losses other) {
        kernelDropped += other.kernelDropped;
        if (other.firstDropMicros != 0) {
            firstDropMicros =
                    firstDropMicros == 0
                            ? other.firstDropMicros
                            : Math.min(firstDropMicros, other.firstDropMicros);
        }
        lastDropMicros = Math.max(lastDropMicros, other.lastDropMicros);
        damagedBytes += other.damagedBytes;
        onDatagrams(other.datagrams, other.octets);
        onJournalled(other.datagramsJournalled, other.octetsJournalled);
    }

    void onDamage(long bytes) {
        damagedBytes += bytes;
    }

    void retire(UsageDefinition definition, Tally charged) {
        retired.computeIfAbsent(definition.name(), ignored -> new Tally()).add(charged);
    }

    /** Datagrams that the kernel dropped because its queue was full. */
    public long kernelDropped() {
        return kernelDropped;
    }

    /** Arrival of the block that first told of a drop, µs since 1970; 0 when there was none. */
    public long firstDropMicros() {
        return firstDropMicros;
    }

    /** Arrival of the block that last told of a drop, µs since 1970; 0 when there was none. */
    public long lastDropMicros() {
        return lastDropMicros;
    }

    /** Bytes of the received journal that could not be read. */
    public long damagedBytes() {
        return damagedBytes;
    }

    /** Datagrams taken out of the journal. */
    public long datagrams() {
        return datagrams;
    }

    /** Octets of those datagrams. */
    public long octets() {
        return octets;
    }

    /** Datagrams that the collector says it has put in up to the same place. */
    public long datagramsJournalled() {
        return datagramsJournalled;
    }

    /** Octets of the datagrams that the collector says it has put in. */
    public long octetsJournalled() {
        return octetsJournalled;
    }

    /** What earlier definitions of that usage charged. */
    public Tally retired(String usage) {
        return retired.getOrDefault(usage, new Tally());
    }

    void snapshot(StateWriter out) {
        out.putLong(kernelDropped).putLong(firstDropMicros).putLong(lastDropMicros);
        out.putLong(damagedBytes).putLong(datagrams).putLong(octets);
        out.putLong(datagramsJournalled).putLong(octetsJournalled);
        out.putInt(dropsSeen.size());
        dropsSeen.forEach((cookie, drops) -> out.putLong(cookie).putLong(drops));
        out.putInt(retired.size());
        for (Map.Entry<String, Tally> entry : retired.entrySet()) {
            out.putString(entry.getKey());
            entry.getValue().snapshot(out);
        }
    }

    static Losses restore(StateReader in) {
        var losses = new Losses();
        losses.kernelDropped = in.getLong();
        losses.firstDropMicros = in.getLong();
        losses.lastDropMicros = in.getLong();
        losses.damagedBytes = in.getLong();
        losses.datagrams = in.getLong();
        losses.octets = in.getLong();
        losses.datagramsJournalled = in.getLong();
        losses.octetsJournalled = in.getLong();
        for (int left = in.getCount(16); left > 0; left--) {
            losses.dropsSeen.put(in.getLong(), in.getLong());
        }
        for (int left = in.getCount(28); left > 0; left--) {
            losses.retired.put(in.getString(), Tally.restore(in));
        }
        return losses;
    }
}
