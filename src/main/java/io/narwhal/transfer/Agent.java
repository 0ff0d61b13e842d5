package io.narwhal.transfer;

import java.util.List;
import java.util.Map;
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

    private Agent() {}

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
        throw new UnsupportedOperationException();
    }

    /**
     * A manager has connected. The hello goes out at once.
     *
     * @param peer its name by its certificate; empty in clear: then it is believed what it says
     * @param outbox takes what is to be sent, in order; after a {@code Close} or when {@link
     *     AgentLink#state} is CLOSED the connection is to be ended
     */
    public AgentLink connect(String peer, Consumer<FromAgent> outbox, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Time passes, or something was published: thresholds, retries, failover, saving, freeing. */
    public void tick(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Collecting is in trouble, or (empty) no more. */
    public void collecting(String trouble, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** The agent drains: asks to be pulled until everything is acknowledged. */
    public void drain(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether a reader has ever opened this kind of journal. Before its first open of any kind both
     * kinds are held for it; after that only what it has opened: the other kind is freed by the
     * caller, up to each journal's end.
     */
    public boolean opened(String reader, Journal journal) {
        throw new UnsupportedOperationException();
    }

    /** What a reader has acknowledged, durably, of each journal: nothing before it is needed. */
    public Map<StreamId, Long> acknowledged(String reader, Journal journal) {
        throw new UnsupportedOperationException();
    }

    /** How everything stands: one for each member of each reader and kind that ever opened. */
    public List<LinkFacts> facts() {
        throw new UnsupportedOperationException();
    }

    /** Saves what is not saved yet and frees: before the process ends. */
    public void close(long nowMs) {
        throw new UnsupportedOperationException();
    }
}
