package io.narwhal.transfer;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How a link stands, from one side: what {@code narwhal transfer} shows.
 *
 * @param link name of the link (manager), or of the manager (agent)
 * @param reader the group or manager that it reads for (agent); name of the agent (manager)
 * @param journal what is pulled
 * @param state of the link: a label of {@link AgentState} or {@link ManagerState}
 * @param buffer of the agent's buffer, a label of {@link BufferState}; empty at the manager
 * @param standby whether another manager of the group is served
 * @param held at the agent, not acknowledged; at the manager as last heard
 * @param streams each journal
 * @param lastTxn the last transmission number sent, or received
 * @param ackedTxn the last that was acknowledged
 * @param lastAckMs when that was; 0: never
 * @param pulls that were issued, or came, since the process began
 * @param requests to be pulled that were sent, or came, since then, by their reasons
 * @param bytes of frames sent, or saved, since the process began
 * @param records the same
 * @param duplicates records of frames that came once more (manager)
 * @param ambiguousBytes what two managers of the group may have (agent), or is parked and not
 *     decided (manager)
 * @param lostBytes what was stated as lost since the process began
 * @param events the newest {@link Agent#EVENTS_MAX}
 */
public record LinkFacts(
        String link,
        String reader,
        Journal journal,
        String state,
        String buffer,
        boolean standby,
        Occupancy held,
        List<StreamFacts> streams,
        long lastTxn,
        long ackedTxn,
        long lastAckMs,
        long pulls,
        Map<Reason, Long> requests,
        long bytes,
        long records,
        long duplicates,
        long ambiguousBytes,
        long lostBytes,
        List<TransferEvent> events) {
    public LinkFacts {
        requests = Collections.unmodifiableMap(new EnumMap<>(requests));
        streams = List.copyOf(streams);
        events = List.copyOf(events);
    }
}
