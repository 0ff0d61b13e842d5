package io.narwhal.aggregate;

import io.narwhal.record.EndKey;
import io.narwhal.record.Field;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Usage as a program would have it that knows no bins that close, no limits and no hurry. */
final class NaiveUsage {
    private final UsageDefinition definition;
    private final int spanBinsMax;
    private final Map<List<String>, Tally> sums = new HashMap<>();
    private final Map<List<String>, List<BigInteger>> scaled = new HashMap<>();
    private final Tally charged = new Tally();

    NaiveUsage(UsageDefinition definition, int spanBinsMax) {
        this.definition = definition;
        this.spanBinsMax = spanBinsMax;
    }

    /** By bin and keys; counters of zero are left out. */
    Map<List<String>, Tally> sums() {
        sums.values().removeIf(new Tally()::equals);
        return sums;
    }

    /** By bin and keys: octets and packets times their rates, and flows of unknown rate. */
    Map<List<String>, List<BigInteger>> scaled() {
        scaled.values().removeIf(NaiveUsage::isZero);
        return scaled;
    }

    private static boolean isZero(List<BigInteger> counters) {
        return counters.stream().allMatch(counter -> counter.signum() == 0);
    }

    /** The scaled sums of rows, under the same keys. */
    static Map<List<String>, List<BigInteger>> scaled(List<UsageRows> frames) {
        Map<List<String>, List<BigInteger>> sums = new HashMap<>();
        for (UsageRows rows : frames) {
            for (int row = 0; rows.definition().scaled() && row < rows.size(); row++) {
                List<BigInteger> counters =
                        List.of(
                                unsigned(rows.octetsScaled(row)),
                                unsigned(rows.packetsScaled(row)),
                                unsigned(rows.flowsUnscaled(row)));
                sums.merge(key(rows, row), counters, NaiveUsage::add);
            }
        }
        sums.values().removeIf(NaiveUsage::isZero);
        return sums;
    }

    private static BigInteger unsigned(long counter) {
        return new BigInteger(Long.toUnsignedString(counter));
    }

    private static List<BigInteger> add(List<BigInteger> a, List<BigInteger> b) {
        return List.of(a.get(0).add(b.get(0)), a.get(1).add(b.get(1)), a.get(2).add(b.get(2)));
    }

    private static List<String> key(UsageRows rows, int row) {
        List<String> key = new ArrayList<>(List.of("" + rows.binStartMs(row)));
        for (int field = 0; field < rows.layout().fields().size(); field++) {
            key.add(rows.text(row, field));
        }
        return key;
    }

    Tally charged() {
        return charged;
    }

    /** The sums of rows, under the same keys. */
    static Map<List<String>, Tally> sums(List<UsageRows> frames) {
        Map<List<String>, Tally> sums = new HashMap<>();
        for (UsageRows rows : frames) {
            for (int row = 0; row < rows.size(); row++) {
                sums.computeIfAbsent(key(rows, row), _ -> new Tally())
                        .add(rows.flows(row), rows.packets(row), rows.octets(row));
            }
        }
        sums.values().removeIf(new Tally()::equals);
        return sums;
    }

    void add(Flow flow) {
        if (!definition.isTwoSided()) {
            charge(flow, Map.of(), "");
            return;
        }
        Map<Field, String> sources = new HashMap<>();
        Map<Field, String> destinations = new HashMap<>();
        for (EndKey end : EndKey.of(definition.keys())) {
            sources.put(end.key(), flow.text(end.source()));
            destinations.put(end.key(), flow.text(end.destination()));
        }
        boolean isSourceKnown = sources.values().stream().anyMatch(name -> !name.isEmpty());
        boolean isDestinationKnown =
                destinations.values().stream().anyMatch(name -> !name.isEmpty());
        if (isSourceKnown) {
            charge(flow, sources, "up");
        }
        if (isDestinationKnown) {
            charge(flow, destinations, "down");
        }
        if (!isSourceKnown && !isDestinationKnown) {
            charge(flow, sources, "");
        }
    }

    private void charge(Flow flow, Map<Field, String> names, String direction) {
        charged.add(flow.isReverse ? 0 : 1, flow.number(Field.PACKETS), flow.number(Field.OCTETS));
        List<String> keys = new ArrayList<>();
        for (Field field : definition.keys()) {
            keys.add(
                    field == Field.DIRECTION
                            ? direction
                            : names.getOrDefault(field, flow.text(field)));
        }
        long flows = flow.isReverse ? 0 : 1;
        long start = flow.number(Field.START);
        long end = flow.number(Field.END);
        long binMs = definition.binMs();
        long bins = end > start ? (end - 1) / binMs - start / binMs + 1 : 1;
        if (end <= start) {
            put(keys, start / binMs, flows, flow, BigInteger.ZERO, BigInteger.ONE, BigInteger.ONE);
        } else if (bins > spanBinsMax) {
            put(
                    keys,
                    (end - 1) / binMs,
                    flows,
                    flow,
                    BigInteger.ZERO,
                    BigInteger.ONE,
                    BigInteger.ONE);
        } else {
            for (long bin = start / binMs; bin * binMs < end; bin++) {
                BigInteger from = BigInteger.valueOf(Math.max(start, bin * binMs) - start);
                BigInteger to = BigInteger.valueOf(Math.min(end, (bin + 1) * binMs) - start);
                put(
                        keys,
                        bin,
                        bin == start / binMs ? flows : 0,
                        flow,
                        from,
                        to,
                        BigInteger.valueOf(end - start));
            }
        }
    }

    private void put(
            List<String> keys,
            long bin,
            long flows,
            Flow flow,
            BigInteger from,
            BigInteger to,
            BigInteger whole) {
        List<String> key = new ArrayList<>(List.of("" + bin * definition.binMs()));
        key.addAll(keys);
        long packets = share(flow.number(Field.PACKETS), from, to, whole);
        long octets = share(flow.number(Field.OCTETS), from, to, whole);
        sums.computeIfAbsent(key, _ -> new Tally()).add(flows, packets, octets);
        if (definition.scaled()) {
            BigInteger rate = BigInteger.valueOf(flow.number(Field.SAMPLING_RATE));
            List<BigInteger> counters =
                    List.of(
                            unsigned(octets).multiply(rate),
                            unsigned(packets).multiply(rate),
                            BigInteger.valueOf(rate.signum() == 0 ? flows : 0));
            scaled.merge(key, counters, NaiveUsage::add);
        }
    }

    private static long share(long total, BigInteger from, BigInteger to, BigInteger whole) {
        var exact = new BigInteger(Long.toUnsignedString(total));
        return exact.multiply(to)
                .divide(whole)
                .subtract(exact.multiply(from).divide(whole))
                .longValue();
    }
}
