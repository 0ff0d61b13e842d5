package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.recovery.Evidence;

import java.nio.file.Path;

/**
 * What a journal on disk proves.
 *
 * @param id its identity; 0 when it has no segment yet, or none whose header can be read
 * @param oldest from where on it is still there; 0 when it is whole
 * @param published position up to which it may be read
 * @param end where its bytes end: what is published may lie before, as its writer publishes again
 *     what is there only when it opens the journal after a power cut
 */
record JournalEvidence(long id, long oldest, long published, long end) {
    static JournalEvidence of(Disk disk, Path directory) {
        try (var reader = JournalReader.open(disk, directory, 0)) {
            long published = reader.publishedPosition();
            return new JournalEvidence(
                    reader.journalId(),
                    JournalReader.oldest(disk, directory),
                    published,
                    Math.max(published, JournalReader.physicalEnd(disk, directory)));
        }
    }

    // A header that cannot be read is damage, which the reader reports; it proves nothing else.
    private boolean isAnother(JournalPosition position) {
        return position.journalId() != 0 && id != 0 && id != position.journalId();
    }

    /** As the input of a component whose checkpoint names this position. */
    Evidence.Input asInput(JournalPosition position) {
        if (isAnother(position)) {
            return Evidence.Input.REPLACED;
        }
        if (position.position() > end) {
            return Evidence.Input.SHORT;
        }
        return position.position() < oldest ? Evidence.Input.TRIMMED : Evidence.Input.COMPLETE;
    }

    /** As the output of a component whose checkpoint names this position. */
    Evidence.Output asOutput(JournalPosition position) {
        if (position.journalId() == 0) {
            return published <= JournalPosition.FIRST_FRAME
                    ? Evidence.Output.EMPTY
                    : Evidence.Output.REACHES;
        }
        if (end == 0) {
            return Evidence.Output.EMPTY;
        }
        // What is published may lie before the checkpoint: the predecessor died between the two.
        return isAnother(position) ? Evidence.Output.REPLACED : Evidence.Output.REACHES;
    }
}
