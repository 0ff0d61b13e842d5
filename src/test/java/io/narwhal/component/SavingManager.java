package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.remote.Ending;
import io.narwhal.remote.Link;
import io.narwhal.remote.Peer;
import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;
import io.narwhal.transfer.Incarnation;
import io.narwhal.transfer.Journal;
import io.narwhal.transfer.Positions;
import io.narwhal.transfer.Resumption;
import io.narwhal.transfer.Stream;
import io.narwhal.transfer.StreamId;
import io.narwhal.transfer.Thresholds;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A manager that never dies, and saves whatever it is sent; by hand, not by the machine. */
final class SavingManager {
    /** What it has: frames by where they stood in each journal. */
    final Map<StreamId, TreeMap<Long, String>> saved = new TreeMap<>();

    final List<FromAgent> heard = new ArrayList<>();
    final Journal journal;
    Positions positions = new Positions();
    boolean acknowledges = true;
    boolean pulls = true;
    Thresholds thresholds = new Thresholds(0, 0, 0, 0, 1_000);
    long maxBytes = 600;
    private final String name;
    private long pull;

    SavingManager(String name, Journal journal) {
        this.name = name;
        this.journal = journal;
    }

    /** How far it has saved a journal. */
    long through(StreamId id) {
        var known = positions.of(id);
        return known == null ? 0 : known.through();
    }

    /** Connects to an agent. */
    Connection connect(AgentLoop agent, long number) {
        var connection = new Connection(agent, number);
        agent.opened(connection);
        return connection;
    }

    /** One connection; what is said is answered at once. */
    final class Connection implements Link<FromAgent> {
        private final AgentLoop agent;
        private final long number;
        private final Map<StreamId, List<Incarnation>> lineages = new HashMap<>();
        private long lastTxn;
        private long digest;
        boolean isClosed;
        boolean isReady = true;

        Connection(AgentLoop agent, long number) {
            this.agent = agent;
            this.number = number;
        }

        @Override
        public long id() {
            return number;
        }

        @Override
        public Peer peer() {
            return new Peer(List.of(), "127.0.0.1:1", true);
        }

        @Override
        public boolean isReady() {
            return isReady && !isClosed;
        }

        @Override
        public void send(FromAgent message) {
            if (isClosed) {
                return;
            }
            if (!(message instanceof FromAgent.AccountingData)) {
                heard.add(message);
            }
            switch (message) {
                case FromAgent.Hello hello -> {
                    for (Stream stream : hello.streams()) {
                        lineages.put(stream.id(), stream.lineage());
                    }
                    say(
                            new FromManager.Open(
                                    name,
                                    1,
                                    "instance",
                                    journal,
                                    positions.stores(),
                                    positions.lastTxn()));
                }
                case FromAgent.Opened opened -> {
                    opened.streams().forEach(this::resumed);
                    say(new FromManager.SetThresholds(1, thresholds));
                    pull();
                }
                case FromAgent.AccountingData data -> save(data);
                case FromAgent.EndOfData end -> {
                    acknowledge();
                    if (end.remaining().bytes() > 0) {
                        pull();
                    }
                }
                case FromAgent.PullRequest _ -> pull();
                case FromAgent.Close _ -> isClosed = true;
                case FromAgent.ThresholdsResult _,
                        FromAgent.Resolve _,
                        FromAgent.Status _,
                        FromAgent.Trouble _ -> {}
            }
        }

        private void resumed(Resumption one) {
            positions.resumed(one, lineages.getOrDefault(one.id(), List.of()));
        }

        void pull() {
            if (pulls) {
                say(new FromManager.ProvideAccountingData(++pull, 1_000, maxBytes));
            }
        }

        void acknowledge() {
            if (acknowledges && lastTxn > 0) {
                say(new FromManager.Acknowledge(lastTxn, digest));
            }
        }

        private void say(FromManager message) {
            agent.received(this, message);
        }

        private void save(FromAgent.AccountingData data) {
            lastTxn = data.txn();
            digest = data.digest();
            assertThat(data.gap()).isEmpty();
            ByteBuffer frames = data.frames().duplicate();
            var own = saved.computeIfAbsent(data.stream(), _ -> new TreeMap<>());
            while (frames.hasRemaining()) {
                byte[] payload = new byte[frames.getInt()];
                frames.getInt();
                frames.getLong();
                long position = frames.getLong();
                frames.get(payload);
                String text = new String(payload, StandardCharsets.UTF_8);
                String before = own.putIfAbsent(position, text);
                assertThat(before == null || before.equals(text))
                        .as("position %d of %s holds one content", position, data.stream())
                        .isTrue();
            }
            positions.appended(
                    data.stream(),
                    data.epoch(),
                    data.incarnation(),
                    data.from(),
                    data.through(),
                    data.txn());
        }

        @Override
        public void taken() {}

        @Override
        public void close(String reason) {
            if (!isClosed) {
                isClosed = true;
                agent.closed(this, new Ending(null, true, reason));
            }
        }

        /** The network is gone. */
        void cut() {
            if (!isClosed) {
                isClosed = true;
                agent.closed(this, new Ending(null, false, "cut"));
            }
        }
    }
}
