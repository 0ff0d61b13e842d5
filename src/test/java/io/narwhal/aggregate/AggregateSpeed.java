package io.narwhal.aggregate;

import io.narwhal.record.Addresses;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.UsageDefinition;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Prints records a second on one core; a measurement, not a test. */
public final class AggregateSpeed {
    private static final int ROUNDS = 6;
    private static final int BLOCKS = 4096;

    private AggregateSpeed() {}

    /** No arguments. */
    public static void main(String[] arguments) {
        measure("one bin a flow", 10_000, 0);
        measure("one bin a flow", 1_000_000, 0);
        measure("half span 2 bins", 10_000, 30_000);
        measure("half span 2 bins", 1_000_000, 30_000);
    }

    private static void measure(String name, int keys, long durationMs) {
        var definition =
                new UsageDefinition(
                        "pairs", List.of(Field.SRC_ADDR, Field.DST_ADDR), 60_000, 300_000);
        List<RecordBlock> blocks = blocks(definition, keys, durationMs);
        var usage = new Aggregation(definition, AggregationLimits.DEFAULT);
        Sums sums = usage.shard(0, new Dictionary());
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long from = System.nanoTime();
            for (RecordBlock block : blocks) {
                sums.onBlock(block);
            }
            long tookNs = System.nanoTime() - from;
            best = Math.max(best, 1e3 * BLOCKS * RecordBlock.CAPACITY / tookNs);
        }
        System.out.printf(
                "%-18s %,9d keys: %6.2f million records/s, %,d open keys%n",
                name, keys, best, usage.openKeys());
    }

    private static List<RecordBlock> blocks(UsageDefinition definition, int keys, long durationMs) {
        var random = new Random(1);
        List<RecordBlock> blocks = new ArrayList<>();
        for (int i = 0; i < BLOCKS; i++) {
            var block = new RecordBlock(Aggregation.columns(definition));
            for (int record = 0; record < RecordBlock.CAPACITY; record++) {
                int key = random.nextInt(keys);
                block.column(Field.SRC_ADDR)[record] = Addresses.ofIpv4(0x0a00_0000 + key);
                block.column(Field.DST_ADDR)[record] =
                        Addresses.ofIpv4(0xc000_0000 + key * 2_654_435);
                block.column(Field.OCTETS)[record] = 40 + random.nextInt(100_000);
                block.column(Field.PACKETS)[record] = 1 + random.nextInt(100);
                long start = 1_800_000_000_000L + random.nextInt(60_000);
                block.column(Field.START)[record] = start;
                block.column(Field.END)[record] = start + durationMs;
            }
            block.setSize(RecordBlock.CAPACITY);
            blocks.add(block);
        }
        return blocks;
    }
}
