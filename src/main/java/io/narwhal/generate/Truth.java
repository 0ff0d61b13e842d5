package io.narwhal.generate;

import io.narwhal.record.Addresses;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * What was really sent: per pair of addresses and per exporter. What was withheld is not in any
 * sum; it stands in {@link Exporter#missing}.
 */
public final class Truth {
    private final Pairs pairs;
    private final Sums sums;
    private final List<Exporter> exporters;
    private final long startMs;

    Truth(Pairs pairs, Sums sums, List<Exporter> exporters, long startMs) {
        this.pairs = pairs;
        this.sums = sums;
        this.exporters = List.copyOf(exporters);
        this.startMs = startMs;
    }

    /**
     * What one exporter sent.
     *
     * @param address its address, empty when the system chose one
     * @param port the UDP port that it sent from
     * @param domain engine id (v5), source id (v9), observation domain (IPFIX) or sub-agent
     *     (sFlow); 0 for v1 and v7, which have none
     * @param datagrams that the kernel took
     * @param records data records in them; for sFlow, flow samples
     * @param octets sum over them
     * @param packets sum over them
     * @param missing what a receiver can know to be missing by the sequence numbers, in the
     *     protocol's unit: flows (v5, v7), datagrams (v9, sFlow), data records (IPFIX); v1 has no
     *     such numbers, so there nothing is known to be missing
     */
    public record Exporter(
            String address,
            int port,
            Protocol protocol,
            int domain,
            long datagrams,
            long records,
            long octets,
            long packets,
            long missing) {}

    /** Takes the sums of one pair of addresses. */
    public interface PairVisitor {
        /** Addresses as users read them. */
        void pair(String source, String destination, long octets, long packets, long flows);
    }

    /** In the order of their numbers. */
    public List<Exporter> exporters() {
        return exporters;
    }

    /** When the traffic seems to begin, milliseconds since 1970. */
    public long startMs() {
        return startMs;
    }

    /** Data records sent. */
    public long records() {
        return exporters.stream().mapToLong(Exporter::records).sum();
    }

    /** Datagrams sent. */
    public long datagrams() {
        return exporters.stream().mapToLong(Exporter::datagrams).sum();
    }

    /** Octets in the records sent. */
    public long octets() {
        return exporters.stream().mapToLong(Exporter::octets).sum();
    }

    /** Packets in the records sent. */
    public long packets() {
        return exporters.stream().mapToLong(Exporter::packets).sum();
    }

    /** Shows every pair that was sent, in numeric order, IPv4 first. */
    public void forEachPair(PairVisitor visitor) {
        for (int pair = 0; pair < pairs.size(); pair++) {
            if (sums.flows(pair) > 0) {
                visitor.pair(
                        Addresses.text(pairs.sourceHigh(pair), pairs.sourceLow(pair)),
                        Addresses.text(pairs.destinationHigh(pair), pairs.destinationLow(pair)),
                        sums.octets(pair),
                        sums.packets(pair),
                        sums.flows(pair));
            }
        }
    }

    /**
     * Writes the header {@code src_addr,dst_addr,octets,packets,flows} and one row per pair.
     *
     * @throws UncheckedIOException when {@code out} does
     */
    public void writeCsv(Appendable out) {
        try {
            out.append("src_addr,dst_addr,octets,packets,flows\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        forEachPair((source, destination, o, p, f) -> row(out, source, destination, o, p, f));
    }

    private static void row(Appendable out, String source, String destination, long... sums) {
        try {
            out.append(source).append(',').append(destination);
            for (long sum : sums) {
                out.append(',').append(Long.toString(sum));
            }
            out.append('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The members of a JSON object, without its braces: totals, then the list of exporters. */
    public String jsonMembers() {
        StringBuilder out = new StringBuilder();
        out.append("\"start_ms\": ").append(startMs);
        out.append(",\n  \"records\": ").append(records());
        out.append(",\n  \"datagrams\": ").append(datagrams());
        out.append(",\n  \"octets\": ").append(octets());
        out.append(",\n  \"packets\": ").append(packets());
        out.append(",\n  \"exporters\": [");
        String comma = "\n    ";
        for (Exporter exporter : exporters) {
            out.append(comma).append(json(exporter));
            comma = ",\n    ";
        }
        return out.append("\n  ]").toString();
    }

    /** The whole as a JSON object. */
    public String json() {
        return "{\n  " + jsonMembers() + "\n}\n";
    }

    private static String json(Exporter e) {
        return ("{\"exporter\": \"%s\", \"port\": %d, \"protocol\": \"%s\", \"domain\": %d, "
                        + "\"datagrams\": %d, \"records\": %d, \"octets\": %d, \"packets\": %d, "
                        + "\"missing\": %d, \"missing_unit\": \"%s\"}")
                .formatted(
                        e.address,
                        e.port,
                        e.protocol.label(),
                        e.domain,
                        e.datagrams,
                        e.records,
                        e.octets,
                        e.packets,
                        e.missing,
                        e.protocol.sequenceUnit());
    }
}
