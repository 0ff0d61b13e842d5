package io.narwhal.transfer;

import java.util.List;

/**
 * What a manager has of a journal of an agent.
 *
 * @param id which
 * @param epoch of which store
 * @param through every position before this is saved, or known to be lost
 * @param lineage the writers of what is saved, in order, perhaps without the oldest
 */
public record Saved(StreamId id, long epoch, long through, List<Incarnation> lineage) {
    public Saved {
        lineage = List.copyOf(lineage);
    }
}
