package io.narwhal.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.component.NodeLayout;
import io.narwhal.inspect.ReceivedRecords.Arrival;
import io.narwhal.journal.JournalReader;
import io.narwhal.record.Addresses;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

final class ReceivedRecordsTest {
    private static final int RECORDS = 6_000;

    @TempDir private Path directory;

    @Test
    void theRecordsOfGeneratedTrafficSumUpToItsTruth() {
        var traffic = new ReceivedTraffic(directory, plan -> plan.records(RECORDS));
        Map<String, List<Long>> sums = new TreeMap<>();
        List<String> notes = new ArrayList<>();

        new ReceivedRecords(traffic.config, traffic.disk)
                .read(Arrival.ANY, block -> add(block, sums), notes::add);

        Map<String, List<Long>> truth = new TreeMap<>();
        traffic.truth.forEachPair(
                (source, destination, octets, packets, flows) ->
                        truth.put(source + " " + destination, List.of(octets, packets, flows)));
        assertThat(sums).isEqualTo(truth).hasSize(100);
        assertThat(notes).isEmpty();
    }

    @Test
    void arrivalBoundsSplitTheRecordsWithoutLosingOrDoublingOne() {
        var traffic = new ReceivedTraffic(directory, plan -> plan.records(RECORDS));
        long middle = ReceivedTraffic.arrivalMicros(100);

        List<String> before = read(traffic, new Arrival(Long.MIN_VALUE, middle));
        List<String> after = read(traffic, new Arrival(middle, Long.MAX_VALUE));
        List<String> both = new ArrayList<>(before);
        both.addAll(after);

        assertThat(before).hasSize(99 * 24);
        assertThat(both).isEqualTo(read(traffic, Arrival.ANY)).hasSize(RECORDS);
    }

    @Test
    void whatIsLeftOfATrimmedJournalIsReadWithTheTemplatesOfTheCheckpoint() throws IOException {
        var traffic =
                new ReceivedTraffic(
                        directory, plan -> plan.records(RECORDS).templatesOnce(Set.of(1, 2)));
        List<Path> segments;
        try (var files = Files.list(traffic.journal)) {
            segments = files.filter(file -> file.toString().endsWith(".seg")).sorted().toList();
        }
        assertThat(segments).hasSizeGreaterThan(4);
        List<String> all = read(traffic, Arrival.ANY);
        for (Path segment : segments.subList(0, 3)) {
            Files.delete(segment);
        }
        long firstLeft;
        try (var reader = JournalReader.open(traffic.disk, traffic.journal, 0)) {
            assertThat(reader.next()).isEqualTo(JournalReader.Step.FRAME);
            firstLeft = reader.sequence();
        }

        List<String> left = read(traffic, Arrival.ANY);

        int gone = (int) (firstLeft - 1) * 24;
        assertThat(gone).isPositive();
        assertThat(left).isEqualTo(all.subList(gone, all.size()));
    }

    @Test
    void aTrimmedJournalWithoutACheckpointIsReadAsFarAsItExplainsItselfAndThisIsTold()
            throws IOException {
        var traffic = new ReceivedTraffic(directory, plan -> plan.records(RECORDS));
        Files.delete(traffic.journal.resolve("00000000000000000000.seg"));
        try (var files = Files.list(new NodeLayout(traffic.config.data()).checkpoints())) {
            for (Path file : files.toList()) {
                Files.write(file, new byte[0]);
            }
        }
        List<String> notes = new ArrayList<>();
        List<Integer> blocks = new ArrayList<>();

        new ReceivedRecords(traffic.config, traffic.disk)
                .read(Arrival.ANY, block -> blocks.add(block.size()), notes::add);

        assertThat(blocks).isNotEmpty();
        assertThat(notes).hasSize(1);
        assertThat(notes.getFirst())
                .startsWith(traffic.journal + ": read without the templates")
                .contains(":0: the file is empty");
    }

    @Test
    void readingStopsWhenNoMoreIsWanted() {
        var traffic = new ReceivedTraffic(directory, plan -> plan.records(RECORDS));
        List<Integer> blocks = new ArrayList<>();

        new ReceivedRecords(traffic.config, traffic.disk)
                .read(
                        Arrival.ANY,
                        block -> {
                            blocks.add(block.size());
                            return blocks.size() < 2;
                        },
                        _ -> {});

        assertThat(blocks).hasSize(2);
    }

    private static List<String> read(ReceivedTraffic traffic, Arrival wanted) {
        List<String> records = new ArrayList<>();
        new ReceivedRecords(traffic.config, traffic.disk)
                .read(
                        wanted,
                        block -> {
                            for (int row = 0; row < block.size(); row++) {
                                records.add(
                                        pair(block, row)
                                                + " "
                                                + block.column(Field.SRC_PORT)[row]
                                                + " "
                                                + block.column(Field.OCTETS)[row]);
                            }
                            return true;
                        },
                        note -> {
                            throw new AssertionError(note);
                        });
        return records;
    }

    private static boolean add(RecordBlock block, Map<String, List<Long>> sums) {
        for (int row = 0; row < block.size(); row++) {
            sums.merge(
                    pair(block, row),
                    List.of(block.column(Field.OCTETS)[row], block.column(Field.PACKETS)[row], 1L),
                    (a, b) ->
                            List.of(a.get(0) + b.get(0), a.get(1) + b.get(1), a.get(2) + b.get(2)));
        }
        return true;
    }

    private static String pair(RecordBlock block, int row) {
        return text(block, Field.SRC_ADDR, row) + " " + text(block, Field.DST_ADDR, row);
    }

    private static String text(RecordBlock block, Field field, int row) {
        return Addresses.text(block.highColumn(field)[row], block.column(field)[row]);
    }
}
