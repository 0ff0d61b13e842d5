package io.narwhal.journal;

import java.nio.file.Path;
import java.util.List;

/**
 * What {@link JournalVerifier} found.
 *
 * @param segments segment files
 * @param frames valid frames, published or not
 * @param items sum of the frames' items
 * @param bytes size of all segment files
 * @param tornBytes behind the last promised frame: never forced, cut when a writer next opens the
 *     journal; not damage
 * @param findings damage, in the order of positions
 */
public record Verified(
        int segments, long frames, long items, long bytes, long tornBytes, List<Finding> findings) {
    /** One place that is not as it must be. */
    public record Finding(Path file, long fileByte, String what) {
        /** {@code FILE:BYTE: what}. */
        public String line() {
            return file + ":" + fileByte + ": " + what;
        }
    }

    /** Copies the findings. */
    public Verified {
        findings = List.copyOf(findings);
    }
}
