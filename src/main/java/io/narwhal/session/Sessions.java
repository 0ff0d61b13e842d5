package io.narwhal.session;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.radius.AccountingRequest;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.Status;
import io.narwhal.record.Addresses;
import io.narwhal.record.Books;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.Reason;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.RecordSink;
import io.narwhal.record.Source;
import io.narwhal.record.Tally;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * From Accounting-Requests to usage: the cumulative counters of each session become differences,
 * each once, spread over the time since the counters before (RFC 2866, 2869). Which request is of
 * which session, which came before, and what its counters mean, is said in
 * docs/protocols/radius-sessions.md.
 *
 * <p>The books: a request is received, and then accounted, duplicate or rejected. Octets and
 * packets are those that it added. Rows go to the sink; they are counted here.
 *
 * <p>A pure function of its calls: no clock, no randomness. Not for more than one thread.
 */
public final class Sessions {
    /** Sessions of one id that are known at once. */
    public static final int SESSIONS_OF_ID_MAX = 8;

    /** The longest time that usage is spread over. */
    public static final long SPREAD_MS = Event.BEHIND_MS;

    private static final int STATE_VERSION = 1;

    private final SessionLimits limits;
    private final Books books;
    private final SessionWatcher watcher;
    private final UsageWriter rows;
    private final RecordBlock block;

    private final AccountingRequest request = new AccountingRequest();
    private final Event event = new Event();
    private final Counters counters = new Counters();
    private final Devices devices = new Devices();
    private final Index index = new Index();
    private final Heard open = new Heard();
    private final Heard closed = new Heard();
    private final Tally begun = new Tally();

    private int sessionsMax;
    private long nextNumber = 1;

    /** The newest arrival and watermark. */
    private long nowMs = Long.MIN_VALUE;

    /**
     * One that knows nothing yet.
     *
     * @param block where rows are put; the fields that it wants are written
     * @param dictionary numbers of the texts in rows
     * @param sink takes each full block, and the rest at {@link #flush}
     * @param books where requests are counted
     * @param watcher is told who holds what
     */
    public Sessions(
            SessionLimits limits,
            RecordBlock block,
            Dictionary dictionary,
            RecordSink sink,
            Books books,
            SessionWatcher watcher) {
        this.limits = limits;
        this.block = block;
        this.books = books;
        this.watcher = watcher;
        this.rows = new UsageWriter(block, dictionary, sink);
        this.sessionsMax = limits.sessions();
    }

    /** Sessions known, open and closed ones. */
    public int size() {
        return index.size();
    }

    /**
     * Says how many more sessions there is room for, where several share {@link
     * SessionLimits#sessions}; what is known stays.
     */
    public void setRoom(int sessions) {
        sessionsMax = index.size() + Math.max(0, sessions);
    }

    /**
     * What a usage that counts sessions must have charged: sessions begun, and the packets and
     * octets of all rows.
     */
    public Tally begun() {
        var copy = new Tally();
        copy.add(begun);
        return copy;
    }

    /** What is known of each session, by number. */
    public Stream<Session> sessions() {
        return index.all().map(Instance::session);
    }

    /** What came of each device, by address and name; behind them what is added up. */
    public List<ClientReport> clients() {
        return devices.reports();
    }

    /** Hands the rows that are in the block to the sink. */
    public void flush() {
        rows.flush();
    }

    /**
     * Takes one request, {@code bytes[offset, offset + length)}.
     *
     * @param source where it came from; not kept
     * @param arrivalMicros when it arrived, µs since 1970
     */
    public void onRequest(byte[] bytes, int offset, int length, Source source, long arrivalMicros) {
        Check.that(
                offset >= 0 && length >= 0 && length <= bytes.length - offset,
                "a request lies within its array");
        long arrivalMs = Math.floorDiv(arrivalMicros, 1000L);
        nowMs = Math.max(nowMs, arrivalMs);
        if (!request.read(bytes, offset, length)) {
            reject(Reason.MALFORMED, source);
            return;
        }
        Status status = request.status();
        if (request.integer(Attribute.ACCT_STATUS_TYPE) < 0) {
            reject(Reason.INCOMPLETE, source);
            return;
        }
        event.read(request, arrivalMs);
        switch (status) {
            case START, STOP, INTERIM -> onSession(status, source);
            case ON, OFF -> onBoot(status, source);
            case OTHER -> reject(Reason.UNKNOWN_STATUS, source);
        }
    }

    /** Books what a collector refused. */
    public void onRefusal(ReceivedBlock.Refusal refusal, Source source) {
        books.received().add(refusal.packets(), 0, 0);
        books.rejected(refusal.reason()).add(refusal.packets(), 0, 0);
        devices.sender(source, refusal.reason()).reject(refusal.reason(), refusal.packets());
    }

    private void reject(Reason reason, Source source) {
        books.received().add(1, 0, 0);
        books.rejected(reason).add(1, 0, 0);
        Nas nas = reason == Reason.MALFORMED ? null : devices.find(source, nameOf(source));
        Counts counts = nas == null ? devices.sender(source, reason) : nas.counts;
        counts.reject(reason, 1);
        counts.heard(nowMs);
    }

    private void duplicate(Nas nas) {
        books.received().add(1, 0, 0);
        books.duplicate().add(1, 0, 0);
        nas.counts.duplicates++;
        nas.counts.heard(nowMs);
    }

    private void account(Nas nas, long packets, long octets) {
        books.received().add(1, packets, octets);
        books.accounted().add(1, packets, octets);
        nas.counts.accounted++;
        nas.counts.clampedTimes += event.isClamped ? 1 : 0;
        nas.counts.heard(nowMs);
    }

    private String nameOf(Source source) {
        String name = request.nas();
        return name.isEmpty() ? Addresses.text(source.high(), source.low()) : name;
    }

    // --- Accounting-On and -Off -------------------------------------------------------------

    private void onBoot(Status status, Source source) {
        Nas nas = devices.get(source, nameOf(source));
        if (nas == null) {
            reject(Reason.SESSION_LIMIT, source);
            return;
        }
        if (nas.isKnown(request.fingerprint(), event)) {
            duplicate(nas);
            return;
        }
        nas.boot(request.fingerprint(), event.ms);
        nas.counts.boots += status == Status.ON ? 1 : 0;
        for (Instance session : endedBy(nas)) {
            session.boundMs = event.ms;
            close(session, Session.State.NAS_RESTARTED);
            watcher.onSession(session.number, session.session());
        }
        account(nas, 0, 0);
    }

    /** Sessions that go on, as far as is known, and that the boot must have ended. */
    private List<Instance> endedBy(Nas nas) {
        List<Instance> ended = new ArrayList<>();
        // It may have been overtaken by the first sessions after the boot.
        long leewayMs = event.isStamped ? 0 : event.graceMs();
        for (Instance at = nas.sessions; at != null; at = at.nextOfNas) {
            if (goesOn(at)
                    && at.startMs < event.ms - leewayMs
                    && at.lastMs <= event.ms + Event.TOLERANCE_MS) {
                ended.add(at);
            }
        }
        ended.sort(Comparator.comparingLong(session -> session.number));
        return ended;
    }

    private static boolean goesOn(Instance session) {
        return session.isOpen() || session.state == Session.State.EXPIRED;
    }

    // --- Start, Interim-Update, Stop --------------------------------------------------------

    private void onSession(Status status, Source source) {
        if (!request.hasOctets(Attribute.ACCT_SESSION_ID)) {
            reject(Reason.INCOMPLETE, source);
            return;
        }
        Nas nas = devices.get(source, nameOf(source));
        if (nas == null) {
            reject(Reason.SESSION_LIMIT, source);
            return;
        }
        boolean isStart = status == Status.START;
        counters.read(request, isStart);
        Instance newest = index.find(nas, request);
        Instance own = null;
        if (newest != null) {
            own =
                    isStart
                            ? Belonging.ofStart(newest, event)
                            : Belonging.ofReport(newest, event, counters);
            Instance counted =
                    Belonging.counted(newest, own, event, counters, request.fingerprint(), isStart);
            if (counted != null) {
                hear(counted);
                duplicate(nas);
                return;
            }
        }
        if (own == null && !hasRoom(newest)) {
            reject(Reason.SESSION_LIMIT, source);
            return;
        }
        apply(own == null ? begin(nas, newest, isStart) : own, status, own == null);
    }

    private boolean hasRoom(@Nullable Instance newest) {
        Instance oldest = newest;
        int known = 1;
        while (oldest != null && oldest.older != null) {
            oldest = oldest.older;
            known++;
        }
        if (oldest == null || known < SESSIONS_OF_ID_MAX) {
            return index.size() < sessionsMax;
        }
        // Of what is older than all that is known of the id nobody can say whether it was counted.
        return event.earliestMs() >= oldest.startMs;
    }

    /** A new session, at its place among those of its id. */
    private Instance begin(Nas nas, @Nullable Instance newest, boolean isStart) {
        byte[] id = newest == null ? request.octets(Attribute.ACCT_SESSION_ID) : newest.id;
        int hash =
                newest == null
                        ? Index.hash(nas, request.hash(Attribute.ACCT_SESSION_ID))
                        : newest.hash;
        var session = new Instance(nextNumber++, nas, id, hash);
        session.startMs = isStart ? event.ms : event.earliestMs();
        session.lastMs = event.ms;
        session.toldMs = session.startMs;
        session.heardMs = nowMs;
        session.flags = isStart || event.hasSeconds() ? 0 : Instance.GUESSED;
        makeRoom(newest);
        index.add(session);
        nas.add(session);
        nas.open++;
        nas.counts.sessions++;
        open.add(session);
        Instance successor = index.successor(session);
        Instance older = session.older;
        if (successor != null) {
            session.boundMs = successor.startMs;
            close(session, Session.State.REPLACED);
        } else if (event.ms < nas.bootMs) {
            session.boundMs = nas.bootMs;
            close(session, Session.State.NAS_RESTARTED);
        }
        if (older != null && goesOn(older)) {
            older.boundMs = session.startMs;
            close(older, Session.State.REPLACED);
            watcher.onSession(older.number, older.session());
        }
        return session;
    }

    /** Forgets the oldest session of the id when there are too many. */
    private void makeRoom(@Nullable Instance newest) {
        Instance oldest = newest;
        int known = 1;
        while (oldest != null && oldest.older != null) {
            oldest = oldest.older;
            known++;
        }
        if (oldest != null && known >= SESSIONS_OF_ID_MAX) {
            forget(oldest);
        }
    }

    private void apply(Instance session, Status status, boolean isNew) {
        long startMs = session.startMs;
        Session.State state = session.state;
        long endMs = session.lastMs;
        session.remember(request.fingerprint());
        if (status == Status.START) {
            start(session, isNew);
        } else if (session.is(Instance.GUESSED)) {
            refine(session);
        }
        long fromMs = session.is(Instance.TOLD) ? session.toldMs : session.startMs;
        counters.add(session, event);
        boolean isChanged = isNew | name(session) | session.hold(request);
        proceed(session, status);
        hear(session);
        write(session, isNew, fromMs);
        isChanged |= session.startMs != startMs || session.state != state;
        isChanged |= !session.isOpen() && session.lastMs != endMs;
        if (isChanged) {
            watcher.onSession(session.number, session.session());
        }
    }

    private void start(Instance session, boolean isNew) {
        if (!isNew && !session.is(Instance.STARTED)) {
            Instance older = session.older;
            long startMs =
                    event.isTimed
                            ? Math.min(event.ms, session.lastMs)
                            : Math.min(event.ms, session.startMs);
            session.startMs = older == null ? startMs : Math.max(startMs, older.lastMs);
        }
        session.flags = (session.flags | Instance.STARTED) & ~Instance.GUESSED;
    }

    /** The start was the time of the first event that came; this one knows better. */
    private void refine(Instance session) {
        Instance older = session.older;
        long startMs = Math.min(session.startMs, event.earliestMs());
        session.startMs = older == null ? startMs : Math.max(startMs, older.lastMs);
        if (event.hasSeconds()) {
            session.flags &= ~Instance.GUESSED;
        }
    }

    private boolean name(Instance session) {
        String subscriber = request.subscriber();
        boolean isNewer = event.ms >= session.lastMs || session.subscriber.isEmpty();
        if (subscriber.isEmpty() || !isNewer || subscriber.equals(session.subscriber)) {
            return false;
        }
        Instance older = session.older;
        session.subscriber =
                older != null && older.subscriber.equals(subscriber)
                        ? older.subscriber
                        : subscriber;
        return true;
    }

    /** What the event does to the state and the end of its session. */
    private void proceed(Instance session, Status status) {
        if (status == Status.INTERIM && livesOn(session)) {
            revive(session);
        }
        if (session.state != Session.State.STOPPED || status == Status.STOP) {
            session.lastMs = Math.max(session.lastMs, Math.min(event.ms, session.boundMs));
        }
        if (status == Status.STOP) {
            session.terminateCause =
                    (int) Math.max(0, request.integer(Attribute.ACCT_TERMINATE_CAUSE));
            close(session, Session.State.STOPPED);
        }
    }

    /** Whether a report shows that a session which was thought to have ended has not. */
    private boolean livesOn(Instance session) {
        return switch (session.state) {
            case OPEN, STOPPED -> false;
            case EXPIRED -> true;
            case NAS_RESTARTED, REPLACED -> {
                long graceMs = event.isStamped ? Event.TOLERANCE_MS : Event.SETTLED_MS;
                yield event.ms >= session.boundMs + graceMs && isFree(session);
            }
        };
    }

    // A Start that came late, and told no time, may have replaced the session that it began.
    private boolean isFree(Instance session) {
        Instance successor = index.successor(session);
        return successor == null || successor.isOpen() && !successor.is(Instance.TOLD);
    }

    private void revive(Instance session) {
        Instance successor = index.successor(session);
        if (successor != null && successor.isOpen()) {
            close(successor, Session.State.REPLACED);
            watcher.onSession(successor.number, successor.session());
        }
        closed.remove(session);
        session.state = Session.State.OPEN;
        session.boundMs = Long.MAX_VALUE;
        session.heardMs = nowMs;
        session.nas.open++;
        open.add(session);
    }

    private void close(Instance session, Session.State state) {
        if (session.isOpen()) {
            open.remove(session);
            session.nas.open--;
            session.heardMs = nowMs;
            closed.add(session);
        }
        session.state = state;
    }

    /**
     * What is heard of, even again, neither expires nor is forgotten: of what comes late, a copy
     * may come later still.
     */
    private void hear(Instance session) {
        if (session.heardMs < nowMs) {
            Heard queue = session.isOpen() ? open : closed;
            queue.remove(session);
            session.heardMs = nowMs;
            queue.add(session);
        }
    }

    private void write(Instance session, boolean isFirst, long fromMs) {
        long startMs = event.ms >= fromMs ? fromMs : Math.min(session.startMs, event.ms);
        startMs = Math.max(startMs, event.ms - SPREAD_MS);
        long octets = 0;
        long packets = 0;
        for (int i = 0; i < 2; i++) {
            long addedOctets = counters.addedOctets(i);
            long addedPackets = counters.addedPackets(i);
            boolean isUp = i == Instance.INPUT;
            boolean isCounted = isFirst && isUp;
            if (isCounted || (addedOctets | addedPackets) != 0) {
                int direction = isUp ? Field.UP : Field.DOWN;
                rows.write(
                        session,
                        direction,
                        isCounted,
                        addedOctets,
                        addedPackets,
                        startMs,
                        event.ms);
            }
            octets += addedOctets;
            packets += addedPackets;
        }
        begun.add(isFirst ? 1 : 0, packets, octets);
        account(session.nas, packets, octets);
    }

    // --- Time -------------------------------------------------------------------------------

    /**
     * Ends sessions that were silent for too long, and forgets those that ended long ago.
     *
     * @param arrivalMs how far the arrival times in the journal have come, ms since 1970
     */
    public void onWatermark(long arrivalMs) {
        nowMs = Math.max(nowMs, arrivalMs);
        for (Instance session : open.until(nowMs - limits.expireMs())) {
            close(session, Session.State.EXPIRED);
            watcher.onSession(session.number, session.session());
        }
        for (Instance session : closed.until(nowMs - limits.keepMs())) {
            forget(session);
        }
    }

    private void forget(Instance session) {
        if (session.isOpen()) {
            open.remove(session);
            session.nas.open--;
        } else {
            closed.remove(session);
        }
        index.remove(session);
        session.nas.remove(session);
        devices.noteLoss(session.nas);
        watcher.onForgotten(session.number);
    }

    // --- State ------------------------------------------------------------------------------

    /**
     * Writes the state: equal states give equal bytes. The books are their owner's to write, and
     * the block was flushed before.
     */
    public void snapshot(StateWriter out) {
        Check.that(block.size() == 0, "the block is flushed before a snapshot");
        out.putByte(STATE_VERSION);
        out.putLong(nowMs).putLong(nextNumber);
        begun.snapshot(out);
        devices.snapshot(out);
        out.putInt(index.size());
        index.all()
                .forEach(
                        session -> {
                            Variable.put(out, session.number);
                            Variable.put(out, session.nas.place);
                            Instance older = session.older;
                            Variable.put(out, older == null ? 0 : older.number);
                            out.putBytes(session.id);
                            session.snapshot(out);
                        });
    }

    /**
     * Reads what {@link #snapshot} wrote, into one that has seen nothing yet. The watcher is told
     * nothing: what it knows is its own to restore, and it may have forgotten some on purpose.
     *
     * @throws StateReader.Malformed for a state of another version
     */
    public void restore(StateReader in) {
        int version = in.getByte();
        if (version != STATE_VERSION) {
            throw new StateReader.Malformed(
                    "sessions of version " + version + "; this release reads " + STATE_VERSION);
        }
        nowMs = in.getLong();
        nextNumber = in.getLong();
        begun.add(Tally.restore(in));
        List<Nas> order = devices.restore(in);
        List<Instance> all = restoreSessions(in, order);
        all.sort(Comparator.comparingLong(session -> session.heardMs));
        all.forEach(session -> (session.isOpen() ? open : closed).add(session));
    }

    private List<Instance> restoreSessions(StateReader in, List<Nas> order) {
        List<Instance> all = new ArrayList<>();
        Map<Long, Instance> byNumber = new HashMap<>();
        Map<Instance, Long> olderOf = new LinkedHashMap<>();
        for (int left = in.getCount(50); left > 0; left--) {
            long number = Variable.get(in);
            Nas nas = order.get(Variable.get(in, order.size()));
            long older = Variable.get(in);
            byte[] id = in.getBytes();
            int hash = Index.hash(nas, AccountingRequest.hash(id, 0, id.length));
            var session = new Instance(number, nas, id, hash);
            session.restore(in);
            nas.add(session);
            nas.open += session.isOpen() ? 1 : 0;
            all.add(session);
            byNumber.put(number, session);
            if (older != 0) {
                olderOf.put(session, older);
            }
        }
        olderOf.forEach((session, older) -> session.older = byNumber.get(older));
        index.addAll(all);
        return all;
    }
}
