package io.narwhal.radius;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A case of a vector file: a packet and what must be found in it.
 *
 * <pre>
 * == NAME                      begins a case; '#' begins a comment
 * secret -                     the packet is from nobody; else its client's secret is testing123
 * dictionary                   lines of a dictionary follow, indented
 * packet                       hex lines follow, indented
 * verdict request|status|REASON
 * answer                       the answer to it: hex lines follow, indented
 * no request                   it cannot be read as an Accounting-Request
 * says KEY=VALUE …             what it says: status, nas, subscriber, session, event (ms)
 * address ADDRESS/BITS         one after the other all that the subscriber was given; bits of the IPv6 form
 * no address                   none at all
 * attribute NAME VALUE         one after the other all that it has: a text in quotes, or a number
 * no attribute                 none at all
 * </pre>
 */
record PacketVector(String name, List<Step> steps) {
    static final Path FOLDER = Path.of("src/test/resources/vectors/radius");

    /** A line, and the indented lines behind it: as octets, or as they stand. */
    record Step(String word, String rest, StringBuilder lines) {
        byte[] bytes() {
            return HexFormat.of().parseHex(lines.toString().replaceAll("#[^\n]*|\\s", ""));
        }
    }

    static List<PacketVector> readAll() throws IOException {
        List<PacketVector> all = new ArrayList<>();
        try (var files = Files.list(FOLDER)) {
            for (Path file : files.sorted().toList()) {
                read(file, all);
            }
        }
        return all;
    }

    private static void read(Path file, List<PacketVector> cases) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("== ")) {
                String name = file.getFileName() + ": " + line.substring(3);
                cases.add(new PacketVector(name, new ArrayList<>()));
            } else if (line.startsWith(" ")) {
                cases.getLast().steps.getLast().lines.append(line.strip()).append('\n');
            } else if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.strip().split(" ", 2);
                String rest = parts.length > 1 ? parts[1] : "";
                cases.getLast().steps.add(new Step(parts[0], rest, new StringBuilder()));
            }
        }
    }

    /** The steps of that word. */
    List<Step> all(String word) {
        return steps.stream().filter(step -> step.word.equals(word)).toList();
    }

    byte[] packet() {
        return all("packet").getFirst().bytes();
    }

    /** The text of its dictionary; empty when it has none. */
    byte[] dictionary() {
        return all("dictionary").stream()
                .map(step -> step.lines.toString())
                .findFirst()
                .orElse("")
                .getBytes(StandardCharsets.UTF_8);
    }
}
