package io.narwhal.journal;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Where a journal lies and what its writer must respect.
 *
 * @param directory holds this journal and nothing else
 * @param requiredReaders names whose acknowledgements hold segments back, in canonical order; with
 *     none, retention alone decides
 */
public record JournalSettings(Path directory, JournalLimits limits, List<String> requiredReaders) {
    /** Sorts the names. */
    public JournalSettings {
        requiredReaders = requiredReaders.stream().sorted().distinct().toList();
        requiredReaders.forEach(Pages::checkName);
    }

    /** As the record, from a set. */
    public static JournalSettings of(Path directory, JournalLimits limits, Set<String> readers) {
        return new JournalSettings(directory, limits, List.copyOf(readers));
    }
}
