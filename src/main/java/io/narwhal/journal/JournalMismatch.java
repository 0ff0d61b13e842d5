package io.narwhal.journal;

import java.nio.file.Path;

/** The files in the directory are not the journal that the caller's evidence speaks of. */
public final class JournalMismatch extends JournalException {
    JournalMismatch(Path directory, String what) {
        super("journal " + directory + ": " + what, null);
    }
}
