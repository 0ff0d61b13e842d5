package io.narwhal.transfer;

import io.narwhal.base.Check;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One connection to a manager, from the agent's side. Made by {@link Agent#connect}. */
public final class AgentLink {
    /** Messages of data that may be unacknowledged on one link; a pull ends there. */
    static final int UNACKNOWLEDGED_MAX = 65_536;

    /** A retry sooner than this is not accepted. */
    static final long RETRY_MS_MIN = 100;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final Thresholds NEVER = new Thresholds(0, 0, 0, 0, RETRY_MS_MIN);

    /** Where a journal stands on this link. */
    private static final class Cursor {
        final Resumption resumption;
        long next;
        long incarnation;

        Cursor(Resumption resumption) {
            this.resumption = resumption;
            this.next = resumption.from();
        }

        boolean served() {
            return resumption.verdict() != Verdict.REFUSED;
        }
    }

    /** A message of data that is not acknowledged. */
    private record Sent(
            long txn,
            StreamId id,
            long epoch,
            long incarnation,
            long from,
            long through,
            long records,
            long digest) {}

    /** A stretch that is next, and how it is to be sent. */
    private record Next(
            Stream stream, Cursor cursor, long before, boolean resent, String other, String gap) {}

    private final Agent agent;
    private final String peer;
    private final Consumer<FromAgent> outbox;
    private final Map<StreamId, Cursor> cursors = new TreeMap<>();
    private final Deque<Sent> unacknowledged = new ArrayDeque<>();
    private final Digest digest = new Digest();
    private AgentState state = AgentState.DISCONNECTED;
    private @Nullable AgentReader reader;
    private String manager = "";
    private Thresholds thresholds = NEVER;
    private @Nullable StreamId lastServed;
    private long pull;
    private long recordsLeft;
    private long bytesLeft;
    private boolean first;
    private long heardMs;
    private long saidMs;
    private long requestedMs;
    private long sentTxn;
    private long ackedTxn;
    private LinkCounts counts = new LinkCounts();

    AgentLink(Agent agent, String peer, Consumer<FromAgent> outbox, long timeMs) {
        this.agent = agent;
        this.peer = peer;
        this.outbox = outbox;
        this.heardMs = timeMs;
    }

    /** How it stands. */
    public AgentState state() {
        return state;
    }

    /** The manager as it calls itself; empty before its open. */
    public String manager() {
        return manager;
    }

    Thresholds thresholds() {
        return thresholds;
    }

    @Nullable AgentReader reader() {
        return reader;
    }

    private void become(AgentState next, String reason) {
        Check.that(
                state.mayBecome(next), "a link that is %s may become %s: %s", state, next, reason);
        state = next;
    }

    // ---- beginning and end ----

    void hello(long nowMs) {
        become(AgentState.RESYNC, "connected");
        say(agent.hello(peer), nowMs);
    }

    /** The connection has ended; or its opening failed, or a message could not be decoded. */
    public void disconnected(String why, long nowMs) {
        if (state != AgentState.CLOSED) {
            end(why, nowMs);
        }
    }

    private void end(String why, long nowMs) {
        become(AgentState.CLOSED, why);
        if (reader != null) {
            reader.closed(this, nowMs);
        }
        agent.closed(this);
    }

    void superseded(long nowMs) {
        close("another connection of %s has opened".formatted(manager), nowMs);
    }

    void close(String why, long nowMs) {
        if (state != AgentState.CLOSED) {
            say(new FromAgent.Close(why), nowMs);
            end(why, nowMs);
        }
    }

    private void fail(Code code, String what, long nowMs) {
        say(new FromAgent.Trouble(code, what, 0), nowMs);
        boolean alarm = code == Code.BAD_DIGEST || code == Code.ACK_BEYOND_SENT;
        note(
                alarm ? TransferEvent.Kind.ALARM : TransferEvent.Kind.TROUBLE,
                code + ": " + what,
                nowMs);
        close(code + ": " + what, nowMs);
    }

    private void note(TransferEvent.Kind kind, String what, long nowMs) {
        if (reader != null) {
            reader.note(kind, manager + ": " + what, nowMs);
        } else {
            agent.note(kind, (peer.isEmpty() ? "a manager" : peer) + ": " + what, nowMs);
        }
    }

    void say(FromAgent message, long nowMs) {
        saidMs = agent.time(nowMs);
        outbox.accept(message);
    }

    // ---- what comes ----

    /** A message has come. Whatever it says, it never throws: a wrong one closes the link. */
    public void receive(FromManager message, long nowMs) {
        if (state == AgentState.CLOSED || state == AgentState.DISCONNECTED) {
            return;
        }
        heardMs = agent.time(nowMs);
        switch (message) {
            case FromManager.Open open when state == AgentState.RESYNC -> open(open, nowMs);
            case FromManager.Open _ -> unexpected("open", nowMs);
            case FromManager.Status _ -> {}
            case FromManager.Trouble trouble -> {
                String what = "%s: %s".formatted(trouble.code(), trouble.detail());
                note(TransferEvent.Kind.TROUBLE, what, nowMs);
            }
            case FromManager.Close close -> end(close.reason(), nowMs);
            case FromManager.SetThresholds _ when reader == null -> unexpected("thresholds", nowMs);
            case FromManager.SetThresholds set -> set(set, nowMs);
            case FromManager.ProvideAccountingData _ when reader == null ->
                    unexpected("pull", nowMs);
            case FromManager.ProvideAccountingData _ when state == AgentState.SENDING ->
                    unexpected("second pull", nowMs);
            case FromManager.ProvideAccountingData provide -> provide(provide, nowMs);
            case FromManager.Acknowledge _ when reader == null -> unexpected("acknowledge", nowMs);
            case FromManager.Acknowledge ack -> acknowledge(ack, nowMs);
            case FromManager.Resolved _ when reader == null -> unexpected("resolved", nowMs);
            case FromManager.Resolved _ -> {}
        }
    }

    private void unexpected(String what, long nowMs) {
        fail(Code.UNEXPECTED, "%s while the link is %s".formatted(what, state.label()), nowMs);
    }

    private void open(FromManager.Open open, long nowMs) {
        if (open.version() != Agent.VERSION) {
            String what =
                    "version %d is not spoken, %d is".formatted(open.version(), Agent.VERSION);
            fail(Code.VERSION, what, nowMs);
            return;
        }
        AgentReader found = agent.reader(open.manager(), open.journal());
        if (found == null || !peer.isEmpty() && !peer.equals(open.manager())) {
            String what = "%s calls itself %s, and may not pull".formatted(peer, open.manager());
            fail(Code.UNAUTHORISED, what, nowMs);
            return;
        }
        if (!sound(open)) {
            fail(Code.MALFORMED, "an open that contradicts itself", nowMs);
            return;
        }
        if (found.isOther(open)) {
            String what =
                    "another manager that calls itself %s is connected".formatted(open.manager());
            agent.note(TransferEvent.Kind.ALARM, what, nowMs);
            say(new FromAgent.Trouble(Code.BUSY, what, Agent.SILENCE_MS / 2), nowMs);
            close(what, nowMs);
            return;
        }
        manager = open.manager();
        reader = found;
        counts = found.counts(manager);
        List<Stream> streams = found.streams(nowMs);
        List<Resumption> resumptions = found.open(this, open, streams, nowMs);
        for (int i = 0; i < streams.size(); i++) {
            Cursor cursor = new Cursor(resumptions.get(i));
            cursor.incarnation = writerBefore(streams.get(i), cursor.next);
            cursors.put(streams.get(i).id(), cursor);
        }
        become(AgentState.IDLE, "opened");
        say(new FromAgent.Opened(resumptions), nowMs);
        found.resolutions(manager).forEach(resolve -> say(resolve, nowMs));
        found.tell(manager, nowMs);
    }

    private static long writerBefore(Stream stream, long position) {
        return position == 0 ? 0 : Histories.writer(stream.lineage(), position - 1).id();
    }

    private static boolean sound(FromManager.Open open) {
        boolean sound =
                open.saved().size() <= Positions.STREAMS_MAX * Positions.EPOCHS_MAX
                        && open.lastTxn() >= 0
                        && open.lastTxn() < AgentReader.TXN_MAX;
        for (Saved saved : open.saved()) {
            sound &=
                    saved.id().journal() == open.journal()
                            && saved.through() >= 0
                            && saved.lineage().size() <= Positions.STREAMS_MAX
                            && Histories.ordered(saved.lineage());
        }
        return sound;
    }

    private void set(FromManager.SetThresholds set, long nowMs) {
        Thresholds wanted = set.thresholds();
        boolean percent =
                wanted.approachPercent() >= 0
                        && wanted.approachPercent() <= 100
                        && wanted.clearPercent() >= 0
                        && wanted.clearPercent() <= wanted.approachPercent();
        boolean rest =
                wanted.records() >= 0
                        && wanted.ageMs() >= 0
                        && wanted.notifyRetryMs() >= RETRY_MS_MIN;
        String why =
                percent && rest
                        ? ""
                        : "0 <= clear <= approach <= 100, retry at least %d ms"
                                .formatted(RETRY_MS_MIN);
        if (why.isEmpty()) {
            thresholds = wanted;
        }
        say(new FromAgent.ThresholdsResult(set.policyVersion(), why.isEmpty(), why), nowMs);
    }

    // ---- acknowledgements ----

    private void acknowledge(FromManager.Acknowledge ack, long nowMs) {
        if (ack.txn() <= ackedTxn || unacknowledged.isEmpty() && ack.txn() <= sentTxn) {
            return;
        }
        Sent newest = unacknowledged.peekLast();
        if (newest == null || ack.txn() > newest.txn) {
            String what = "%d is acknowledged, %d is sent".formatted(ack.txn(), sentTxn);
            fail(Code.ACK_BEYOND_SENT, what, nowMs);
            return;
        }
        long oldest = unacknowledged.getFirst().txn;
        if (ack.txn() < oldest) {
            return;
        }
        if (digestOf(ack.txn()) != ack.digest()) {
            String what = "the digest of transmission %d is another".formatted(ack.txn());
            fail(Code.BAD_DIGEST, what, nowMs);
            return;
        }
        take(ack.txn());
        ackedTxn = ack.txn();
        counts.ackedTxn = ack.txn();
        counts.ackedMs = nowMs;
        if (state == AgentState.AWAIT_ACK && unacknowledged.isEmpty()) {
            become(AgentState.IDLE, "everything is acknowledged");
        }
    }

    private long digestOf(long txn) {
        for (Sent sent : unacknowledged) {
            if (sent.txn == txn) {
                return sent.digest;
            }
        }
        throw new IllegalStateException("transmission numbers of a link follow each other");
    }

    private void take(long txn) {
        AgentReader of = opened();
        while (!unacknowledged.isEmpty() && unacknowledged.getFirst().txn <= txn) {
            Sent sent = unacknowledged.removeFirst();
            of.acknowledged(
                    sent.id, sent.epoch, sent.incarnation, sent.from, sent.through, manager);
        }
    }

    private AgentReader opened() {
        AgentReader opened = reader;
        if (opened == null) {
            throw new IllegalStateException("the link is open");
        }
        return opened;
    }

    // ---- data ----

    private void provide(FromManager.ProvideAccountingData provide, long nowMs) {
        if (provide.maxRecords() <= 0 || provide.maxBytes() <= 0) {
            fail(Code.MALFORMED, "a pull without credit", nowMs);
            return;
        }
        pull = provide.pull();
        counts.pulls++;
        recordsLeft = provide.maxRecords();
        bytesLeft = provide.maxBytes();
        first = true;
        become(AgentState.SENDING, "pulled");
    }

    /**
     * Sends at most one message of data, if a pull is being answered.
     *
     * @return whether there is more to send
     */
    public boolean work(long nowMs) {
        if (state != AgentState.SENDING) {
            return false;
        }
        boolean room = unacknowledged.size() < UNACKNOWLEDGED_MAX;
        boolean credit = recordsLeft > 0 && bytesLeft > 0;
        boolean sent = room && credit && sendNext(nowMs);
        if (!sent && state == AgentState.SENDING) {
            endOfData(nowMs);
        }
        return sent && state == AgentState.SENDING;
    }

    private void endOfData(long nowMs) {
        AgentReader of = opened();
        boolean standby = !of.active(manager);
        become(
                unacknowledged.isEmpty() ? AgentState.IDLE : AgentState.AWAIT_ACK,
                "the pull is answered");
        say(new FromAgent.EndOfData(pull, sentTxn, remaining(of), standby), nowMs);
    }

    /** What is held and was not sent on this link. */
    private Occupancy remaining(AgentReader of) {
        Occupancy held = of.occupancy();
        long behind = 0;
        for (Stream stream : agent.holding().streams(of.journal())) {
            Cursor cursor = cursors.get(stream.id());
            if (cursor != null && cursor.served()) {
                behind += Math.max(0, stream.end() - cursor.next);
            }
        }
        long underway = unacknowledged.stream().mapToLong(Sent::records).sum();
        long rest = behind == 0 ? 0 : Math.max(0, held.records() - underway);
        long oldest = behind == 0 ? 0 : held.oldestMicros();
        return new Occupancy(rest, behind, oldest, held.fillPercent());
    }

    /** Goes round the journals, so that a full one does not keep the others waiting. */
    private boolean sendNext(long nowMs) {
        List<Stream> streams = opened().streams(nowMs);
        if (changed(streams)) {
            close("the journals are others than at the opening", nowMs);
            return false;
        }
        for (Stream stream : turned(streams)) {
            Cursor cursor = cursors.get(stream.id());
            if (cursor != null && cursor.served() && send(stream, cursor, nowMs)) {
                lastServed = stream.id();
                return true;
            }
        }
        return false;
    }

    private List<Stream> turned(List<Stream> streams) {
        StreamId last = lastServed;
        if (last == null) {
            return streams;
        }
        List<Stream> turned = new ArrayList<>();
        streams.stream().filter(stream -> stream.id().compareTo(last) > 0).forEach(turned::add);
        streams.stream().filter(stream -> stream.id().compareTo(last) <= 0).forEach(turned::add);
        return turned;
    }

    /** Whether a journal is new, another one, or was put back since the link was opened. */
    private boolean changed(List<Stream> streams) {
        for (Stream stream : streams) {
            Cursor cursor = cursors.get(stream.id());
            if (cursor == null || cursor.resumption.epoch() != stream.epoch()) {
                return true;
            }
            if (cursor.served() && writerBefore(stream, cursor.next) != cursor.incarnation) {
                return true;
            }
        }
        return false;
    }

    private boolean send(Stream stream, Cursor cursor, long nowMs) {
        long at = cursor.next;
        while (true) {
            Next next = next(stream, cursor, at);
            if (next == null) {
                return false;
            }
            if (!next.gap.isEmpty()) {
                gap(next, next.before, nowMs);
                return true;
            }
            int bytesMax = (int) Math.min(Agent.MESSAGE_BYTES_MAX, bytesLeft);
            Slice slice = agent.holding().read(stream.id(), at, next.before, recordsLeft, bytesMax);
            switch (slice) {
                case Slice.Frames frames -> {
                    return data(next, frames, nowMs);
                }
                case Slice.Damaged damaged -> {
                    gap(
                            new Next(
                                    stream,
                                    cursor,
                                    0,
                                    next.resent,
                                    "",
                                    "damaged: " + damaged.why()),
                            damaged.through(),
                            nowMs);
                    return true;
                }
                case Slice.Unavailable(_, var why) -> {
                    say(new FromAgent.Trouble(Code.STORE_UNAVAILABLE, why, 5_000), nowMs);
                    note(TransferEvent.Kind.TROUBLE, why, nowMs);
                    return false;
                }
                case Slice.End _ -> {
                    if (next.before >= stream.end()) {
                        return false;
                    }
                    at = next.before;
                }
            }
        }
    }

    /** What may be sent of a journal from a position on, and how; null: nothing. */
    private @Nullable Next next(Stream stream, Cursor cursor, long at) {
        AgentReader of = opened();
        StreamState known = of.known(stream.id());
        if (at < known.position) {
            return again(stream, cursor, known, at);
        }
        if (!of.active(manager) || at >= stream.end()) {
            return null;
        }
        if (at < stream.first()) {
            long before = Math.min(stream.first(), Histories.nextWriter(stream.lineage(), at));
            return new Next(stream, cursor, before, false, "", "no longer held");
        }
        long before = Math.min(stream.end(), Histories.nextWriter(stream.lineage(), at));
        boolean resent = at < known.mark;
        before = resent ? Math.min(before, known.mark) : before;
        Doubt doubt = of.doubt(stream.id(), known.epoch, at, manager);
        before =
                Math.min(
                        before,
                        doubt == null
                                ? of.nextDoubt(stream.id(), known.epoch, at, manager)
                                : doubt.through());
        String other = doubt == null ? "" : doubt.others().getFirst();
        return new Next(stream, cursor, before, resent || doubt != null, other, "");
    }

    /** Something that is acknowledged, but which this manager does not have. */
    private @Nullable Next again(Stream stream, Cursor cursor, StreamState known, long at) {
        Owners.Stretch owner = known.owners.at(at);
        long held = Math.min(known.position, stream.end());
        if (at >= held) {
            return null;
        }
        long end = Math.min(held, Histories.nextWriter(stream.lineage(), at));
        if (owner == null || !owner.member().equals(manager)) {
            long before = owner == null ? known.owners.next(at) : owner.through();
            String other = owner == null ? opened().name() : owner.member();
            return new Next(stream, cursor, Math.min(before, end), true, other, "with " + other);
        }
        long before = Math.min(owner.through(), end);
        if (at < stream.first()) {
            return new Next(
                    stream, cursor, Math.min(before, stream.first()), true, "", "no longer held");
        }
        Doubt doubt = opened().doubt(stream.id(), known.epoch, at, manager);
        before =
                Math.min(
                        before,
                        doubt == null
                                ? opened().nextDoubt(stream.id(), known.epoch, at, manager)
                                : doubt.through());
        String other = doubt == null ? "" : doubt.others().getFirst();
        return new Next(stream, cursor, before, true, other, "");
    }

    private boolean data(Next next, Slice.Frames frames, long nowMs) {
        ByteBuffer octets = frames.frames();
        boolean fits = frames.records() <= recordsLeft && octets.remaining() <= bytesLeft;
        if (!fits && !first) {
            recordsLeft = 0;
            return false;
        }
        AgentReader of = opened();
        Cursor cursor = next.cursor;
        Doubt doubt =
                next.other.isEmpty()
                        ? null
                        : of.doubt(next.stream.id(), next.stream.epoch(), cursor.next, manager);
        if (doubt != null) {
            of.stretch(doubt, frames.through());
        }
        long writer = Histories.writer(next.stream.lineage(), frames.from()).id();
        long from = cursor.next;
        put(
                next,
                writer,
                new FromAgent.AccountingData(
                        of.send(next.stream.id(), frames.through(), manager, nowMs),
                        next.stream.id(),
                        next.stream.epoch(),
                        writer,
                        from,
                        frames.through(),
                        frames.firstSequence(),
                        frames.lastSequence(),
                        frames.items(),
                        frames.records(),
                        next.resent,
                        next.other,
                        octets,
                        0,
                        ""),
                nowMs);
        return true;
    }

    private void gap(Next next, long through, long nowMs) {
        Stream stream = next.stream;
        long from = next.cursor.next;
        if (!next.other.isEmpty()) {
            // The position that this gives the manager must not be ahead of who is known to have
            // it.
            opened().saveIfDirty(nowMs);
        }
        if (next.other.isEmpty()) {
            String what = "%s: %d to %d: %s".formatted(stream.id(), from, through, next.gap);
            note(TransferEvent.Kind.LOST, what, nowMs);
        }
        long writer = Histories.writer(stream.lineage(), from).id();
        long txn = opened().send(stream.id(), through, manager, nowMs);
        put(
                next,
                writer,
                new FromAgent.AccountingData(
                        txn,
                        stream.id(),
                        stream.epoch(),
                        writer,
                        from,
                        through,
                        0,
                        0,
                        0,
                        0,
                        next.resent,
                        next.other,
                        NOTHING,
                        0,
                        next.gap),
                nowMs);
    }

    private void put(Next next, long writer, FromAgent.AccountingData plain, long nowMs) {
        long sum =
                digest.with(
                        plain.txn(), plain.epoch(), plain.from(), plain.through(), plain.frames());
        FromAgent.AccountingData data = plain.signed(sum);
        unacknowledged.addLast(
                new Sent(
                        data.txn(),
                        data.stream(),
                        data.epoch(),
                        writer,
                        data.from(),
                        data.through(),
                        data.records(),
                        sum));
        next.cursor.next = data.through();
        next.cursor.incarnation = writerBefore(next.stream, data.through());
        sentTxn = data.txn();
        recordsLeft -= data.records();
        bytesLeft -= data.frames().remaining();
        first = false;
        counts.bytes += data.frames().remaining();
        counts.records += data.records();
        say(data, nowMs);
    }

    /** Behind the last that was sent here, of each journal. */
    Map<StreamId, Long> sent() {
        Map<StreamId, Long> sent = new TreeMap<>();
        cursors.forEach(
                (id, cursor) -> {
                    if (cursor.served()) {
                        sent.put(id, cursor.next);
                    }
                });
        return sent;
    }

    // ---- time ----

    void tick(long nowMs) {
        long timeMs = agent.time(nowMs);
        if (timeMs - heardMs >= Agent.SILENCE_MS) {
            close("nothing was heard for %d ms".formatted(timeMs - heardMs), nowMs);
            return;
        }
        if (reader != null && state != AgentState.SENDING && changed(reader.streams(nowMs))) {
            close("the journals are others than at the opening", nowMs);
            return;
        }
        request(timeMs, nowMs);
        if (reader != null && timeMs - saidMs >= Agent.STATUS_EVERY_MS) {
            say(new FromAgent.Status(reader.held()), nowMs);
        }
    }

    private void request(long timeMs, long nowMs) {
        if (reader == null || state != AgentState.IDLE && state != AgentState.REQUESTED) {
            return;
        }
        Set<Reason> reasons = reader.active(manager) ? reasons(reader) : Set.of();
        boolean waiting = state == AgentState.REQUESTED;
        if (reasons.isEmpty()) {
            if (waiting) {
                become(AgentState.IDLE, "there is no reason any more");
            }
            return;
        }
        if (!waiting || timeMs - requestedMs >= thresholds.notifyRetryMs()) {
            if (!waiting) {
                become(AgentState.REQUESTED, "asks to be pulled");
            }
            requestedMs = timeMs;
            counts.requested(reasons);
            say(new FromAgent.PullRequest(reasons, reader.held(), agent.trouble()), nowMs);
        }
    }

    private Set<Reason> reasons(AgentReader of) {
        Set<Reason> reasons = EnumSet.noneOf(Reason.class);
        Occupancy held = of.held();
        switch (of.buffer()) {
            case NORMAL -> {}
            case APPROACHING -> reasons.add(Reason.APPROACHING);
            case FULL -> reasons.add(Reason.REACHED);
        }
        if (thresholds.records() > 0 && held.records() >= thresholds.records()) {
            reasons.add(Reason.RECORD_COUNT);
        }
        long ageMs = (agent.holding().wallMicros() - held.oldestMicros()) / 1_000;
        if (thresholds.ageMs() > 0 && held.oldestMicros() > 0 && ageMs >= thresholds.ageMs()) {
            reasons.add(Reason.AGE);
        }
        if (held.bytes() > 0 && !agent.trouble().isEmpty()) {
            reasons.add(Reason.INTERNAL_ERROR);
        }
        if (held.bytes() > 0 && agent.draining()) {
            reasons.add(Reason.SHUTDOWN);
        }
        return reasons;
    }

    /** How it stands with a manager that is not connected. */
    static LinkFacts away(Agent agent, AgentReader of, String member) {
        AgentLink link = new AgentLink(agent, member, _ -> {}, 0);
        link.manager = member;
        link.counts = of.counts(member);
        return link.facts(of);
    }

    LinkFacts facts(AgentReader of) {
        List<StreamFacts> streams = new ArrayList<>();
        for (Stream stream : agent.holding().streams(of.journal())) {
            Cursor cursor = cursors.get(stream.id());
            StreamState known = of.state().streams.get(stream.id());
            long position = known == null ? 0 : known.position;
            streams.add(
                    new StreamFacts(
                            stream.id(),
                            stream.epoch(),
                            position,
                            cursor == null ? position : cursor.next,
                            stream.end(),
                            cursor == null ? null : cursor.resumption.verdict(),
                            cursor == null ? "" : cursor.resumption.detail()));
        }
        return new LinkFacts(
                manager,
                of.name(),
                of.journal(),
                state.label(),
                of.buffer().label(),
                !of.active(manager),
                of.held(),
                streams,
                sentTxn,
                counts.ackedTxn,
                counts.ackedMs,
                counts.pulls,
                counts.requests(),
                counts.bytes,
                counts.records,
                0,
                of.doubtfulBytes(),
                of.lostBytes(),
                of.events());
    }
}
