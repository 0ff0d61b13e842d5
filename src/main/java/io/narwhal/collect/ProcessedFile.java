package io.narwhal.collect;

import com.fasterxml.jackson.annotation.JsonInclude;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file that was imported, or is being.
 *
 * @param number 1, 2, 3… in the order in which they were begun
 * @param name where it was found, as an absolute path
 * @param size bytes
 * @param sha256 what it is known by, in hexadecimal
 * @param format pcap, pcapng or ipfix
 * @param ports the ports that were asked for; none: all
 * @param exporter the address that its records are said to come from; empty in a capture
 * @param state whether it is in the journal as a whole
 * @param begun when that began, ISO-8601
 * @param ended when the last of it was taken, ISO-8601
 * @param datagrams datagrams, or IPFIX messages, of it that are in the journal; while it is being
 *     imported, those that are known to be
 * @param octets their octets; 0 until it has ended
 * @param packets what became of its packets, by {@link io.narwhal.capture.Fate}; empty until then
 * @param problem why reading ended before the file did, with file and byte
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProcessedFile(
        int number,
        String name,
        long size,
        String sha256,
        String format,
        List<Integer> ports,
        String exporter,
        State state,
        String begun,
        @Nullable String ended,
        long datagrams,
        long octets,
        Map<String, Long> packets,
        @Nullable String problem) {
    /** How far it is. */
    public enum State {
        /** Begun, and perhaps interrupted: given again, it goes on where it stopped. */
        BEGUN,
        /** All of it that can be read is in the journal. */
        PROCESSED,
        /** It changed while it was read: what is in the journal stays, more cannot come. */
        CHANGED
    }

    /** Copies the lists. */
    public ProcessedFile {
        ports = List.copyOf(ports);
        packets = new LinkedHashMap<>(packets); // keeps the order
    }

    ProcessedFile withDatagrams(long known) {
        return new ProcessedFile(
                number, name, size, sha256, format, ports, exporter, state, begun, ended, known,
                octets, packets, problem);
    }

    ProcessedFile ended(
            State as,
            String at,
            long allDatagrams,
            long allOctets,
            Map<String, Long> fates,
            @Nullable String why) {
        return new ProcessedFile(
                number,
                name,
                size,
                sha256,
                format,
                ports,
                exporter,
                as,
                begun,
                at,
                allDatagrams,
                allOctets,
                fates,
                why);
    }
}
