package io.narwhal.transfer;

import java.util.List;

/**
 * A journal as it stands at the agent.
 *
 * @param id which
 * @param epoch identity of the store; another one when the journal was lost and began anew
 * @param lineage its writers in order, perhaps without the oldest
 * @param first position of the oldest frame that is held
 * @param end position behind the newest that is forced
 */
public record Stream(StreamId id, long epoch, List<Incarnation> lineage, long first, long end) {
    public Stream {
        lineage = List.copyOf(lineage);
    }
}
