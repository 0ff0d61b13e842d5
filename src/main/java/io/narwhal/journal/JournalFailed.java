package io.narwhal.journal;

import java.nio.file.Path;

/**
 * The disk failed under the writer: what was not forced counts as unsaved, and this writer takes
 * nothing more. Opening the journal again finds out what is there.
 */
public final class JournalFailed extends JournalException {
    JournalFailed(Path directory, long forced, Throwable cause) {
        super(
                "journal "
                        + directory
                        + ": "
                        + cause.getMessage()
                        + "; everything behind position "
                        + forced
                        + " counts as unsaved. The component must stop and recover",
                cause);
    }
}
