package io.narwhal.wire;

import java.util.List;

/**
 * What is known of an exporter that comes by several paths.
 *
 * @param exporter its address as users read it
 * @param protocol what it speaks
 * @param domain as in {@link ExporterReport}
 * @param paths that it came by, ascending
 * @param copies datagrams, and sets looked at by themselves, that another path had supplied
 * @param remembered datagrams by which copies are known
 * @param forgotten datagrams that had to be forgotten before another known path had passed them
 * @param uncompared datagrams that came when their copies may have been forgotten: they may count
 *     twice
 * @param fromMs earliest time of those forgotten and uncompared, by the exporter, ms since 1970; 0
 *     when there are none
 * @param toMs latest time of those
 */
public record CopiesReport(
        String exporter,
        FlowProtocol protocol,
        long domain,
        List<Integer> paths,
        long copies,
        long remembered,
        long forgotten,
        long uncompared,
        long fromMs,
        long toMs) {
    public CopiesReport {
        paths = List.copyOf(paths);
    }
}
