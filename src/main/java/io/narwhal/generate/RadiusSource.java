package io.narwhal.generate;

import io.narwhal.base.Clock;
import io.narwhal.base.UdpClient;
import io.narwhal.radius.AnswerCheck;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.RequestWriter;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Carries a {@link RadiusPlan} out: sends requests, waits for their answers, sends again what was
 * not answered. One thread runs it; any thread may {@link #finish} or {@link #stop} it.
 *
 * <p>Requests of one session go one after the other, each when the one before it was answered;
 * sessions know nothing of each other. An answer counts only if it is genuine, and then it answers
 * its request under whatever identifier that went, also if a later copy of the request is out.
 */
public final class RadiusSource implements AutoCloseable {
    private static final long NANOS = 1_000_000_000L;
    private static final long NANOS_PER_MS = 1_000_000;

    /** Longest wait, so that a stop is soon heeded. */
    private static final long WAIT_MAX_NANOS = 100 * NANOS_PER_MS;

    /** Sessions at once for which a socket is opened: half its identifiers, to have some spare. */
    private static final int SESSIONS_PER_SOCKET = Identifiers.COUNT / 2;

    // Purposes of SessionScript.draw, beyond those of the script itself.
    private static final int WHETHER_AGAIN = 8;
    private static final int HOW_AGAIN = 9;
    private static final int RETRY = 16;

    private final RadiusPlan plan;
    private final byte[] secret;
    private final UdpClient client;
    private final Clock clock;
    private final RequestWriter writer = new RequestWriter();
    private final AnswerCheck judge = new AnswerCheck();
    private final Identifiers[] identifiers;
    private final int socketsPerNas;
    private final byte[] packet = new byte[Attribute.PACKET_BYTES_MAX];
    private final Latencies latencies = new Latencies();

    /** Sessions whose next request may go. */
    private final ArrayDeque<OpenSession> ready = new ArrayDeque<>();

    /** Sessions with a request on its way, in the order in which these were last sent. */
    private final LinkedHashSet<OpenSession> waiting = new LinkedHashSet<>();

    // By session: how many of its reports were sent, and answered.
    private int[] sent = new int[1_024];
    private int[] answered = new int[1_024];
    private int sessions;

    private volatile long answers;
    private volatile boolean finishing;
    private volatile boolean stopped;
    private long startNanos;
    private long begun;
    private int turn;
    private long requests;
    private long answeredRequests;
    private long duplicates;
    private long answeredDuplicates;
    private long retransmitted;
    private long datagrams;
    private long notTaken;
    private long givenUp;
    private long lateAnswers;
    private long falseAnswers;

    /**
     * What has happened so far.
     *
     * @param answered requests and duplicates
     */
    public record Progress(
            long requests, long answered, long retransmitted, long waiting, long elapsedNanos) {
        /** Mean since the start. */
        public long answersPerSecond() {
            return (long) ((double) answered * NANOS / Math.max(1, elapsedNanos));
        }
    }

    /** Is told about once a second, and at the end. */
    public interface ProgressListener {
        /** Called by the thread that sends. */
        void told(Progress progress);
    }

    /**
     * Sends through a given client, which has {@link #sources} for sockets; closes it at last.
     *
     * @param secret shared with the server, at least one octet
     */
    public RadiusSource(RadiusPlan plan, byte[] secret, UdpClient client, Clock clock) {
        this.plan = plan;
        this.secret = secret.clone();
        this.client = client;
        this.clock = clock;
        this.socketsPerNas = socketsPerNas(plan);
        this.identifiers = new Identifiers[socketsPerNas * plan.nas()];
        Arrays.setAll(identifiers, _ -> new Identifiers(this.secret));
    }

    /**
     * Opens the sockets: one for each NAS, or several when more requests are out at once than one
     * can tell apart.
     *
     * @throws java.io.UncheckedIOException when one cannot be bound
     */
    public static RadiusSource open(RadiusPlan plan, byte[] secret, Clock clock) {
        return new RadiusSource(plan, secret, UdpClient.open(sources(plan), plan.target()), clock);
    }

    private static int socketsPerNas(RadiusPlan plan) {
        int sessionsPerNas = (plan.outstanding() + plan.nas() - 1) / plan.nas();
        return (sessionsPerNas + SESSIONS_PER_SOCKET - 1) / SESSIONS_PER_SOCKET;
    }

    /** Where the sockets of a plan are to be bound. */
    static List<InetSocketAddress> sources(RadiusPlan plan) {
        int perNas = socketsPerNas(plan);
        List<InetSocketAddress> sources = new ArrayList<>();
        for (int i = 0; i < plan.nas() * perNas; i++) {
            sources.add(TrafficSource.source(plan.target().getAddress(), i / perNas));
        }
        return sources;
    }

    /**
     * Reports all that the plan asks for, or until {@link #stop}.
     *
     * @throws java.io.UncheckedIOException when the system can send no more
     */
    public RadiusTruth run(ProgressListener listener) {
        startNanos = clock.monotonicNanos();
        long told = startNanos;
        while (!stopped) {
            long now = clock.monotonicNanos();
            begin(now);
            retransmit(now);
            if (waiting.isEmpty() && !mayBegin(now) && !more(now)) {
                break;
            }
            client.receive(this::answer, waitNanos(now));
            answers = answeredRequests + answeredDuplicates;
            if (now - told >= NANOS) {
                told += NANOS;
                listener.told(progress());
            }
        }
        listener.told(progress());
        return truth();
    }

    /** Requests and duplicates that have been answered so far; for any thread. */
    public long answers() {
        return answers;
    }

    /** Has no more requests begun; {@link #run} returns when those that are out are answered. */
    public void finish() {
        finishing = true;
    }

    /** Makes {@link #run} return soon; what is on its way then stays unanswered. */
    public void stop() {
        stopped = true;
    }

    private boolean isOver(long now) {
        return finishing
                || plan.durationMs() > 0 && now - startNanos >= plan.durationMs() * NANOS_PER_MS;
    }

    /** Whether a request can be begun, now or later, without an answer coming first. */
    private boolean more(long now) {
        boolean room = open() < plan.outstanding() && sessions < plan.sessionsMax();
        return !isOver(now) && (!ready.isEmpty() || room);
    }

    private boolean mayBegin(long now) {
        return more(now) && now >= dueNanos();
    }

    private int open() {
        return ready.size() + waiting.size();
    }

    /** When the next request may go, by an absolute schedule: what is late is caught up. */
    private long dueNanos() {
        long rate = plan.requestsPerSecond();
        return rate == 0 ? startNanos : startNanos + (long) ((double) begun / rate * NANOS);
    }

    private void begin(long now) {
        while (mayBegin(now)) {
            OpenSession session = ready.poll();
            if (session == null) {
                session = nextSession();
            }
            if (!send(session)) {
                ready.addFirst(session);
                return;
            }
            begun++;
        }
    }

    private OpenSession nextSession() {
        if (sessions == sent.length) {
            sent = Arrays.copyOf(sent, 2 * sessions);
            answered = Arrays.copyOf(answered, 2 * sessions);
        }
        var session = new OpenSession(new SessionScript(plan, sessions++));
        session.aim(0);
        return session;
    }

    /** Sends a request for the first time; false when every identifier is in use. */
    private boolean send(OpenSession session) {
        if (!takeIdentifier(session)) {
            return false;
        }
        session.firstNanos = clock.monotonicNanos();
        session.sends = 0;
        if (session.again) {
            duplicates++;
        } else {
            requests++;
            sent[session.script.number()] = session.report + 1;
        }
        transmit(session, session.firstNanos);
        return true;
    }

    private boolean takeIdentifier(OpenSession session) {
        boolean same = session.again && !changes(session, HOW_AGAIN);
        if (same && identifiers[session.socket].take(session.identifier, session)) {
            session.hold(identifiers, session.socket, session.identifier);
            return true;
        }
        return takeNewIdentifier(session);
    }

    private boolean takeNewIdentifier(OpenSession session) {
        for (int i = 0; i < socketsPerNas; i++) {
            int socket = session.script.nas() * socketsPerNas + turn++ % socketsPerNas;
            int identifier = identifiers[socket].take(session);
            if (identifier != Identifiers.NONE) {
                session.hold(identifiers, socket, identifier);
                return true;
            }
        }
        return false;
    }

    private boolean changes(OpenSession session, int purpose) {
        return switch (plan.delay()) {
            case CHANGES -> true;
            case STAYS -> false;
            case MIXED -> (session.script.draw(session.report, purpose) & 1) == 0;
        };
    }

    private void transmit(OpenSession session, long now) {
        int length =
                session.script.write(
                        writer,
                        packet,
                        session.identifier,
                        session.report,
                        session.reported,
                        session.delaySeconds,
                        secret);
        identifiers[session.socket].sending(packet);
        if (client.send(session.socket, packet, length)) {
            datagrams++;
        } else {
            notTaken++;
        }
        session.sends++;
        session.sentNanos = now;
        waiting.remove(session);
        waiting.add(session);
    }

    private void retransmit(long now) {
        while (!waiting.isEmpty()) {
            OpenSession session = waiting.getFirst();
            if (now - session.sentNanos < plan.timeoutMs() * NANOS_PER_MS) {
                return;
            }
            if (plan.retries() >= 0 && session.sends > plan.retries()) {
                givenUp++;
                end(session);
                goOn(session);
            } else {
                retransmitted++;
                change(session, now);
                transmit(session, now);
            }
        }
    }

    /** A delay that has grown makes a new packet, which needs a new identifier. */
    private void change(OpenSession session, long now) {
        long delay = (now - session.firstNanos + NANOS - 1) / NANOS;
        if (delay > session.delaySeconds
                && changes(session, RETRY + (session.sends & 31))
                && takeNewIdentifier(session)) {
            session.delaySeconds = delay;
        }
    }

    private void answer(int socket, byte[] bytes, int length) {
        Identifiers mine = identifiers[socket];
        switch (mine.judge(judge, bytes, length)) {
            case LATE -> lateAnswers++;
            case FALSE -> falseAnswers++;
            case AWAITED -> answered(mine.owner(bytes[1] & 0xff));
        }
    }

    private void answered(@Nullable OpenSession session) {
        if (session == null) {
            throw new IllegalStateException("an answer that is awaited has somebody who awaits it");
        }
        latencies.add(clock.monotonicNanos() - session.firstNanos);
        end(session);
        if (session.again) {
            answeredDuplicates++;
        } else {
            answeredRequests++;
            answered[session.script.number()] = session.report + 1;
            if (repeats(session)) {
                return;
            }
        }
        goOn(session);
    }

    private void end(OpenSession session) {
        waiting.remove(session);
        session.release(identifiers);
    }

    /** Whether what was just answered is sent again at once. */
    private boolean repeats(OpenSession session) {
        long bits = session.script.draw(session.report, WHETHER_AGAIN);
        if (session.postponed >= 0
                || Long.remainderUnsigned(bits, 100) >= plan.duplicatePercent()) {
            return false;
        }
        boolean later = session.report < plan.stop() && (bits >>> 60 & 1) == 0;
        if (later) {
            session.postponed = session.report;
            return false;
        }
        again(session, session.report);
        return true;
    }

    private void again(OpenSession session, int report) {
        boolean other = report != session.report;
        session.aimAgain(report);
        if (changes(session, HOW_AGAIN)) {
            session.delaySeconds++;
        } else if (other) {
            session.delaySeconds = 0;
        }
        ready.add(session);
    }

    /** On to the session's next request, if there is one. */
    private void goOn(OpenSession session) {
        int postponed = session.postponed;
        if (postponed >= 0 && postponed < session.reached) {
            session.postponed = -1;
            again(session, postponed);
        } else if (session.reached < plan.stop()) {
            session.aim(session.reached + 1);
            ready.add(session);
        }
    }

    private long waitNanos(long now) {
        long wait = WAIT_MAX_NANOS;
        if (!waiting.isEmpty()) {
            long due = waiting.getFirst().sentNanos + plan.timeoutMs() * NANOS_PER_MS;
            wait = Math.min(wait, due - now);
        }
        // Without a free identifier there is nothing to do but wait for an answer.
        boolean paced = plan.requestsPerSecond() > 0 && more(now) && dueNanos() > now;
        return Math.max(1, paced ? Math.min(wait, dueNanos() - now) : wait);
    }

    private Progress progress() {
        return new Progress(
                requests,
                answeredRequests + answeredDuplicates,
                retransmitted,
                waiting.size(),
                clock.monotonicNanos() - startNanos);
    }

    /** What has been sent and answered so far; not while {@link #run} runs. */
    public RadiusTruth truth() {
        var totals =
                new RadiusTruth.Totals(
                        sessions,
                        requests,
                        answeredRequests,
                        duplicates,
                        answeredDuplicates,
                        retransmitted,
                        datagrams,
                        notTaken,
                        givenUp,
                        lateAnswers,
                        falseAnswers);
        var latency =
                new RadiusTruth.Latency(
                        latencies.perMille(500),
                        latencies.perMille(900),
                        latencies.perMille(990),
                        latencies.max());
        return new RadiusTruth(
                plan, sent, answered, totals, latency, clock.monotonicNanos() - startNanos);
    }

    @Override
    public void close() {
        client.close();
    }
}
