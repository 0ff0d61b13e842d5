package io.narwhal.component;

import io.narwhal.config.NodeConfig;
import io.narwhal.journal.JournalWriter;
import io.narwhal.journal.Lineage;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** What a journal needs on a node whose journals managers pull; nothing on any other. */
final class ServedJournal {
    private ServedJournal() {}

    /** Those who must have read it before it is deleted: these, and the managers. */
    static Set<String> readers(NodeConfig config, Set<String> own) {
        Set<String> readers = new TreeSet<>(own);
        readers.addAll(config.servedReaders());
        return readers;
    }

    /** Those who must have read what was received: accounting, where there is any, and managers. */
    static Set<String> readersOfReceived(NodeConfig config) {
        return readers(config, config.hasAccounting() ? Set.of(NodeConfig.ACCOUNTING) : Set.of());
    }

    /**
     * Notes that this process writes the journal, before it has written anything; closes it when
     * that fails.
     */
    static JournalWriter opened(Environment environment, Path directory, JournalWriter journal) {
        if (environment.config().serve() == null) {
            return journal;
        }
        try {
            Lineage.enter(
                    environment.disk(),
                    directory,
                    new Lineage.Entry(
                            environment.identities().getAsLong(),
                            journal.published(), // opening published all that is there
                            environment.clock().wallMicros()));
            return journal;
        } catch (RuntimeException e) {
            journal.close();
            throw e;
        }
    }
}
