package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.base.SmallFile;
import io.narwhal.config.ConfigLoader;
import io.narwhal.config.Loaded;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.ServeConfig;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalReaders;
import io.narwhal.transfer.Agent;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.StreamId;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Gives up a manager, or a group of managers, that will not come again: what it has not saved is no
 * longer kept for it. Only for one that is no longer configured: until then, and until this is
 * done, it keeps what it has not saved. A removal that was cut off is completed by doing it again.
 */
public final class ReaderRemoval {
    private static final long SCAN_BYTES = 64L << 20;

    /**
     * What one journal keeps for it.
     *
     * @param journal directory below the data directory
     * @param oldestMicros arrival of the oldest, since 1970; 0 when it is not known
     */
    public record Kept(String journal, long records, long bytes, long oldestMicros) {}

    /** Whether it can be removed. */
    public sealed interface Plan {
        /** It can; this is lost to it. */
        record Ready(String name, List<Kept> kept) implements Plan {
            public Ready {
                kept = List.copyOf(kept);
            }

            /** Records of all journals. */
            public long records() {
                return kept.stream().mapToLong(Kept::records).sum();
            }

            /** Octets of all journals. */
            public long bytes() {
                return kept.stream().mapToLong(Kept::bytes).sum();
            }
        }

        /** It cannot; the message says why and what next. */
        record Refused(String message) implements Plan {}
    }

    private final Environment environment;
    private final Disk disk;
    private final NodeLayout layout;

    /** Of the node of this configuration, whether it runs or not. */
    public ReaderRemoval(Environment environment) {
        this.environment = environment;
        this.disk = environment.disk();
        this.layout = environment.layout();
    }

    /** Managers and groups that are no longer configured, and for whom data is kept. */
    public List<String> candidates() {
        var names = new TreeSet<>(ServedJournal.leftovers(disk, layout, environment.config()));
        for (String state : new ReaderFiles(disk, layout.transfer()).names()) {
            for (Journal journal : Journal.values()) {
                String suffix = Agent.stateName("", journal);
                if (state.endsWith(suffix)) {
                    names.add(state.substring(0, state.length() - suffix.length()));
                }
            }
        }
        names.removeIf(name -> isConfigured(environment.config(), name));
        return List.copyOf(names);
    }

    private static boolean isConfigured(NodeConfig config, String name) {
        return config.servedReaders().contains(ServeConfig.READER_PREFIX + name);
    }

    /** What removing a manager or group would lose. Reads all that is kept for it. */
    public Plan plan(String name) {
        if (isConfigured(environment.config(), name)) {
            return new Plan.Refused(
                    "'"
                            + name
                            + "' is still one of serve.managers or serve.groups; take it out of the"
                            + " configuration, start the node with that, then remove it");
        }
        if (!candidates().contains(name)) {
            String known = String.join(", ", candidates());
            return new Plan.Refused(
                    "nothing is kept for '"
                            + name
                            + "'"
                            + (known.isEmpty() ? "" : "; what can be removed: " + known));
        }
        if (runsWith(name)) {
            return new Plan.Refused(
                    "the node still runs a configuration that has '"
                            + name
                            + "'; start it with the new one, then remove it");
        }
        List<Kept> kept = new ArrayList<>();
        for (Path directory : ServedJournal.journals(disk, layout)) {
            if (JournalReaders.names(disk, directory).contains(reader(name))) {
                kept.add(kept(directory, reader(name)));
            }
        }
        return new Plan.Ready(name, kept);
    }

    private static String reader(String name) {
        return ServeConfig.READER_PREFIX + name;
    }

    // The process would write again what is deleted under its hands.
    private boolean runsWith(String name) {
        if (!disk.exists(layout.page(NodeConfig.SERVE))) {
            return false;
        }
        try (var page = ComponentPage.open(disk, layout.page(NodeConfig.SERVE))) {
            if (!environment.processes().isAlive(page.owner())) {
                return false;
            }
        }
        Path copy = layout.node().resolve(NodeLayout.CONFIGURATION);
        if (!disk.exists(copy)) {
            return false;
        }
        String text = new String(SmallFile.read(disk, copy), StandardCharsets.UTF_8);
        return switch (ConfigLoader.load(disk, environment.config().source().file(), text)) {
            case Loaded.Valid(NodeConfig running, var _) -> isConfigured(running, name);
            case Loaded.Invalid _ -> true;
        };
    }

    private Kept kept(Path directory, String reader) {
        boolean isUsage = directory.startsWith(layout.usage(NodeConfig.IMPORT).getParent());
        var id =
                new StreamId(
                        isUsage ? Journal.USAGE : Journal.RECEIVED,
                        directory.getFileName().toString());
        long position = JournalReader.acknowledged(disk, directory, reader);
        try (var journal = new HeldJournal(disk, id, directory, List.of(reader))) {
            journal.look(0);
            while (journal.scan(SCAN_BYTES, environment.clock().wallMicros())) {
                journal.look(0);
            }
            return new Kept(
                    layout.data().relativize(directory).toString(),
                    journal.recordsBehind(position),
                    journal.bytesBehind(position),
                    journal.oldestMicros(position));
        }
    }

    /**
     * Removes it: from now on nothing is kept for it. First the journals, so that whatever is cut
     * off leaves something by which it is found again.
     */
    public void remove(Plan.Ready plan) {
        for (Path directory : ServedJournal.journals(disk, layout)) {
            JournalReaders.remove(disk, directory, reader(plan.name()));
        }
        var files = new ReaderFiles(disk, layout.transfer());
        for (Journal journal : Journal.values()) {
            files.delete(Agent.stateName(plan.name(), journal));
        }
    }
}
