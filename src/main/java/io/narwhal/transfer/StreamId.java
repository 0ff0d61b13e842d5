package io.narwhal.transfer;

import java.util.Comparator;

/**
 * One journal of an agent.
 *
 * @param journal of what
 * @param name of the collector or lane that it belongs to
 */
public record StreamId(Journal journal, String name) implements Comparable<StreamId> {
    private static final Comparator<StreamId> ORDER =
            Comparator.comparing(StreamId::journal).thenComparing(StreamId::name);

    @Override
    public int compareTo(StreamId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return journal.label() + "/" + name;
    }
}
