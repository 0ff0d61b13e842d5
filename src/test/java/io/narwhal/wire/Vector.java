package io.narwhal.wire;

import io.narwhal.record.Addresses;
import io.narwhal.record.Transport;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * A case of a vector file: steps, each a line, a datagram with its hex lines.
 *
 * <pre>
 * == NAME                      begins a case; '#' begins a comment
 * limits NAME=N …              limits other than the defaults
 * sampling PREFIX/LENGTH INTERFACE RATE always|unknown     a configured rate
 * from ADDRESS:PORT            source of the datagrams that follow (192.0.2.1:2000)
 * over udp|tcp|tls             how the datagrams that follow come (udp)
 * began, ended, all-ended      the session of that source began or ended; all of its transport did
 * at MS                        arrival of the datagrams that follow
 * datagram                     hex lines follow, indented
 * watermark MS                 time comes so far
 * record FIELD=VALUE …         the next record out of the datagram or watermark before
 *                              -FIELD=: it is absent; a source of sampling by its label
 * reverse FIELD=VALUE …        the same, and it is the reverse direction of the record before it
 * rejected REASON N            so many records rejected for it by the step before
 * books received=N held=N      records in the books now
 * problem KIND BYTE            the newest problem
 * flow NAME=VALUE …            what a witness saw of the next record, by its standard's names
 * other NAME=VALUE …           what a witness saw of the next record that is no usage
 * exporter KEY=VALUE …         of the report of the last source; 'none': there is no report
 * </pre>
 */
record Vector(String name, List<Step> steps) {
    /** A line, and the bytes of a datagram. */
    record Step(String word, String rest, byte[] bytes) {}

    static List<Vector> readAll(Path folder) throws IOException {
        List<Vector> all = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                all.addAll(read(file));
            }
        }
        return all;
    }

    private static List<Vector> read(Path file) throws IOException {
        List<Vector> cases = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String text = line.replaceFirst("#.*", "");
            if (text.startsWith("== ")) {
                String name = file.getFileName() + ": " + text.substring(3);
                cases.add(new Vector(name, new ArrayList<>()));
            } else if (text.startsWith(" ")) {
                addHex(cases.getLast().steps, text);
            } else if (!text.isBlank()) {
                String[] parts = text.strip().split(" ", 2);
                String rest = parts.length > 1 ? parts[1] : "";
                cases.getLast().steps.add(new Step(parts[0], rest, new byte[0]));
            }
        }
        return cases;
    }

    private static void addHex(List<Step> steps, String text) {
        Step last = steps.removeLast();
        byte[] more = HexFormat.of().parseHex(text.replace(" ", ""));
        byte[] bytes = java.util.Arrays.copyOf(last.bytes, last.bytes.length + more.length);
        System.arraycopy(more, 0, bytes, last.bytes.length, more.length);
        steps.add(new Step(last.word, last.rest, bytes));
    }

    /** The datagrams of this case alone, with their sources and arrivals. */
    List<Pcap.Datagram> datagrams() {
        List<Pcap.Datagram> datagrams = new ArrayList<>();
        var source = new Source();
        for (Step step : steps) {
            source.apply(step);
            if (step.word.equals("datagram")) {
                datagrams.add(source.datagram(step.bytes));
            }
        }
        return datagrams;
    }

    /** Where and when the next datagram comes from. */
    static final class Source {
        String address = "192.0.2.1";
        int port = 2000;
        long arrivalMs = 1_700_000_000_000L;
        Transport transport = Transport.UDP;

        void apply(Step step) {
            if (step.word.equals("from")) {
                int colon = step.rest.lastIndexOf(':');
                address = step.rest.substring(0, colon);
                port = Integer.parseInt(step.rest.substring(colon + 1));
            } else if (step.word.equals("over")) {
                transport = Transport.valueOf(step.rest.toUpperCase(Locale.ROOT));
            } else if (step.word.equals("at")) {
                arrivalMs = Long.parseLong(step.rest);
            }
        }

        io.narwhal.record.Source session() {
            InetAddress inet = InetAddress.ofLiteral(address);
            return new io.narwhal.record.Source()
                    .set(Addresses.high(inet), Addresses.low(inet), port, 0, transport);
        }

        Pcap.Datagram datagram(byte[] payload) {
            InetAddress inet = InetAddress.ofLiteral(address);
            return new Pcap.Datagram(
                    Addresses.high(inet), Addresses.low(inet), port, arrivalMs * 1000, payload);
        }
    }
}
