package io.narwhal.session;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Devices whose sessions have known totals, and what arrives of their requests: some interims are
 * lost, others delivered twice, later, and in another order. Seeded; the same seed makes the same
 * traffic.
 */
final class Lives {
    /** How a device tells times. */
    enum Clock {
        /** Event-Timestamp, and no Acct-Delay-Time. */
        STAMP,
        /** Acct-Delay-Time alone, as RFC 2866 has it. */
        DELAY,
        /** Neither. */
        NONE
    }

    /** A request on its way. */
    record Delivery(double arrival, byte[] bytes) {}

    private static final long GBIT_OCTETS = 125_000_000;

    private final Random random;
    private final List<Delivery> deliveries = new ArrayList<>();
    private final Map<String, long[]> truth = new TreeMap<>();
    private long sessions;

    Lives(long seed) {
        random = new Random(seed);
        for (int device = 0; device < 6; device++) {
            device(device);
        }
        deliveries.sort(Comparator.comparingDouble(Delivery::arrival));
    }

    /** In the order of arrival. */
    List<Delivery> deliveries() {
        return deliveries;
    }

    /** By session id and device the octets up and down of all sessions that had it. */
    Map<String, long[]> truth() {
        return truth;
    }

    /** How many sessions there were of which anything came. */
    long sessions() {
        return sessions;
    }

    private void device(int device) {
        String name = "nas-" + device;
        Clock clock = Clock.values()[device % 3];
        boolean hasGigawords = device < 3;
        long boot = random.nextInt(1000);
        for (int epoch = 0; epoch < 4; epoch++) {
            // Some boots nobody hears of; without stamps their Starts are like those before.
            boolean isHeard = !hasGigawords || clock != Clock.STAMP || random.nextInt(3) > 0;
            deliver(name, Packet.on(), clock, boot, hasGigawords, isHeard);
            long end = boot + 3600 + random.nextInt(20_000);
            // Ids begin anew with each boot.
            for (int id = 0; id < 12; id++) {
                session(name, "s" + id, clock, hasGigawords, boot, end);
            }
            boot = end + 30 + random.nextInt(600);
        }
    }

    private void session(
            String name, String id, Clock clock, boolean hasGigawords, long boot, long end) {
        long start = boot + 1 + random.nextInt((int) (end - boot) / 2);
        long interval = 120 + random.nextInt(600);
        boolean crashes = random.nextInt(5) == 0;
        long stop = crashes ? end : Math.min(end, start + random.nextInt(15_000));
        // Lines without Gigawords are such that a counter wraps once between two reports at most.
        long rate = Math.min(GBIT_OCTETS, (1L << 32) / (3 * interval));
        long[] octets = new long[2];
        long[] packets = new long[2];
        long[] told = new long[2];
        boolean isSeen = random.nextInt(20) > 0;
        deliver(name, Packet.start(id), clock, start, hasGigawords, isSeen);
        long now = start;
        boolean wasDelivered = true;
        while (true) {
            long next = Math.min(stop, now + interval);
            for (int i = 0; i < 2; i++) {
                long more = (long) (random.nextDouble() * rate * (next - now));
                octets[i] += more;
                packets[i] += more / 700;
            }
            boolean isStop = next == stop;
            if (isStop && crashes) {
                break;
            }
            now = next;
            Packet packet = (isStop ? Packet.stop(id) : Packet.interim(id)).lasted(now - start);
            report(packet, octets, packets, hasGigawords);
            // Two wraps between two reports that arrive are beyond anybody.
            boolean mayBeLost = !isStop && (hasGigawords || wasDelivered);
            boolean isDelivered = !mayBeLost || random.nextInt(3) > 0;
            wasDelivered = isDelivered;
            deliver(name, packet, clock, now, hasGigawords, isDelivered);
            if (isDelivered) {
                isSeen = true;
                told[0] = octets[0];
                told[1] = octets[1];
            }
            if (isStop) {
                break;
            }
        }
        sessions += isSeen ? 1 : 0;
        long[] sum = truth.computeIfAbsent(name + "/" + id, key -> new long[2]);
        sum[0] += told[0];
        sum[1] += told[1];
    }

    private static void report(Packet packet, long[] octets, long[] packets, boolean hasGigawords) {
        if (hasGigawords) {
            packet.giga(octets[0], octets[1]);
        } else {
            packet.octets(octets[0], octets[1]);
        }
        packet.packets(packets[0], packets[1]);
    }

    /** Sends it once or more, each copy with the delay that its device says. */
    private void deliver(
            String name,
            Packet packet,
            Clock clock,
            long event,
            boolean hasGigawords,
            boolean isDelivered) {
        packet.nas(name);
        if (clock == Clock.STAMP) {
            packet.at(Desk.ZERO + event);
        }
        byte[] core = packet.build();
        int copies = !isDelivered ? 0 : random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 1;
        for (int copy = 0; copy < copies; copy++) {
            // What tells its time may come far behind what overtakes it; but what wraps, not by
            // more than an interval, or a second wrap hides between two reports.
            double most = clock == Clock.NONE ? 15 : hasGigawords ? 1500 : 100;
            double lag = random.nextDouble() * (random.nextInt(4) > 0 ? 2 : most);
            deliveries.add(
                    new Delivery(
                            event + lag,
                            clock == Clock.DELAY ? Packet.delayed(core, (int) lag) : core));
        }
    }
}
