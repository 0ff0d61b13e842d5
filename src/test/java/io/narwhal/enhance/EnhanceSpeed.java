package io.narwhal.enhance;

import io.narwhal.record.Addresses;

import java.util.Random;

/** Prints nanoseconds a lookup; a measurement, not a test. */
public final class EnhanceSpeed {
    private static final int LOOKUPS = 1 << 22;
    private static final int ROUNDS = 6;

    private EnhanceSpeed() {}

    /** No arguments. */
    public static void main(String[] arguments) {
        for (int prefixes : new int[] {1_000, 100_000, 500_000}) {
            measure("IPv4", prefixes, true);
            measure("IPv6", prefixes, false);
        }
    }

    private static void measure(String name, int prefixes, boolean four) {
        var random = new Random(1);
        var csv = new StringBuilder("prefix,customer\n");
        long[] networks = new long[prefixes];
        for (int i = 0; i < prefixes; i++) {
            networks[i] =
                    four
                            ? Addresses.ofIpv4(0x0100_0000 + (i * 7 << 8))
                            : 0x2001_0000_0000_0000L + ((long) i * 7 << 16);
            csv.append(
                            four
                                    ? Addresses.text(0, networks[i]) + "/24"
                                    : Addresses.text(networks[i], 0) + "/48")
                    .append(",c")
                    .append(i % 5000)
                    .append('\n');
        }
        long from = System.nanoTime();
        CustomerTable table = CustomerTableTest.load(csv.toString());
        long loadedMs = (System.nanoTime() - from) / 1_000_000;
        long[] high = new long[LOOKUPS];
        long[] low = new long[LOOKUPS];
        for (int i = 0; i < LOOKUPS; i++) {
            long network = networks[random.nextInt(prefixes)];
            high[i] = four ? 0 : network + random.nextInt(1 << 17);
            low[i] = four ? network + random.nextInt(1024) : random.nextLong();
        }
        double bestNs = Double.MAX_VALUE;
        long found = 0;
        for (int round = 0; round < ROUNDS; round++) {
            from = System.nanoTime();
            for (int i = 0; i < LOOKUPS; i++) {
                found += table.find(high[i], low[i]) != 0 ? 1 : 0;
            }
            bestNs = Math.min(bestNs, (double) (System.nanoTime() - from) / LOOKUPS);
        }
        System.out.printf(
                "%s, %,d prefixes (loaded in %d ms): %.1f ns a lookup, %d%% found%n",
                name, prefixes, loadedMs, bestNs, 100 * found / LOOKUPS / ROUNDS);
    }
}
