package io.narwhal.journal;

import java.nio.file.Path;

/** The position that was asked for lies before the oldest segment that is still there. */
public final class JournalTrimmed extends JournalException {
    private final long wanted;
    private final long oldest;

    JournalTrimmed(Path directory, long wanted, long oldest) {
        super(
                "journal "
                        + directory
                        + ": position "
                        + wanted
                        + " was trimmed; the oldest position still there is "
                        + oldest
                        + ". List the reader as required if it must not be overtaken",
                null);
        this.wanted = wanted;
        this.oldest = oldest;
    }

    /** The position asked for. */
    public long wanted() {
        return wanted;
    }

    /** The oldest position that can be read. */
    public long oldest() {
        return oldest;
    }
}
