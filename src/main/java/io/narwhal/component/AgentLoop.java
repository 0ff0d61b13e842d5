package io.narwhal.component;

import io.narwhal.remote.Ending;
import io.narwhal.remote.Link;
import io.narwhal.remote.LinkHandler;
import io.narwhal.remote.Peer;
import io.narwhal.transfer.Agent;
import io.narwhal.transfer.AgentLink;
import io.narwhal.transfer.AgentState;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Brings what happens on links, told by threads of the transport, to the agent's machine on the one
 * thread that owns it, and sends as much as each connection takes. What waits here is bounded by
 * the transport, which brings no more of a link than it was told is worked off.
 */
final class AgentLoop implements LinkHandler<FromManager, FromAgent> {
    /** Events of one turn, so that a flood on one link keeps nobody from the clock. */
    private static final int EVENTS_MAX = 1_000;

    /** Messages of one link, before the next link has its turn. */
    private static final int MESSAGES_MAX = 4;

    private sealed interface Event {
        Link<FromAgent> link();

        record Opened(Link<FromAgent> link) implements Event {}

        record Received(Link<FromAgent> link, FromManager message) implements Event {}

        record Ready(Link<FromAgent> link) implements Event {}

        record Closed(Link<FromAgent> link, String why) implements Event {}
    }

    private record Connected(Link<FromAgent> link, AgentLink machine) {}

    private final Agent agent;
    private final List<String> managers;
    private final BlockingQueue<Event> queue = new LinkedBlockingQueue<>();
    private final Map<Long, Connected> links = new LinkedHashMap<>();

    /**
     * A loop without links.
     *
     * @param managers who may connect, to know by which of its names a peer is meant
     */
    AgentLoop(Agent agent, List<String> managers) {
        this.agent = agent;
        this.managers = List.copyOf(managers);
    }

    @Override
    public void opened(Link<FromAgent> link) {
        queue.add(new Event.Opened(link));
    }

    @Override
    public void received(Link<FromAgent> link, FromManager message) {
        queue.add(new Event.Received(link, message));
    }

    @Override
    public void ready(Link<FromAgent> link) {
        queue.add(new Event.Ready(link));
    }

    @Override
    public void closed(Link<FromAgent> link, Ending ending) {
        queue.add(new Event.Closed(link, ending.why()));
    }

    /** Links that are open. */
    int links() {
        return links.size();
    }

    /** Address of a manager; empty when it is not connected. */
    String address(String manager) {
        return links.values().stream()
                .filter(one -> one.machine().manager().equals(manager))
                .map(one -> one.link().peer().address())
                .findFirst()
                .orElse("");
    }

    /** Waits until something happens, at most so long; it is worked off by {@link #work}. */
    void await(long millis, long nowMs) {
        try {
            Event event = queue.poll(millis, TimeUnit.MILLISECONDS);
            if (event != null) {
                on(event, nowMs);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Works off what has happened, and sends what may be sent.
     *
     * @return whether there is more to do at once
     */
    boolean work(long nowMs) {
        int events = 0;
        for (Event event = queue.poll(); event != null; event = queue.poll()) {
            on(event, nowMs);
            if (++events >= EVENTS_MAX) {
                break;
            }
        }
        boolean more = events >= EVENTS_MAX;
        for (Connected one : List.copyOf(links.values())) {
            more |= send(one, nowMs);
        }
        return more;
    }

    private boolean send(Connected one, long nowMs) {
        boolean more = true;
        for (int i = 0; more && i < MESSAGES_MAX; i++) {
            // Ready is asked anew each time; when it is again, the transport says so.
            more = one.link().isReady() && one.machine().work(nowMs);
        }
        endIfClosed(one);
        return more && one.link().isReady();
    }

    private void on(Event event, long nowMs) {
        switch (event) {
            case Event.Opened(var link) -> {
                AgentLink machine =
                        agent.connect(name(link.peer()), message -> say(link, message), nowMs);
                links.put(link.id(), new Connected(link, machine));
            }
            case Event.Received(var link, var message) -> {
                Connected one = links.get(link.id());
                try {
                    if (one != null) {
                        one.machine().receive(message, nowMs);
                        endIfClosed(one);
                    }
                } finally {
                    link.taken();
                }
            }
            case Event.Ready _ -> {} // it is sent to when its turn comes, which is at once
            case Event.Closed(var link, var why) -> {
                Connected one = links.remove(link.id());
                if (one != null) {
                    one.machine().disconnected(why, nowMs);
                }
            }
        }
    }

    private static void say(Link<FromAgent> link, FromAgent message) {
        link.send(message);
        if (message instanceof FromAgent.Close(String reason)) {
            link.close(reason);
        }
    }

    private static void endIfClosed(Connected one) {
        if (one.machine().state() == AgentState.CLOSED) {
            one.link().close("closed"); // once more is no harm
        }
    }

    /** By its certificate; in clear a manager is believed what it says, so nothing is known yet. */
    private String name(Peer peer) {
        if (peer.inClear()) {
            return "";
        }
        Optional<String> known = managers.stream().filter(peer::mayBe).findFirst();
        return known.orElseGet(peer::label);
    }
}
