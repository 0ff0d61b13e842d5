package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.inspect.NodeView;
import io.narwhal.output.LedgerQuery;
import io.narwhal.output.LedgerQuestion;
import io.narwhal.output.ResultSink;
import io.narwhal.output.Value;
import io.narwhal.record.UsageDefinition;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a usage adds up to for a key, or what was sent for it. */
record UsageSums(BigInteger octets, BigInteger packets, BigInteger flows) {
    /** Between the parts of a key. */
    static final String AND = " > ";

    private static final UsageSums NOTHING = of(0, 0, 0);

    static UsageSums of(long octets, long packets, long flows) {
        return new UsageSums(
                BigInteger.valueOf(octets), BigInteger.valueOf(packets), BigInteger.valueOf(flows));
    }

    UsageSums plus(UsageSums other) {
        return new UsageSums(
                octets.add(other.octets), packets.add(other.packets), flows.add(other.flows));
    }

    @Override
    public String toString() {
        return flows + " flows, " + packets + " packets, " + octets + " octets";
    }

    /** All that a usage has, by those of its keys. */
    static Map<String, UsageSums> find(
            NodeConfig config, Disk disk, LedgerAccess ledger, String name, String... by) {
        UsageDefinition definition =
                config.usage().stream()
                        .filter(one -> one.name().equals(name))
                        .findFirst()
                        .orElseThrow();
        Map<String, UsageSums> usage = new TreeMap<>();
        var question = new LedgerQuestion(List.of(by), OptionalLong.empty(), OptionalLong.empty());
        new LedgerQuery(disk, ledger.duck(), NodeView.read(config, disk).scope(definition))
                .run(
                        question,
                        new ResultSink() {
                            @Override
                            public void columns(List<String> names) {}

                            @Override
                            public void row(List<Value> values) {
                                usage.put(key(values, by.length), sums(values, by.length));
                            }
                        });
        return usage;
    }

    private static String key(List<Value> values, int keys) {
        return values.stream().limit(keys).map(Value::text).collect(Collectors.joining(AND));
    }

    private static UsageSums sums(List<Value> values, int from) {
        return new UsageSums(
                new BigInteger(values.get(from).text()),
                new BigInteger(values.get(from + 1).text()),
                new BigInteger(values.get(from + 2).text()));
    }

    /**
     * What is not as it must be, key by key.
     *
     * @param lost flows that were sent and are not in the usage
     * @param doubled flows that are in it and were not sent
     * @param differences a line for each key
     */
    record Comparison(BigInteger lost, BigInteger doubled, List<String> differences) {
        boolean isExact() {
            return differences.isEmpty();
        }
    }

    static Comparison compare(
            String what, Map<String, UsageSums> sentByKey, Map<String, UsageSums> foundByKey) {
        List<String> differences = new ArrayList<>();
        BigInteger lost = BigInteger.ZERO;
        BigInteger doubled = BigInteger.ZERO;
        var keys = new TreeSet<>(sentByKey.keySet());
        keys.addAll(foundByKey.keySet());
        for (String key : keys) {
            UsageSums sent = sentByKey.getOrDefault(key, NOTHING);
            UsageSums found = foundByKey.getOrDefault(key, NOTHING);
            if (!sent.equals(found)) {
                differences.add(what + " " + key + ": sent " + sent + "; usage has " + found);
                BigInteger surplus = found.flows().subtract(sent.flows());
                lost = lost.add(surplus.negate().max(BigInteger.ZERO));
                doubled = doubled.add(surplus.max(BigInteger.ZERO));
            }
        }
        return new Comparison(lost, doubled, differences);
    }
}
