package io.narwhal.journal;

/** The capacity of the journal is reached; the frame was not taken, and may be offered again. */
public final class JournalFull extends JournalException {
    JournalFull(String message) {
        super(message, null);
    }
}
