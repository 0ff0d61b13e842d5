package io.narwhal.transfer;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The agent's side: its readers, and the links that they are served by. Owned by one thread; waits
 * for nothing but {@link Holding#save}.
 *
 * <p>How it is driven: {@link #open}; for each connection {@link #connect}, then {@link
 * AgentLink#receive} for what comes, {@link AgentLink#work} while it returns true and the
 * connection takes more, {@link AgentLink#disconnected} at its end (also after the machine closed
 * it itself); {@link #tick} whenever something was published, and at least every 100 ms.
 */
public final class Agent {
    /** Of the protocol. */
    public static final int VERSION = 1;

    /** Events that are kept for each reader. */
    public static final int EVENTS_MAX = 64;

    /** State is saved, and data freed, so often at most. */
    public static final long SAVE_EVERY_MS = 200;

    /** It says that it is there so often when there is nothing else to say. */
    public static final long STATUS_EVERY_MS = 10_000;

    /** A link on which nothing came for so long has ended. */
    public static final long SILENCE_MS = 30_000;

    /** Frames of one message, in octets, unless a single frame is larger. */
    public static final int MESSAGE_BYTES_MAX = 512 * 1024;

    private final AgentSettings settings;
    private final Holding holding;
    private final Steady steady;
    private final Map<String, AgentReader> readers = new TreeMap<>();
    private final List<AgentLink> links = new ArrayList<>();
    private String trouble = "";
    private boolean draining;

    private Agent(AgentSettings settings, Holding holding, long nowMs) {
        this.settings = settings;
        this.holding = holding;
        this.steady = new Steady(nowMs);
    }

    /** Under which name {@link Holding#save} gets the state of a reader: {@code central.usage}. */
    public static String stateName(String reader, Journal journal) {
        return reader + "." + journal.label();
    }

    /**
     * Begins with what was saved. A state that cannot be read is noted as an alarm, and the reader
     * begins without: its managers say what they have.
     *
     * @param states what {@link Holding#save} got last, by name; states of readers and members that
     *     are no longer configured are given up (stretches that only they could decide count)
     */
    public static Agent open(
            AgentSettings settings, Holding holding, Map<String, byte[]> states, long nowMs) {
        Agent agent = new Agent(settings, holding, nowMs);
        for (String reader : settings.readers().keySet()) {
            for (Journal journal : Journal.values()) {
                byte[] bytes = states.get(stateName(reader, journal));
                if (bytes == null && agent.members(reader).size() > 1) {
                    bytes = agent.former(reader, journal, states);
                }
                agent.add(reader, journal, bytes, nowMs);
            }
        }
        return agent;
    }

    private List<String> members(String reader) {
        return settings.readers().getOrDefault(reader, List.of());
    }

    // A group that is new, or has another name: what one of its members has, alone or in another
    // group that is configured no more, no other member is to count once more.
    private byte @Nullable [] former(String group, Journal journal, Map<String, byte[]> states) {
        List<String> members = members(group);
        byte[] former = null;
        long most = -1;
        for (Map.Entry<String, byte[]> entry : new TreeMap<>(states).entrySet()) {
            String suffix = stateName("", journal);
            String name = entry.getKey();
            boolean left =
                    name.endsWith(suffix)
                            && !settings.readers()
                                    .containsKey(
                                            name.substring(0, name.length() - suffix.length()));
            if (left
                    && ReaderState.read(entry.getValue())
                            instanceof ReaderState.Outcome.Read(var state)
                    && members.contains(state.active)) {
                long position =
                        state.streams.values().stream().mapToLong(one -> one.position).sum();
                former = position > most ? entry.getValue() : former;
                most = Math.max(most, position);
            }
        }
        return former;
    }

    private void add(String reader, Journal journal, byte @Nullable [] bytes, long nowMs) {
        ReaderState state = new ReaderState();
        if (bytes != null) {
            switch (ReaderState.read(bytes)) {
                case ReaderState.Outcome.Read(var read) -> state = read;
                case ReaderState.Outcome.Malformed(var why) -> {
                    // There was one, so this kind was opened: it is not freed as unwanted.
                    state.opened = true;
                    String what = "the saved state cannot be read: " + why;
                    holding.note(reader, new TransferEvent(nowMs, TransferEvent.Kind.ALARM, what));
                }
            }
        }
        readers.put(
                stateName(reader, journal),
                new AgentReader(settings, holding, reader, journal, state, time(nowMs)));
    }

    /**
     * A manager has connected. The hello goes out at once.
     *
     * @param peer its name by its certificate; empty in clear: then it is believed what it says
     * @param outbox takes what is to be sent, in order; after a {@code Close} or when {@link
     *     AgentLink#state} is CLOSED the connection is to be ended
     */
    public AgentLink connect(String peer, Consumer<FromAgent> outbox, long nowMs) {
        AgentLink link = new AgentLink(this, peer, outbox, time(nowMs));
        links.add(link);
        link.hello(nowMs);
        return link;
    }

    FromAgent.Hello hello(String peer) {
        List<Stream> streams = new ArrayList<>();
        for (Journal journal : Journal.values()) {
            streams.addAll(holding.streams(journal));
        }
        long lastTxn = 0;
        for (AgentReader reader : readers.values()) {
            for (Map.Entry<String, MemberState> member : reader.state().members.entrySet()) {
                if (peer.isEmpty() || peer.equals(member.getKey())) {
                    lastTxn = Math.max(lastTxn, member.getValue().reserved);
                }
            }
        }
        return new FromAgent.Hello(
                settings.agent(),
                VERSION,
                settings.capacityBytes(),
                streams,
                lastTxn,
                settings.configId());
    }

    /** Time passes, or something was published: thresholds, retries, failover, saving, freeing. */
    public void tick(long nowMs) {
        long timeMs = time(nowMs);
        readers.values().forEach(reader -> reader.tick(timeMs, nowMs));
        List.copyOf(links).forEach(link -> link.tick(nowMs));
    }

    /** Collecting is in trouble, or (empty) no more. */
    public void collecting(String trouble, long nowMs) {
        this.trouble = trouble;
        List.copyOf(links).forEach(link -> link.tick(nowMs));
    }

    /** The agent drains: asks to be pulled until everything is acknowledged. */
    public void drain(long nowMs) {
        draining = true;
        tick(nowMs);
    }

    /**
     * Whether a reader has ever opened this kind of journal. Before its first open of any kind both
     * kinds are held for it; after that only what it has opened: the other kind is freed by the
     * caller, up to each journal's end.
     */
    public boolean opened(String reader, Journal journal) {
        AgentReader known = readers.get(stateName(reader, journal));
        return known != null && known.state().opened;
    }

    /** What a reader has acknowledged of each journal; what is freed is at most this. */
    public Map<StreamId, Long> acknowledged(String reader, Journal journal) {
        AgentReader known = readers.get(stateName(reader, journal));
        return known == null ? Map.of() : known.acknowledged();
    }

    /** How everything stands: one for each member of each reader and kind that ever opened. */
    public List<LinkFacts> facts() {
        List<LinkFacts> facts = new ArrayList<>();
        for (AgentReader reader : readers.values()) {
            for (String member : reader.members()) {
                AgentLink link = reader.link(member);
                if (link != null) {
                    facts.add(link.facts(reader));
                } else if (reader.state().members.containsKey(member)) {
                    facts.add(AgentLink.away(this, reader, member));
                }
            }
        }
        return facts;
    }

    /** Saves what is not saved yet and frees: before the process ends. */
    public void close(long nowMs) {
        List.copyOf(links).forEach(link -> link.close("the agent stops", nowMs));
        readers.values().forEach(reader -> reader.saveIfDirty(nowMs));
    }

    long time(long nowMs) {
        return steady.of(nowMs);
    }

    Holding holding() {
        return holding;
    }

    String trouble() {
        return trouble;
    }

    boolean draining() {
        return draining;
    }

    void note(TransferEvent.Kind kind, String what, long nowMs) {
        holding.note("", new TransferEvent(nowMs, kind, what));
    }

    @Nullable AgentReader state(String reader, Journal journal) {
        return readers.get(stateName(reader, journal));
    }

    void closed(AgentLink link) {
        links.remove(link);
    }

    /** For whom a manager pulls this kind; null: for nobody. */
    @Nullable AgentReader reader(String manager, Journal journal) {
        return settings.readerOf(manager)
                .map(reader -> readers.get(stateName(reader, journal)))
                .orElse(null);
    }
}
