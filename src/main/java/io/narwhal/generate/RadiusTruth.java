package io.narwhal.generate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/**
 * What was really reported and what of it was answered, session by session. What was answered must
 * be found again exactly once; what was sent and not answered may be.
 */
public final class RadiusTruth {
    private final RadiusPlan plan;
    private final int[] sent;
    private final int[] answered;
    private final Totals totals;
    private final Latency latency;
    private final long elapsedNanos;

    RadiusTruth(
            RadiusPlan plan,
            int[] sent,
            int[] answered,
            Totals totals,
            Latency latency,
            long elapsedNanos) {
        this.plan = plan;
        this.sent = sent;
        this.answered = answered;
        this.totals = totals;
        this.latency = latency;
        this.elapsedNanos = elapsedNanos;
    }

    /**
     * Counts over all sessions.
     *
     * @param sessions that were begun
     * @param requests different ones, each counted once however often it was sent
     * @param answered of those
     * @param duplicates requests that were sent again though they had been answered, on purpose
     * @param answeredDuplicates of those
     * @param retransmitted datagrams that were sent again because no answer came in time
     * @param datagrams that the system took
     * @param notTaken datagrams that it did not: as good as lost
     * @param givenUp requests and duplicates that no answer came to in all retries
     * @param lateAnswers genuine, to what had been answered or given up
     * @param falseAnswers to nothing that was asked, or not by one who knows the secret; ignored
     */
    public record Totals(
            long sessions,
            long requests,
            long answered,
            long duplicates,
            long answeredDuplicates,
            long retransmitted,
            long datagrams,
            long notTaken,
            long givenUp,
            long lateAnswers,
            long falseAnswers) {}

    /**
     * From the first sending of a request, or duplicate, to its answer; microseconds.
     *
     * @param p50 half took no longer
     * @param p90 90 of 100 took no longer
     * @param p99 99 of 100 took no longer
     */
    public record Latency(long p50, long p90, long p99, long max) {}

    /**
     * Cumulative counters of a session.
     *
     * @param reports how many were made; with 0 all counters are 0
     * @param upOctets from the subscriber
     * @param downOctets to the subscriber
     */
    public record Reported(
            int reports, long upOctets, long upPackets, long downOctets, long downPackets) {}

    /**
     * A session.
     *
     * @param id Acct-Session-Id
     * @param nas NAS-Identifier
     * @param stopped whether its Stop was answered
     * @param answered as of the last report that was answered
     * @param sent as of the last report that was sent
     */
    public record Session(
            String id,
            String subscriber,
            String nas,
            boolean stopped,
            Reported answered,
            Reported sent) {}

    /** Takes a session. */
    public interface SessionVisitor {
        /** In the order of their numbers. */
        void session(Session session);
    }

    /** Counts over all sessions. */
    public Totals totals() {
        return totals;
    }

    /** How long answers took. */
    public Latency latency() {
        return latency;
    }

    /** From the first request to the end. */
    public long elapsedNanos() {
        return elapsedNanos;
    }

    /** Mean over the whole run; duplicates included. */
    public long answersPerSecond() {
        long all = totals.answered + totals.answeredDuplicates;
        return (long) (all * 1e9 / Math.max(1, elapsedNanos));
    }

    /** Shows every session that was begun. */
    public void forEachSession(SessionVisitor visitor) {
        for (int i = 0; i < totals.sessions; i++) {
            var script = new SessionScript(plan, i);
            visitor.session(
                    new Session(
                            script.id(),
                            script.subscriber(),
                            script.nasName(),
                            answered[i] == plan.stop() + 1,
                            reported(script, answered[i]),
                            reported(script, sent[i])));
        }
    }

    private static Reported reported(SessionScript script, int reports) {
        Counters at = script.at(reports - 1);
        return new Reported(
                reports, at.upOctets(), at.upPackets(), at.downOctets(), at.downPackets());
    }

    /** The members of a JSON object, without its braces: totals and latency. */
    public String jsonMembers() {
        return String.format(
                Locale.ROOT,
                """
                "start_ms": %d,
                  "sessions_begun": %d,
                  "requests": %d,
                  "answered": %d,
                  "duplicates": %d,
                  "duplicates_answered": %d,
                  "retransmitted": %d,
                  "datagrams": %d,
                  "not_taken": %d,
                  "given_up": %d,
                  "late_answers": %d,
                  "false_answers": %d,
                  "answers_per_second": %d,
                  "latency_us": {"p50": %d, "p90": %d, "p99": %d, "max": %d}\
                """,
                plan.startMs(),
                totals.sessions,
                totals.requests,
                totals.answered,
                totals.duplicates,
                totals.answeredDuplicates,
                totals.retransmitted,
                totals.datagrams,
                totals.notTaken,
                totals.givenUp,
                totals.lateAnswers,
                totals.falseAnswers,
                answersPerSecond(),
                latency.p50,
                latency.p90,
                latency.p99,
                latency.max);
    }

    /**
     * Writes the whole as a JSON object: totals, latency, and the list {@code sessions}.
     *
     * @throws UncheckedIOException when {@code out} does
     */
    public void writeJson(Appendable out) {
        try {
            out.append("{\n  ").append(jsonMembers()).append(",\n  \"sessions\": [");
            String[] comma = {"\n    "};
            forEachSession(
                    session -> {
                        append(out, comma[0] + json(session));
                        comma[0] = ",\n    ";
                    });
            out.append("\n  ]\n}\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void append(Appendable out, String text) {
        try {
            out.append(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String json(Session s) {
        return ("{\"session_id\": \"%s\", \"subscriber\": \"%s\", \"nas\": \"%s\", "
                        + "\"stopped\": %b, \"answered\": %s, \"sent\": %s}")
                .formatted(s.id, s.subscriber, s.nas, s.stopped, json(s.answered), json(s.sent));
    }

    private static String json(Reported r) {
        return ("{\"reports\": %d, \"up_octets\": %d, \"up_packets\": %d, "
                        + "\"down_octets\": %d, \"down_packets\": %d}")
                .formatted(r.reports, r.upOctets, r.upPackets, r.downOctets, r.downPackets);
    }
}
