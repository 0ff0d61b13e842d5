package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Field;
import io.narwhal.record.Tally;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Streams of real exporters, made by {@code src/test/resources/captures/make} out of traffic that
 * is known. Each {@code .txt} says how its capture was made and what is in it:
 *
 * <pre>
 * record SOURCE DESTINATION PROTOCOL SOURCE-PORT DESTINATION-PORT OCTETS PACKETS   the next record;
 *        - where the exporter does not say
 * sum SOURCE DESTINATION PROTOCOL OCTETS PACKETS   of all records with these, instead of records
 * sampling N                                       the rate of every record
 * forward REASON                                   not all sums are found yet; what is found is right
 * </pre>
 */
class CaptureTest {
    private static final Path FOLDER = Path.of("src", "test", "resources", "captures");

    static List<String> captures() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".pcap"))
                    .map(name -> name.replace(".pcap", ""))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void decodesToWhatTheExporterMetered(String name) throws IOException {
        Rig rig = new Rig();
        for (Pcap.Datagram datagram : Pcap.read(FOLDER.resolve(name + ".pcap"))) {
            rig.decode(datagram);
        }
        Expected expected = Expected.read(FOLDER.resolve(name + ".txt"));

        assertThat(rig.books.rejected()).isEqualTo(new Tally());
        assertThat(rig.books.held()).isEqualTo(new Tally());
        assertThat(rig.books.difference()).isEqualTo(new Tally());
        if (expected.sums.isEmpty()) {
            assertThat(rig.rows.size()).isEqualTo(expected.records.size());
            for (int i = 0; i < rig.rows.size(); i++) {
                String line = expected.records.get(i);
                assertThat(text(rig.rows.get(i), line)).as("record %d", i).isEqualTo(line);
            }
        } else if (expected.forward) {
            assertThat(expected.sums).containsAllEntriesOf(sums(rig.rows));
            assertThat(rig.rows).isNotEmpty();
        } else {
            assertThat(sums(rig.rows)).isEqualTo(expected.sums);
        }
        if (!expected.sampling.isEmpty()) {
            assertThat(rig.rows)
                    .allMatch(row -> row.get(Field.SAMPLING_RATE).equals(expected.sampling));
        }
    }

    private static String text(Rig.Row row, String line) {
        String[] told = line.split(" ");
        String ports = row.get(Field.SRC_PORT) + " " + row.get(Field.DST_PORT);
        return key(row)
                + " "
                + (told[3].equals("-") ? "- -" : ports)
                + " "
                + row.get(Field.OCTETS)
                + " "
                + row.get(Field.PACKETS);
    }

    private static String key(Rig.Row row) {
        return row.get(Field.SRC_ADDR)
                + " "
                + row.get(Field.DST_ADDR)
                + " "
                + row.get(Field.PROTOCOL);
    }

    private static TreeMap<String, String> sums(List<Rig.Row> rows) {
        TreeMap<String, String> sums = new TreeMap<>();
        rows.stream()
                .collect(Collectors.groupingBy(CaptureTest::key))
                .forEach((key, of) -> sums.put(key, sum(of, Field.OCTETS, Field.PACKETS)));
        return sums;
    }

    private static String sum(List<Rig.Row> rows, Field... fields) {
        return Stream.of(fields)
                .map(f -> "" + rows.stream().mapToLong(r -> Long.parseLong(r.get(f))).sum())
                .collect(Collectors.joining(" "));
    }

    private record Expected(
            List<String> records, TreeMap<String, String> sums, String sampling, boolean forward) {
        static Expected read(Path file) throws IOException {
            List<String> records = new ArrayList<>();
            TreeMap<String, String> sums = new TreeMap<>();
            String sampling = "";
            boolean forward = false;
            for (String line : Files.readAllLines(file)) {
                String rest = line.substring(line.indexOf(' ') + 1);
                switch (line.substring(0, line.indexOf(' '))) {
                    case "#" -> {}
                    case "record" -> records.add(rest);
                    case "sum" -> {
                        String[] parts = rest.split(" ", 4);
                        sums.put(String.join(" ", parts[0], parts[1], parts[2]), parts[3]);
                    }
                    case "sampling" -> sampling = rest;
                    case "forward" -> forward = true;
                    default -> throw new IOException(file + ": what is '" + line + "'?");
                }
            }
            assertThat(records.size() + sums.size()).as("expected of %s", file).isPositive();
            return new Expected(records, sums, sampling, forward);
        }
    }
}
