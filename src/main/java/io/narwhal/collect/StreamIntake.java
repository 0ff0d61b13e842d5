package io.narwhal.collect;

import io.narwhal.base.Check;
import io.narwhal.base.DiskFull;
import io.narwhal.base.Net;
import io.narwhal.base.NetFailure;
import io.narwhal.base.SessionArea;
import io.narwhal.base.StreamHandle;
import io.narwhal.base.StreamListener;
import io.narwhal.base.StreamSession;
import io.narwhal.base.StreamSession.State;
import io.narwhal.base.StreamSocket;
import io.narwhal.journal.JournalReader;
import io.narwhal.journal.JournalTrimmed;
import io.narwhal.record.Addresses;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The sessions of one address of a collector that listens for connections. One thread at a time.
 *
 * <p>Nothing is taken from a connection while something taken before waits for room in the journal:
 * so the kernel's queue fills, TCP's window closes, and the exporter waits. What is more than the
 * limit of sessions waits in the kernel too, unaccepted.
 *
 * <p>The steps, and what a successor finds in the area if the process dies behind each: accepted
 * (the beginning is journalled once more, which changes nothing) → bytes taken by the kernel into
 * the area (the successor appends them) → appended (it sees them in the journal, by connection and
 * batch number) → taken out of the area. It goes on with the connection itself when somebody kept
 * it; else the session ends.
 */
public final class StreamIntake {
    private static final int ACCEPT_MAX = 64;
    private static final int ACCEPT_PAUSE_STEPS = 50;

    private final Collector collector;
    private final Net net;
    private final StreamListener listener;
    private final SessionArea area;
    private final Settings settings;
    private final Consumer<String> log;
    private final Map<StreamHandle, StreamSession> sessions = new HashMap<>();
    private final List<StreamSocket> sockets = new ArrayList<>();
    // Those that have something to be journalled, in the order in which it came.
    private final Map<StreamSession, String> unsettled = new LinkedHashMap<>();
    private long bootMix;
    private final AtomicLong refused = new AtomicLong();
    private boolean full;
    private int acceptPause;
    // Whether all sessions of before are over, also those that nobody remembers.
    private boolean forget;

    /**
     * What it is told.
     *
     * @param listen number of the address among those of the collector
     * @param transport TCP or TLS
     * @param sessionsMax sessions at once
     * @param secure makes a connection that was just accepted one that speaks TLS, or leaves it
     */
    public record Settings(
            int listen, Transport transport, int sessionsMax, UnaryOperator<StreamSocket> secure) {
        public Settings {
            Check.that(transport.isSession(), "sessions by %s", transport);
            Check.that(sessionsMax <= SessionArea.SESSIONS_MAX, "%d sessions", sessionsMax);
        }
    }

    /** An intake that has accepted nothing yet; {@link #recover} comes first. */
    public StreamIntake(
            Collector collector,
            Net net,
            StreamListener listener,
            SessionArea area,
            Settings settings,
            Consumer<String> log) {
        this.collector = collector;
        this.net = net;
        this.listener = listener;
        this.area = area;
        this.settings = settings;
        this.log = log;
    }

    /**
     * What recovery did.
     *
     * @param resumed sessions that go on
     * @param ended sessions that had to end
     */
    public record Recovered(int resumed, int ended) {}

    /**
     * Brings what a predecessor left into the journal, and goes on with its connections, once.
     *
     * @param resume the connection of a session, if somebody kept it
     */
    public Recovered recover(
            UUID boot,
            Intake.JournalAt journal,
            Function<StreamSession, Optional<StreamSocket>> resume) {
        bootMix = boot.getMostSignificantBits() ^ boot.getLeastSignificantBits();
        if (!area.isOf(boot)) {
            area.format(boot);
        }
        int resumed = 0;
        int ended = 0;
        for (int number = 0; number < area.used(); number++) {
            StreamSession session = area.open(number);
            if (session.state() != State.FREE) {
                bringIn(session, journal);
                boolean ending = session.state() == State.ENDING;
                Optional<StreamSocket> socket = ending ? Optional.empty() : resume.apply(session);
                if (socket.isPresent()) {
                    session.heldAs(socket.get());
                    add(socket.get(), session);
                    unsettled.put(session, "");
                    resumed++;
                } else {
                    session.setState(State.ENDING);
                    unsettled.put(session, "it could not be taken over");
                    ended++;
                }
            }
        }
        forget = resumed == 0;
        return new Recovered(resumed, ended);
    }

    private void bringIn(StreamSession session, Intake.JournalAt journal) {
        session.recover();
        if (session.appendAt() >= 0 && isInJournal(session, journal)) {
            session.appended(
                    session.state() == State.ENDING
                            ? session.to()
                            : Framing.of(session.bytes(), session.from(), session.to()).to());
        } else {
            session.setAppendAt(-1);
        }
    }

    private boolean isInJournal(StreamSession session, Intake.JournalAt journal) {
        try (var reader = journal.open(session.appendAt())) {
            if (reader.next() != JournalReader.Step.FRAME) {
                return false;
            }
            var block = new ReceivedBlock();
            block.read(reader.bytes(), reader.payloadOffset(), reader.payloadLength());
            return block.kind() == ReceivedBlock.Kind.DATAGRAMS
                    && block.cookie() == (session.cookie() ^ bootMix)
                    && block.batch() == session.batch()
                    && block.next()
                    && block.source().high() == session.peerHigh()
                    && block.source().low() == session.peerLow()
                    && block.source().port() == session.peerPort();
        } catch (JournalTrimmed gone) {
            return true; // an append that failed takes its place back, so this one was read
        }
    }

    private Collector.Origin origin(long cookie) {
        return new Collector.Origin(
                settings.listen(), settings.listen(), settings.transport(), cookie ^ bootMix, 0);
    }

    /**
     * Journals what waits, then waits for more, accepts and receives.
     *
     * @return bytes that came
     * @throws DiskFull when there is no room: the next step tries again before it takes more
     */
    public int step(int timeoutMs) {
        settle();
        List<StreamHandle> handles = new ArrayList<>(sockets);
        acceptPause = Math.max(0, acceptPause - 1);
        if (sockets.size() < settings.sessionsMax()) {
            if (acceptPause == 0) {
                handles.add(listener);
            }
        } else if (!full) {
            log.accept(
                    settings.sessionsMax()
                            + " sessions, the limit (sessions): others wait until one ends");
        }
        full = sockets.size() >= settings.sessionsMax();
        List<StreamHandle> ready = net.ready(handles, timeoutMs);
        int bytes = 0;
        for (StreamHandle handle : ready) {
            switch (handle) {
                case StreamListener _ -> accept();
                case StreamSocket socket -> bytes += receive(socket);
            }
        }
        settle();
        return bytes;
    }

    private void accept() {
        for (int i = 0; i < ACCEPT_MAX && sockets.size() < settings.sessionsMax(); i++) {
            StreamSession session = area.open(freePlace());
            Optional<StreamSocket> accepted;
            try {
                accepted = listener.accept();
            } catch (NetFailure e) {
                // What waits stays ready: without a pause, this loop would do nothing else.
                acceptPause = ACCEPT_PAUSE_STEPS;
                log.accept(e.getMessage() + "; trying again");
                return;
            }
            if (accepted.isEmpty()) {
                return;
            }
            StreamSocket socket = settings.secure().apply(accepted.get());
            session.begin(socket);
            add(socket, session);
            unsettled.put(session, "");
        }
    }

    private int freePlace() {
        int place = 0;
        while (area.open(place).state() != State.FREE) {
            place++;
        }
        return place;
    }

    private void add(StreamSocket socket, StreamSession session) {
        sockets.add(socket);
        sessions.put(socket, session);
    }

    private int receive(StreamSocket socket) {
        StreamSession session = Objects.requireNonNull(sessions.get(socket));
        String end = null;
        int before = session.to();
        try {
            if (socket.receive(session) == StreamSocket.ENDED) {
                end = "";
            }
        } catch (NetFailure e) {
            end = String.valueOf(e.getMessage());
        }
        Framing framing = Framing.of(session.bytes(), session.from(), session.to());
        if (!framing.broken().isEmpty()) {
            end = framing.broken() + "; closing it";
        }
        if (end != null) {
            end(socket, session, end);
        } else if (framing.messages() > 0) {
            unsettled.putIfAbsent(session, "");
        }
        return session.to() - before;
    }

    private void end(StreamSocket socket, StreamSession session, String why) {
        if (why.startsWith("TLS: ")) {
            refused.incrementAndGet();
        }
        // Before the last bytes are journalled: a successor must not read on behind them.
        if (session.state() == State.OPEN) {
            session.setState(State.ENDING);
        }
        socket.shutdown();
        socket.close();
        sockets.remove(socket);
        sessions.remove(socket);
        unsettled.put(session, why.isEmpty() ? "the exporter ended it" : why);
    }

    /** Journals what waits; what there is no room for waits on. */
    private void settle() {
        while (!unsettled.isEmpty()) {
            var next = unsettled.entrySet().iterator().next();
            settle(next.getKey(), next.getValue());
            unsettled.remove(next.getKey());
        }
        if (forget) {
            collector.mark(ReceivedBlock.Kind.SESSION_ENDED, origin(0));
            forget = false;
        }
    }

    private void settle(StreamSession session, String why) {
        if (session.state() == State.ACCEPTED) {
            collector.mark(ReceivedBlock.Kind.SESSION_BEGAN, session, origin(session.cookie()));
            session.setState(why.isEmpty() ? State.OPEN : State.ENDING);
        }
        Framing whole = Framing.of(session.bytes(), session.from(), session.to());
        boolean ending = session.state() == State.ENDING;
        int to = ending ? session.to() : whole.to();
        int rest = to - whole.to();
        if (to > session.from()) {
            collector.append(session, whole, to, origin(session.cookie()));
            session.appended(to);
        }
        if (ending) {
            collector.mark(ReceivedBlock.Kind.SESSION_ENDED, session, origin(session.cookie()));
            session.setState(State.FREE);
            log.accept(told(session, why, rest));
        }
    }

    private static String told(StreamSession session, String why, int rest) {
        return "session of "
                + Addresses.text(session.peerHigh(), session.peerLow())
                + " port "
                + session.peerPort()
                + " ended: "
                + why
                + (rest == 0 ? "" : "; its last " + rest + " bytes are no message");
    }

    /** Whether something that was taken found no room in the journal yet. */
    public boolean isHolding() {
        return !unsettled.isEmpty();
    }

    /** Sessions now. */
    public int sessions() {
        return sockets.size();
    }

    /** Connections that TLS refused since this process began; from any thread. */
    public long refused() {
        return refused.get();
    }

    /** Journals that time has passed. */
    public void tick() {
        collector.mark(ReceivedBlock.Kind.TICK, origin(0));
    }

    /** Ends all sessions: nothing more is taken. */
    public void endSessions() {
        for (StreamSocket socket : List.copyOf(sockets)) {
            StreamSession session = Objects.requireNonNull(sessions.get(socket));
            end(socket, session, "the collector is drained");
        }
        area.listensNoMore();
        listener.close();
        settle();
    }

    /** Journals that nothing more will come. */
    public void close() {
        collector.mark(ReceivedBlock.Kind.CLOSE, origin(0));
    }
}
