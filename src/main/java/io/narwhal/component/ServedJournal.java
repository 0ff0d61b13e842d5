package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.ServeConfig;
import io.narwhal.journal.JournalReaders;
import io.narwhal.journal.JournalWriter;
import io.narwhal.journal.Lineage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a journal needs on a node whose journals managers pull; nothing on any other. */
final class ServedJournal {
    private ServedJournal() {}

    /**
     * Those who must have read it before it is deleted: these, the managers, and those managers
     * that are no longer configured and that no administrator has removed.
     */
    static Set<String> readers(Environment environment, Path directory, Set<String> own) {
        Set<String> readers = new TreeSet<>(own);
        readers.addAll(environment.config().servedReaders());
        JournalReaders.names(environment.disk(), directory).stream()
                .filter(name -> name.startsWith(ServeConfig.READER_PREFIX))
                .forEach(readers::add);
        return readers;
    }

    /** Accounting, where there is any. */
    static Set<String> accounting(NodeConfig config) {
        return config.hasAccounting() ? Set.of(NodeConfig.ACCOUNTING) : Set.of();
    }

    /** The managers and groups that are no longer configured, and for whom data is still kept. */
    static List<String> leftovers(Disk disk, NodeLayout layout, NodeConfig config) {
        Set<String> leftovers = new TreeSet<>();
        for (Path directory : journals(disk, layout)) {
            JournalReaders.names(disk, directory).stream()
                    .filter(name -> name.startsWith(ServeConfig.READER_PREFIX))
                    .filter(name -> !config.servedReaders().contains(name))
                    .map(name -> name.substring(ServeConfig.READER_PREFIX.length()))
                    .forEach(leftovers::add);
        }
        return List.copyOf(leftovers);
    }

    /** Every journal of a node, those of what was received first. */
    static List<Path> journals(Disk disk, NodeLayout layout) {
        List<Path> journals = new ArrayList<>();
        for (Path one :
                List.of(layout.received(NodeConfig.IMPORT), layout.usage(NodeConfig.IMPORT))) {
            Path all = one.resolveSibling(".").normalize();
            disk.list(all).forEach(name -> journals.add(all.resolve(name)));
        }
        return journals;
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
