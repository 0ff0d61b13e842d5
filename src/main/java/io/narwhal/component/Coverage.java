package io.narwhal.component;

import io.narwhal.journal.JournalReader;
import io.narwhal.record.Books;
import io.narwhal.record.Reason;
import io.narwhal.wire.ExporterReport;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * From when on a {@link Recomputation} knows all that the lane knew, so that what it lacks was
 * never there. A copy whose beginning was trimmed, or that was damaged since it was accounted,
 * lacks records, templates and rates; none of that may turn into corrections that take usage back.
 */
public sealed interface Coverage {
    /** How long after a loss exporters have told all their templates and rates again. */
    long SETTLED_MS = 3_600_000;

    /** Times of flows are believed this far from their arrival. */
    long SKEW_MAX_MS = 86_400_000;

    /** All of it. */
    record Whole() implements Coverage {}

    /**
     * Bins that begin at or after this time.
     *
     * @param why what is missing before, and what can be done
     */
    record From(long fromMs, String why) implements Coverage {}

    /**
     * None of it.
     *
     * @param why what is missing, and what can be done
     */
    record Never(String why) implements Coverage {}

    /**
     * Judges a replay.
     *
     * @param name of the lane
     * @param live the lane as it stands
     * @param replay the same, computed again
     * @param others the lanes as they stand, by name
     */
    static Coverage of(
            Environment environment,
            String name,
            Lane live,
            Recomputation replay,
            Map<String, Lane> others) {
        String sessions = sessionsMissing(environment, name, others);
        if (!sessions.isEmpty()) {
            return new Never(sessions);
        }
        boolean trimmed = replay.begin() > 0;
        boolean damaged =
                !replay.damage().isEmpty()
                        && (trimmed
                                || live.losses().damagedBytes()
                                        != replay.lane().losses().damagedBytes());
        Path directory = environment.layout().received(name);
        if (!trimmed && !damaged) {
            return live.losses().datagrams() == replay.lane().losses().datagrams()
                    ? new Whole()
                    : new Never(
                            "%s has %d datagrams up to where %d were accounted: it is not the journal that they came from; restore the data directory as a whole"
                                    .formatted(
                                            directory,
                                            replay.lane().losses().datagrams(),
                                            live.losses().datagrams()));
        }
        String missing =
                damaged
                        ? replay.damage().getLast().line()
                        : directory + " was trimmed: its oldest datagram came " + first(replay);
        String cumulative = cumulative(live, replay.lane());
        if (!cumulative.isEmpty()) {
            return new Never(missing + "; " + cumulative);
        }
        return partly(live, replay, missing, damaged);
    }

    private static Coverage partly(
            Lane live, Recomputation replay, String missing, boolean damaged) {
        String unknown = unknown(live, replay.lane());
        if (!unknown.isEmpty()) {
            return new Never(missing + "; " + unknown);
        }
        long lostUntilMs = damaged ? replay.damage().getLast().untilMs() : replay.firstArrivalMs();
        if (lostUntilMs == Long.MAX_VALUE) {
            return new Never(missing + ", and nothing was received since");
        }
        long skewMs =
                live.decoders().stream()
                        .flatMap(decoder -> decoder.exporters().stream())
                        .mapToLong(report -> Math.abs(report.clockSkewMaxMs()))
                        .max()
                        .orElse(0);
        long fromMs = lostUntilMs + SETTLED_MS + Math.min(skewMs, SKEW_MAX_MS);
        return new From(
                -Math.floorDiv(-fromMs, 1_000) * 1_000,
                missing
                        + "; the earliest --from is that time and "
                        + (fromMs - lostUntilMs) / 60_000
                        + " minutes, when templates and rates are known again");
    }

    private static String first(Recomputation replay) {
        return Instant.ofEpochMilli(replay.firstArrivalMs()).toString();
    }

    // The first total that is seen counts as what it says, so all of them must be seen.
    private static String cumulative(Lane live, Lane replayed) {
        boolean sessions = !live.clients().isEmpty() || !replayed.clients().isEmpty();
        boolean totals =
                live.decoders().stream()
                        .flatMap(decoder -> decoder.exporters().stream())
                        .anyMatch(report -> report.totalFlows() > 0);
        return sessions || totals
                ? "counters of "
                        + (sessions ? "sessions" : "flows that tell totals")
                        + " add up since they began, so this lane can be computed again from a"
                        + " whole journal only. Name other lanes with --lane, and raise"
                        + " journals.received.retention so that the next is whole for longer"
                : "";
    }

    private static String unknown(Lane live, Lane replayed) {
        Books books = replayed.books();
        long records =
                books.held().records()
                        + books.rejected(Reason.NO_TEMPLATE).records()
                        + books.rejected(Reason.HELD_LIMIT).records();
        if (records > 0) {
            return records
                    + " sets of records behind that have no template there: it was told before, or"
                    + " never. Name other lanes with --lane";
        }
        var rates =
                replayed.decoders().stream()
                        .flatMap(decoder -> decoder.exporters().stream())
                        .collect(
                                Collectors.toMap(
                                        Coverage::key,
                                        ExporterReport::samplingRateKnown,
                                        Boolean::logicalOr));
        return live.decoders().stream()
                .flatMap(decoder -> decoder.exporters().stream())
                .filter(ExporterReport::samplingRateKnown)
                .filter(report -> !rates.getOrDefault(key(report), true))
                .findFirst()
                .map(
                        report ->
                                "exporter "
                                        + report.exporter()
                                        + " told its sampling rate before, and not since. Name"
                                        + " other lanes with --lane")
                .orElse("");
    }

    private static String key(ExporterReport report) {
        return report.exporter()
                + " "
                + report.sourcePort()
                + " "
                + report.listen()
                + " "
                + report.transport()
                + " "
                + report.protocol()
                + " "
                + report.domain();
    }

    // Who held an address may have been told long ago.
    private static String sessionsMissing(
            Environment environment, String name, Map<String, Lane> others) {
        var subscribers = environment.config().enhance().subscribers();
        if (subscribers == null || !SubscriberLanes.has(environment.config(), name)) {
            return "";
        }
        for (String collector : subscribers.journals()) {
            Path journal = environment.layout().received(collector);
            String again =
                    "; flows of "
                            + name
                            + " are charged to who held their addresses, so they can be computed"
                            + " again from a whole journal of sessions only";
            if (JournalReader.oldest(environment.disk(), journal) > 0) {
                return journal + " was trimmed" + again;
            }
            Lane lane = others.get(collector);
            long known = lane == null ? 0 : lane.losses().damagedBytes();
            if (damagedBytes(environment, journal) != known) {
                return journal + " is damaged" + again;
            }
        }
        return "";
    }

    private static long damagedBytes(Environment environment, Path journal) {
        long bytes = 0;
        try (var reader = JournalReader.open(environment.disk(), journal, 0)) {
            JournalReader.Step step;
            while ((step = reader.next()) != JournalReader.Step.END) {
                if (step == JournalReader.Step.DAMAGED) {
                    bytes += reader.damage().to() - reader.damage().from();
                }
            }
        }
        return bytes;
    }
}
