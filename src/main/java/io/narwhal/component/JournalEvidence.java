package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.journal.JournalPosition;
import io.narwhal.journal.JournalReader;
import io.narwhal.recovery.Evidence;

import java.nio.file.Path;

/**
 * What a journal on disk proves.
 *
 * @param id its identity; 0 when it has no segment yet
 * @param oldest from where on it is still there; 0 when it is whole
 * @param published position up to which it may be read
 */
record JournalEvidence(long id, long oldest, long published) {
    static JournalEvidence of(Disk disk, Path directory) {
        try (var reader = JournalReader.open(disk, directory, 0)) {
            return new JournalEvidence(
                    reader.journalId(),
                    JournalReader.oldest(disk, directory),
                    reader.publishedPosition());
        }
    }

    private boolean isAnother(JournalPosition position) {
        return position.journalId() != 0 && id != position.journalId();
    }

    /** As the input of a component whose checkpoint names this position. */
    Evidence.Input asInput(JournalPosition position) {
        if (isAnother(position)) {
            return Evidence.Input.REPLACED;
        }
        if (position.position() > published) {
            return Evidence.Input.SHORT;
        }
        return position.position() < oldest ? Evidence.Input.TRIMMED : Evidence.Input.COMPLETE;
    }

    /** As the output of a component whose checkpoint names this position. */
    Evidence.Output asOutput(JournalPosition position) {
        if (position.journalId() == 0) {
            return published == 0 ? Evidence.Output.EMPTY : Evidence.Output.REACHES;
        }
        // What is published may lie before the checkpoint: the predecessor died between the two.
        return isAnother(position) ? Evidence.Output.REPLACED : Evidence.Output.REACHES;
    }
}
