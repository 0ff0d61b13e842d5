package io.narwhal.component;

import io.narwhal.config.NodeConfig;
import io.narwhal.config.ServeConfig;
import io.narwhal.transfer.Agent;
import io.narwhal.transfer.AgentSettings;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.LinkFacts;
import io.narwhal.transfer.Stream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an agent does on its one thread, without the transport: brings events to its machine, tells
 * it the time, counts what is held, frees what nobody wants, and says how it stands.
 */
final class AgentWork implements AutoCloseable {
    private static final long TICK_MS = 20;
    private static final long SECOND_MS = 1_000;

    /** What is counted between two looks at the links. */
    private static final long SCAN_BYTES = 4 << 20;

    /**
     * How long a manager that has opened one kind of journal may take to open the other, too,
     * before that is no longer kept for it: its links come one after the other.
     */
    static final long OTHER_KIND_MS = 60_000;

    private final Environment environment;
    private final ServeConfig config;
    private final JournalHolding holding;
    private final Agent agent;
    private final AgentLoop loop;
    private final Troubles troubles;
    private final TransferFacts facts;
    private final Map<String, Long> openedSinceMs = new HashMap<>();
    private List<String> leftovers = List.of();
    private long tickedMs = Long.MIN_VALUE / 2;
    private long secondMs = Long.MIN_VALUE / 2;
    private boolean isSecond;
    private boolean drains;
    private long records;

    /** Opens what is kept of this node's readers. */
    AgentWork(Environment environment, ServeConfig config, Duty duty) {
        this.environment = environment;
        this.config = config;
        this.holding = new JournalHolding(environment, duty);
        this.agent =
                Agent.open(
                        settings(environment.config(), config), holding, holding.states(), nowMs());
        this.loop = new AgentLoop(agent, config.managers());
        this.troubles = new Troubles(environment);
        this.facts =
                new TransferFacts(
                        environment.disk(),
                        environment.clock(),
                        environment.layout(),
                        TransferFacts.SERVED);
    }

    private static AgentSettings settings(NodeConfig node, ServeConfig serve) {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        serve.groups().forEach(group -> groups.put(group.name(), group.members()));
        long capacity = node.journals().received().capacityBytes() * node.collectors().size();
        return new AgentSettings(
                node.node(),
                capacity,
                Integer.toHexString(node.source().text().hashCode()),
                AgentSettings.readers(serve.managers(), groups),
                serve.failoverAfterMs());
    }

    private long nowMs() {
        return environment.clock().monotonicNanos() / 1_000_000;
    }

    /** The machine, for tests. */
    Agent machine() {
        return agent;
    }

    /** To whom the transport tells what happens. */
    AgentLoop handler() {
        return loop;
    }

    /** Links that are open. */
    int links() {
        return loop.links();
    }

    /** Waits until something happens on a link, at most so long. */
    void await(long millis) {
        loop.await(millis, nowMs());
    }

    /**
     * Does what there is to do now.
     *
     * @param drain whether nothing more will come into the journals
     * @return whether there is more to do at once
     */
    boolean step(boolean drain) {
        long now = nowMs();
        if (drain && !drains) {
            drains = true;
            holding.look(); // a journal may have been made within the last second
            holding.scan(SCAN_BYTES);
            agent.drain(now);
        }
        boolean more = loop.work(now);
        if (now - tickedMs >= TICK_MS) {
            tickedMs = now;
            // While there is something to send, it is counted as it is read to be sent.
            more |= !more && holding.scan(SCAN_BYTES);
            agent.tick(now);
        }
        isSecond = now - secondMs >= SECOND_MS;
        if (isSecond) {
            secondMs = now;
            eachSecond(now);
        }
        return more;
    }

    /** Whether the last step was the first of another second. */
    boolean isSecond() {
        return isSecond;
    }

    private void eachSecond(long now) {
        holding.look();
        String wrong = troubles.look(now);
        holding.setFull(troubles.full());
        String unreadable = holding.trouble();
        agent.collecting(wrong.isEmpty() ? unreadable : wrong, now);
        freeUnwanted(now);
        leftovers =
                ServedJournal.leftovers(
                        environment.disk(), environment.layout(), environment.config());
        List<LinkFacts> all = agent.facts();
        records = all.stream().mapToLong(LinkFacts::records).sum();
        facts.write(all.stream().map(one -> one(one, now)).toList(), now);
    }

    private TransferFacts.One one(LinkFacts link, long now) {
        return new TransferFacts.One(
                link,
                loop.address(link.link()),
                "",
                link.events().stream()
                        .map(event -> TransferFacts.Event.of(event, now, environment.clock()))
                        .toList());
    }

    // Who pulls what was received does not want the usage as well, and the other way round.
    private void freeUnwanted(long now) {
        for (String reader : readers()) {
            for (Journal journal : Journal.values()) {
                if (isWanted(reader, journal, now)) {
                    continue;
                }
                for (Stream stream : holding.streams(journal)) {
                    holding.free(reader, stream.id(), stream.end());
                }
            }
        }
    }

    private List<String> readers() {
        return config.readers().stream()
                .map(reader -> reader.name().substring(ServeConfig.READER_PREFIX.length()))
                .toList();
    }

    private boolean isWanted(String reader, Journal journal, long now) {
        Journal other = journal == Journal.RECEIVED ? Journal.USAGE : Journal.RECEIVED;
        if (agent.opened(reader, journal) || !agent.opened(reader, other)) {
            return true;
        }
        return now - openedSinceMs.computeIfAbsent(reader, _ -> now) < OTHER_KIND_MS;
    }

    /** Whether every reader has acknowledged everything that it wants. */
    boolean isDelivered() {
        for (String reader : readers()) {
            for (Journal journal : Journal.values()) {
                if (isOwed(reader, journal)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean isOwed(String reader, Journal journal) {
        boolean isWanted =
                agent.opened(reader, journal)
                        || !agent.opened(reader, Journal.RECEIVED)
                                && !agent.opened(reader, Journal.USAGE);
        return isWanted && holding.isHeld(journal, agent.acknowledged(reader, journal));
    }

    /** Records that were sent since the process began. */
    long records() {
        return records;
    }

    /** What an operator may want to know; empty when nothing. */
    String tell(String complaint) {
        List<String> told = new ArrayList<>();
        if (!complaint.isEmpty()) {
            told.add(complaint);
        }
        for (String reader : leftovers) {
            told.add(
                    "what "
                            + reader
                            + " has not saved is kept, though it is not configured any more: put it"
                            + " back, or give it up: narwhal transfer remove "
                            + reader);
        }
        if (drains && !isDelivered()) {
            told.add("waits until all is acknowledged: " + String.join(", ", behind()));
        }
        return String.join("; ", told);
    }

    private List<String> behind() {
        List<String> behind = new ArrayList<>();
        for (String reader : readers()) {
            for (Journal journal : Journal.values()) {
                if (isOwed(reader, journal)) {
                    behind.add(reader + " (" + journal.label() + ")");
                }
            }
        }
        return behind;
    }

    /** Saves and frees what is not yet, and tells the managers; nothing more is done after it. */
    void end() {
        agent.close(nowMs());
    }

    @Override
    public void close() {
        holding.close();
    }
}
