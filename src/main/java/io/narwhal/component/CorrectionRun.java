package io.narwhal.component;

import java.math.BigInteger;
import java.util.List;

/**
 * One run of {@code narwhal reprocess} that corrected something.
 *
 * @param number 1, 2, 3…; also in every row of it
 * @param asked when, by the wall clock, ISO-8601
 * @param from bins that begin at or after it were computed again, ISO-8601
 * @param to bins that begin before it were
 * @param reason why, in the words of who asked
 * @param sources what it was computed with: the configuration and the tables that it names
 * @param lanes what was read again
 * @param corrected how much came of it
 * @param firstFrame its first frame in the usage journal
 * @param lastFrame its last
 */
public record CorrectionRun(
        long number,
        String asked,
        String from,
        String to,
        String reason,
        List<Source> sources,
        List<Read> lanes,
        List<Corrected> corrected,
        long firstFrame,
        long lastFrame) {
    /** Copies the lists. */
    public CorrectionRun {
        sources = List.copyOf(sources);
        lanes = List.copyOf(lanes);
        corrected = List.copyOf(corrected);
    }

    /** A file by its content. */
    public record Source(String file, String sha256) {}

    /**
     * A received journal, as far as it was read.
     *
     * @param lane whose it is
     * @param journal its id
     * @param begin byte of the journal from which on it was there
     * @param end byte up to which it was read: where the lane's newest checkpoint stood
     * @param frames frames in that stretch
     */
    public record Read(String lane, long journal, long begin, long end, long frames) {}

    /**
     * The corrections of one usage of one lane, and what they add up to.
     *
     * @param octetsAdded octets of all bins and keys that got more
     * @param octetsTakenBack octets of all bins and keys that got less
     */
    public record Corrected(
            String lane,
            String usage,
            long rows,
            BigInteger octets,
            BigInteger packets,
            BigInteger flows,
            BigInteger octetsAdded,
            BigInteger octetsTakenBack) {}
}
