package io.narwhal.journal;

import org.jspecify.annotations.Nullable;

/** What a journal refuses; the message names the journal, the reason and what to do next. */
public abstract sealed class JournalException extends RuntimeException
        permits JournalDiverged, JournalFailed, JournalFull, JournalMismatch, JournalTrimmed {
    JournalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
