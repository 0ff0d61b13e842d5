package io.narwhal.component;

import io.narwhal.base.Check;
import io.narwhal.base.DiskFailure;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.PullConfig;
import io.narwhal.config.TransferTls;
import io.narwhal.remote.Credentials;
import io.narwhal.remote.Ending;
import io.narwhal.remote.Link;
import io.narwhal.remote.LinkHandler;
import io.narwhal.remote.ManagerClient;
import io.narwhal.remote.Security;
import io.narwhal.remote.TlsFiles;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;
import io.narwhal.transfer.LinkSettings;
import io.narwhal.transfer.Manager;
import io.narwhal.transfer.ManagerLink;
import io.narwhal.transfer.ManagerState;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The connections of the pull component: dials, hands what comes to the state machines, on the one
 * thread that owns these, and looks at what administrators wish.
 */
final class PullLinks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PullLinks.class);

    /** Messages that are heard before something else is done. */
    private static final int HEARD_MAX = 64;

    /** What happened to a connection; from the threads of the transport. */
    private sealed interface Event {
        One one();

        record Opened(One one, Link<FromManager> link) implements Event {}

        record Received(One one, Link<FromManager> link, FromAgent message) implements Event {}

        record Closed(One one, Link<FromManager> link, Ending ending) implements Event {}
    }

    /** One link of the configuration. */
    private static final class One {
        private final PullConfig config;
        private final ManagerLink machine;
        private @Nullable Link<FromManager> link;
        private @Nullable Security security;
        private String complaint = "";
        private boolean dialling;

        One(PullConfig config, ManagerLink machine) {
            this.config = config;
            this.machine = machine;
        }
    }

    private final Environment environment;
    private final Manager manager;
    private final ManagerClient client;
    private final TransferWishes wishes;
    private final PullFacts facts;
    private final Map<String, One> all = new LinkedHashMap<>();
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final List<Link<FromManager>> untaken = new ArrayList<>();
    private boolean closing;

    PullLinks(Environment environment, Manager manager, ManagerClient client) {
        this.environment = environment;
        this.manager = manager;
        this.client = client;
        this.wishes = new TransferWishes(environment.disk(), environment.layout());
        this.facts = new PullFacts(environment);
    }

    void add(PullConfig config, LinkSettings settings, long nowMs) {
        all.put(config.name(), new One(config, manager.add(settings, nowMs)));
    }

    // ---- connections ----

    /** Tries to connect where that is due. */
    void connect(long nowMs) {
        for (One one : all.values()) {
            boolean isDue =
                    one.machine.state() == ManagerState.DISCONNECTED
                            && one.link == null
                            && !one.dialling
                            && !closing
                            && nowMs >= one.machine.connectAtMs();
            if (isDue) {
                dial(one, nowMs);
            }
        }
    }

    private void dial(One one, long nowMs) {
        Security security = security(one);
        if (security == null) {
            one.machine.disconnected(one.complaint, nowMs);
            return;
        }
        one.dialling = true;
        client.dial(
                new ManagerClient.Target(
                        one.config.address().host(),
                        one.config.address().port(),
                        one.config.identity(),
                        security),
                new Handler(one));
    }

    private @Nullable Security security(One one) {
        TransferTls tls = one.config.tls();
        if (one.security == null && tls == null) {
            one.security = new Security.InClear();
        } else if (one.security == null && tls != null) {
            var files =
                    new TlsFiles(
                            tls.certificate(),
                            tls.key(),
                            tls.ca(),
                            tls.revoked(),
                            tls.fromDirectory());
            switch (Credentials.read(environment.disk(), files, environment.clock())) {
                case Credentials.Read.Good(var credentials) ->
                        one.security = new Security.Mutual(credentials);
                case Credentials.Read.Bad(var message) -> complain(one, message);
            }
        }
        return one.security;
    }

    private static void complain(One one, String message) {
        if (!message.equals(one.complaint)) {
            LOG.warn("{}: {}", one.config.name(), message);
        }
        one.complaint = message;
    }

    private final class Handler implements LinkHandler<FromAgent, FromManager> {
        private final One one;

        Handler(One one) {
            this.one = one;
        }

        @Override
        public void opened(Link<FromManager> link) {
            events.add(new Event.Opened(one, link));
        }

        @Override
        public void received(Link<FromManager> link, FromAgent message) {
            events.add(new Event.Received(one, link, message));
        }

        @Override
        public void ready(Link<FromManager> link) {
            // What a manager says is small; it waits for nothing.
        }

        @Override
        public void closed(Link<FromManager> link, Ending ending) {
            events.add(new Event.Closed(one, link, ending));
        }
    }

    /** Hears what has come, waiting so long at the most for the first of it. */
    void hear(long waitMs, long nowMs) {
        try {
            Event event = events.poll(waitMs, TimeUnit.MILLISECONDS);
            for (int left = HEARD_MAX; event != null && left > 0; left--) {
                heard(event, nowMs);
                event = left > 1 ? events.poll() : null;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void heard(Event event, long nowMs) {
        One one = event.one();
        switch (event) {
            case Event.Opened(var _, var link) -> opened(one, link, nowMs);
            case Event.Received(var _, var link, var message) -> {
                untaken.add(link);
                if (one.link == link) {
                    one.machine.receive(message, nowMs);
                    endIfOver(one, nowMs);
                }
            }
            case Event.Closed(var _, var link, var ending) -> {
                one.dialling = false;
                if (one.link == link || one.link == null) {
                    one.link = null;
                    if (ending.refusal() != null) {
                        complain(one, ending.why());
                    }
                    one.machine.disconnected(ending.why(), nowMs);
                }
            }
        }
    }

    private void opened(One one, Link<FromManager> link, long nowMs) {
        if (closing || one.link != null) {
            link.close("this link is not wanted");
            return;
        }
        one.link = link;
        one.complaint = "";
        String peer = link.peer().inClear() ? "" : one.config.identity();
        one.machine.connected(peer, message -> say(one, link, message), nowMs);
        endIfOver(one, nowMs);
    }

    private static void say(One one, Link<FromManager> link, FromManager message) {
        if (one.link == link) {
            link.send(message);
        }
    }

    // The machine has said its last word: what was sent goes out, and then the connection ends.
    private static void endIfOver(One one, long nowMs) {
        Link<FromManager> link = one.link;
        if (link != null && one.machine.state() == ManagerState.DISCONNECTED) {
            link.close("closed by the manager");
            one.link = null;
            one.machine.disconnected("closed by the manager", nowMs);
        }
    }

    /** What was heard is saved, or thrown away: more may come. */
    void taken() {
        untaken.forEach(Link::taken);
        untaken.clear();
    }

    // ---- once a second ----

    /** Looks at files: certificates, wishes; and writes down how the links stand. */
    void look(PullStore store, long nowMs) {
        client.refresh();
        all.values().forEach(PullLinks::refresh);
        wish(nowMs);
        all.values().forEach(one -> endIfOver(one, nowMs));
        facts.write(manager.facts(), store, this::complaintOf, nowMs);
    }

    private static void refresh(One one) {
        if (one.security instanceof Security.Mutual(var credentials)) {
            credentials.refresh();
            if (!credentials.complaint().isEmpty()) {
                complain(one, credentials.complaint());
            }
        }
    }

    private void wish(long nowMs) {
        try {
            for (TransferWishes.Wish wish : wishes.all()) {
                One one = all.get(wish.link());
                if (one != null) {
                    grant(one, wish.what(), nowMs);
                }
                wishes.end(wish);
            }
        } catch (DiskFailure e) {
            LOG.warn("what was wished is looked at later: {}", e.getMessage());
        }
    }

    private void grant(One one, TransferWishes.What what, long nowMs) {
        switch (what) {
            case PULL -> one.machine.pull(nowMs);
            case ACCEPT -> {
                int accepted = one.machine.accept(nowMs);
                LOG.info("{}: an administrator accepted {} journals", one.config.name(), accepted);
            }
        }
    }

    private String complaintOf(String link) {
        One one = all.get(link);
        return one == null ? "" : complaint(one);
    }

    /** What an operator should see to, of the first link that has something; or empty. */
    String complaint() {
        return all.values().stream()
                .filter(one -> !complaint(one).isEmpty())
                .findFirst()
                .map(one -> one.config.name() + ": " + complaint(one))
                .orElse("");
    }

    private static String complaint(One one) {
        return one.complaint.isEmpty() ? one.machine.refused() : one.complaint;
    }

    /** Says goodbye to all agents. */
    @Override
    public void close() {
        closing = true;
        for (One one : all.values()) {
            Link<FromManager> link = one.link;
            if (link != null) {
                link.close(environment.config().node() + " (" + NodeConfig.PULL + ") stops");
                one.link = null;
            }
        }
        taken();
        Check.that(untaken.isEmpty(), "nothing is owed to the transport");
    }
}
