package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.narwhal.generate.Truth;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** R14, R77: {@code narwhal reprocess} with real processes, while the node runs. */
class ReprocessIT {
    private static final String CONFIG =
            """
            node: edge-1
            data: ./data
            collectors:
              flows: { protocol: netflow, listen: "127.0.0.1:%d" }
            enhance:
              customers: { table: ./customers.csv }
            usage:
              by-pair: { keys: [src_addr, dst_addr], bin: 1s, close-after: 0s }
              by-customer: { keys: [src_customer], bin: 1s, close-after: 0s }
            """;

    @Test
    void aCorrectedTableBecomesUsageByTheRightCustomers(@TempDir Path directory) throws Exception {
        Files.writeString(
                directory.resolve("customers.csv"),
                "prefix,customer\n0.0.0.0/0,wrong\n::/0,wrong\n");
        try (var node = RunningNode.start(directory, CONFIG)) {
            Truth truth = node.send(20_000);
            node.awaitAccounted(20_000);
            assertThat(byCustomer(node)).containsOnlyKeys("wrong");

            Map<String, BigInteger> right = table(directory, truth);
            JsonNode found = reprocess(node, "--dry-run");
            assertThat(found.size()).isPositive();
            assertThat(byCustomer(node)).containsOnlyKeys("wrong");

            JsonNode run = reprocess(node, "--reason", "all were called wrong");
            assertThat(run.path("run").asLong()).isEqualTo(1);
            assertThat(byCustomer(node)).isEqualTo(right);
            assertThat(reprocess(node).path("run").isNull()).isTrue();

            await().atMost(Duration.ofSeconds(30))
                    .until(
                            () ->
                                    Files.exists(
                                            directory.resolve(
                                                    "data/ledger/reprocess/by-customer")));
            assertThat(byCustomer(node)).isEqualTo(right);
            assertThat(reprocess(node).path("run").isNull()).isTrue();
            JsonNode audit = node.json("audit", "--format", "json");
            assertThat(audit.path("balanced").asBoolean()).isTrue();
            assertThat(audit.path("usage").path(1).path("corrections").path("rows").asLong())
                    .isPositive();
            JsonNode list = node.json("reprocess", "--list", "--format", "json");
            assertThat(list.path(0).path("reason").asString()).isEqualTo("all were called wrong");
            assertThat(node.command("reprocess", "--list").out()).contains("all were called wrong");
        }
    }

    /** Every second source address has its own customer; the others have none. */
    private static Map<String, BigInteger> table(Path directory, Truth truth) throws Exception {
        var csv = new StringBuilder("prefix,customer\n");
        Map<String, BigInteger> right = new TreeMap<>();
        Map<String, String> names = new TreeMap<>();
        truth.forEachPair(
                (source, destination, octets, packets, flows) -> {
                    if (!names.containsKey(source)) {
                        names.put(source, names.size() % 2 == 0 ? "customer-" + names.size() : "");
                        if (!names.get(source).isEmpty()) {
                            csv.append(source)
                                    .append(source.contains(":") ? "/128," : "/32,")
                                    .append(names.get(source))
                                    .append("\n");
                        }
                    }
                    right.merge(names.get(source), BigInteger.valueOf(octets), BigInteger::add);
                });
        Files.writeString(directory.resolve("customers.csv"), csv);
        return right;
    }

    private static JsonNode reprocess(RunningNode node, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("reprocess", "--format", "json"));
        words.addAll(List.of("--from", "2020-01-01", "--to", "2099-01-01"));
        words.addAll(List.of(more));
        return node.json(words.toArray(new String[0]));
    }

    private static Map<String, BigInteger> byCustomer(RunningNode node) throws Exception {
        Map<String, BigInteger> sums = new TreeMap<>();
        for (JsonNode row :
                node.json("usage", "by-customer", "--by", "src_customer", "--format", "json")) {
            sums.put(row.path("src_customer").asString(), row.path("octets").bigIntegerValue());
        }
        return sums;
    }
}
