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
 * @param commits whether frames are published by commits, each as a whole: then what is not
 *     published yet may exceed the capacity, as readers cannot make room for the rest of it
 */
public record JournalSettings(
        Path directory, JournalLimits limits, List<String> requiredReaders, boolean commits) {
    /** Of a journal whose frames are published as they are forced. */
    public JournalSettings(Path directory, JournalLimits limits, List<String> requiredReaders) {
        this(directory, limits, requiredReaders, false);
    }

    /** Sorts the names. */
    public JournalSettings {
        requiredReaders = requiredReaders.stream().sorted().distinct().toList();
        requiredReaders.forEach(Pages::checkName);
    }

    /** As the record, from a set. */
    public static JournalSettings of(Path directory, JournalLimits limits, Set<String> readers) {
        return new JournalSettings(directory, limits, List.copyOf(readers));
    }

    /** The same, of a journal whose frames are published by commits. */
    public JournalSettings byCommits() {
        return new JournalSettings(directory, limits, requiredReaders, true);
    }
}
