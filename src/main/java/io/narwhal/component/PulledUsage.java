package io.narwhal.component;

import io.narwhal.base.StateReader;
import io.narwhal.record.Field;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;
import io.narwhal.transfer.Journal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which usage of agents this node may deliver: what its own configuration defines alike, with the
 * same keys and bins. Other usage is kept until the configuration defines it so: delivered, its
 * rows would be in no report, or in one with rows of another meaning.
 */
final class PulledUsage {
    /** Of a received frame, as much as says whether it can be read. */
    static final int HEAD_BYTES = 4 << 10;

    private final ReceivedBlock block = new ReceivedBlock();
    private final Map<String, UsageDefinition> definitions = new HashMap<>();

    PulledUsage(List<UsageDefinition> definitions) {
        definitions.forEach(one -> this.definitions.put(one.name(), one));
    }

    /**
     * What keeps a frame from being accounted or delivered.
     *
     * @param length of received frames, the first {@link #HEAD_BYTES} are enough
     * @return what is to be added to the configuration; empty: nothing is missing
     */
    String missing(Journal journal, byte[] bytes, int offset, int length) {
        try {
            int payload = Origin.skip(bytes, offset, length);
            if (payload == length) {
                return ""; // another node lost what stood there, and says so
            }
            return switch (journal) {
                case RECEIVED -> {
                    block.read(bytes, offset + payload, length - payload);
                    yield "";
                }
                case USAGE -> missing(bytes, offset + payload, length - payload).orElse("");
            };
        } catch (StateReader.Malformed e) {
            // A lane takes for granted that it can read its journal; an agent may be of another
            // release.
            return "it cannot be read by this release: " + e.getMessage();
        }
    }

    private Optional<String> missing(byte[] bytes, int offset, int length) {
        if (definitions.isEmpty()) {
            return Optional.empty(); // it delivers nothing, it only hands on
        }
        UsageDefinition rows;
        try {
            rows = UsageRows.definition(new StateReader(bytes, offset, length));
        } catch (RuntimeException e) {
            // Whatever an agent sends is an outcome.
            return Optional.of("it cannot be read by this release: " + e.getMessage());
        }
        UsageDefinition ours = definitions.get(rows.name());
        if (ours == null) {
            return Optional.of("usage does not have " + text(rows));
        }
        boolean same =
                new TreeSet<>(ours.keys()).equals(new TreeSet<>(rows.keys()))
                        && ours.binMs() == rows.binMs()
                        && ours.scaled() == rows.scaled();
        return same
                ? Optional.empty()
                : Optional.of("usage has " + text(ours) + ", the agent " + text(rows));
    }

    private static String text(UsageDefinition usage) {
        return usage.name()
                + ": { keys: ["
                + usage.keys().stream().map(Field::label).collect(Collectors.joining(", "))
                + "], bin: "
                + bin(usage.binMs())
                + (usage.scaled() ? ", scaled: true" : "")
                + " }";
    }

    private static String bin(long ms) {
        if (ms % 3_600_000 == 0) {
            return ms / 3_600_000 + "h";
        }
        return ms % 60_000 == 0 ? ms / 60_000 + "m" : ms / 1_000 + "s";
    }
}
