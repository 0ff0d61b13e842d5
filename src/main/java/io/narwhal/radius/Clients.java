package io.narwhal.radius;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.List;

/** The clients of a collector, the longest prefix first. One thread at a time. */
public final class Clients {
    private final List<Client> byLength;
    // Neighbouring requests often come from one client.
    private long lastHigh;
    private long lastLow;
    private @Nullable Client last;

    /** These, in any order. */
    public Clients(List<Client> clients) {
        byLength =
                clients.stream().sorted(Comparator.comparingInt(Client::bits).reversed()).toList();
    }

    /** The client at that address with the longest prefix; null when there is none. */
    public @Nullable Client find(long high, long low) {
        if (last != null && high == lastHigh && low == lastLow) {
            return last;
        }
        for (Client client : byLength) {
            if (client.covers(high, low)) {
                lastHigh = high;
                lastLow = low;
                last = client;
                return client;
            }
        }
        return null;
    }
}
