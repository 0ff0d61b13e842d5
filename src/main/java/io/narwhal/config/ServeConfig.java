package io.narwhal.config;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * A node whose journals managers pull.
 *
 * @param listen where they connect to
 * @param managers all of them, by the name of their node, in file order
 * @param groups those of them of whom any one suffices, in file order
 * @param failoverAfterMs how long the active one of a group may be away before another takes over
 * @param tls who this node is and whom it believes; null: in clear, on this machine alone
 */
public record ServeConfig(
        Listen listen,
        List<String> managers,
        List<Group> groups,
        long failoverAfterMs,
        @Nullable TransferTls tls) {
    /** What the names of readers in journals begin with. */
    public static final String READER_PREFIX = "to.";

    /**
     * Managers of whom any one suffices.
     *
     * @param name of the group
     * @param members at least one, in the order in which they are preferred
     */
    public record Group(String name, List<String> members) {
        public Group {
            members = List.copyOf(members);
        }
    }

    /**
     * Who has to save what is held before it is freed.
     *
     * @param name in journals and files
     * @param members the managers of whom any one suffices
     * @param isGroup whether the configuration calls them a group
     */
    public record Reader(String name, List<String> members, boolean isGroup) {
        public Reader {
            members = List.copyOf(members);
        }
    }

    public ServeConfig {
        managers = List.copyOf(managers);
        groups = List.copyOf(groups);
    }

    /** One for each manager that is in no group, then one for each group, in file order. */
    public List<Reader> readers() {
        List<Reader> readers = new ArrayList<>();
        for (String manager : managers) {
            if (groups.stream().noneMatch(group -> group.members().contains(manager))) {
                readers.add(new Reader(READER_PREFIX + manager, List.of(manager), false));
            }
        }
        groups.forEach(
                group ->
                        readers.add(
                                new Reader(READER_PREFIX + group.name(), group.members(), true)));
        return List.copyOf(readers);
    }

    /** Their names. */
    public List<String> readerNames() {
        return readers().stream().map(Reader::name).toList();
    }
}
