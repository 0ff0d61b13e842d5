package io.narwhal.journal;

import java.nio.file.Path;

/**
 * A writer that computes published frames again came to other bytes than the ones its readers may
 * have read: the computation was not deterministic, or began from another state.
 */
public final class JournalDiverged extends JournalException {
    private final long position;

    JournalDiverged(Path directory, long position, String difference) {
        super(
                "journal "
                        + directory
                        + ": the frame at position "
                        + position
                        + " was published, but computed again it comes out differently ("
                        + difference
                        + "). Nothing was written",
                null);
        this.position = position;
    }

    /** Where the frame begins. */
    public long position() {
        return position;
    }
}
