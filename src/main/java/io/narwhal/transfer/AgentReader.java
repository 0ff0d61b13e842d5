package io.narwhal.transfer;

import io.narwhal.base.Check;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One reader of one kind of journal: a manager, or a group of which one at a time is served. Knows
 * what is acknowledged, who may have what, and how full the buffer is; saves that before it frees,
 * and before it sends what the saved state would not allow for.
 */
final class AgentReader {
    /** Transmission numbers are reserved in blocks, so that sending needs no force. */
    static final long TXN_BLOCK = 1_000_000;

    /** A transmission number beyond this is a lie. */
    static final long TXN_MAX = 1L << 62;

    /** So far ahead of what is sent the saved state allows sending. */
    static final long SENT_AHEAD_BYTES = 32L << 20;

    private final AgentSettings settings;
    private final Holding holding;
    private final String name;
    private final Journal journal;
    private final List<String> members;
    private final ReaderState state;
    private final Map<String, AgentLink> links = new TreeMap<>();
    private final Map<String, LinkCounts> counts = new HashMap<>();
    private final Map<StreamId, Long> freed = new HashMap<>();
    private final Deque<TransferEvent> events = new ArrayDeque<>();
    private BufferState buffer = BufferState.NORMAL;
    private Occupancy held = Occupancy.EMPTY;
    private long activeSeenMs;
    private boolean dirty;
    private long savedMs;
    private long lostBytes;

    AgentReader(
            AgentSettings settings,
            Holding holding,
            String name,
            Journal journal,
            ReaderState state,
            long timeMs) {
        this.settings = settings;
        this.holding = holding;
        this.name = name;
        this.journal = journal;
        this.members = membersOf(settings, name);
        this.state = state;
        this.activeSeenMs = timeMs;
        this.savedMs = timeMs;
        forgetMembers(timeMs);
        if (members.size() == 1) {
            state.active = members.getFirst();
        }
    }

    private static List<String> membersOf(AgentSettings settings, String name) {
        List<String> members = settings.readers().get(name);
        Check.that(members != null && !members.isEmpty(), "a reader has members");
        return members == null ? List.of() : members;
    }

    String name() {
        return name;
    }

    Journal journal() {
        return journal;
    }

    List<String> members() {
        return members;
    }

    ReaderState state() {
        return state;
    }

    BufferState buffer() {
        return buffer;
    }

    Occupancy held() {
        return held;
    }

    long lostBytes() {
        return lostBytes;
    }

    List<TransferEvent> events() {
        return List.copyOf(events);
    }

    @Nullable AgentLink link(String member) {
        return links.get(member);
    }

    boolean group() {
        return members.size() > 1;
    }

    boolean active(String member) {
        return state.active.equals(member);
    }

    void note(TransferEvent.Kind kind, String what, long nowMs) {
        TransferEvent event = new TransferEvent(nowMs, kind, what);
        if (events.size() >= Agent.EVENTS_MAX) {
            events.removeFirst();
        }
        events.addLast(event);
        holding.note(name, event);
    }

    LinkCounts counts(String member) {
        return counts.computeIfAbsent(member, _ -> new LinkCounts());
    }

    // ---- members that are no longer configured ----

    private void forgetMembers(long nowMs) {
        if (!state.active.isEmpty() && !members.contains(state.active)) {
            note(TransferEvent.Kind.ADMINISTERED, state.active + " is served no more", nowMs);
            state.streams
                    .values()
                    .forEach(stream -> stream.mark = Math.max(stream.mark, stream.bound));
            state.active = "";
        }
        state.members.keySet().retainAll(members);
        List<Doubt> before = List.copyOf(state.doubts);
        state.doubts.clear();
        for (Doubt doubt : before) {
            if (members.contains(doubt.holder())) {
                Doubt rest = doubt;
                for (String other : doubt.others()) {
                    rest = members.contains(other) ? rest : rest.without(other);
                }
                state.doubts.add(rest);
            }
        }
    }

    // ---- journals ----

    /** The journals as they stand, with what is known of them brought in line. */
    List<Stream> streams(long nowMs) {
        List<Stream> streams = holding.streams(journal);
        for (Stream stream : streams) {
            StreamState known = state.streams.get(stream.id());
            if (known == null || known.epoch != stream.epoch()) {
                state.streams.put(stream.id(), new StreamState(stream.epoch()));
                freed.remove(stream.id());
            } else {
                align(stream, known, nowMs);
            }
        }
        return streams;
    }

    /** A journal that was put back has a writer that what is acknowledged does not know. */
    private void align(Stream stream, StreamState known, long nowMs) {
        if (known.lineage.isEmpty()
                || Histories.writer(stream.lineage(), known.position - 1).id()
                        == known.lineage.getLast().id()) {
            return;
        }
        Histories.common(stream.lineage(), known.lineage, known.position)
                .filter(common -> !common.newest() && common.upTo() < known.position)
                .ifPresent(common -> cut(stream, known, common.upTo(), nowMs));
    }

    private void cut(Stream stream, StreamState known, long at, long nowMs) {
        String what =
                "%s was put back: writing went on at %d, acknowledged was %d"
                        .formatted(stream.id(), at, known.position);
        note(TransferEvent.Kind.VERDICT, what, nowMs);
        known.cut(at);
        freed.remove(stream.id());
        List<Doubt> before = List.copyOf(state.doubts);
        state.doubts.clear();
        for (Doubt doubt : before) {
            boolean here = doubt.of(stream.id(), known.epoch);
            Doubt rest = here ? doubt.within(0, at) : doubt;
            if (!rest.empty()) {
                state.doubts.add(rest);
            }
        }
        dirty = true;
    }

    StreamState known(StreamId id) {
        StreamState known = state.streams.get(id);
        Check.that(known != null, "a journal that is served is known");
        return known == null ? new StreamState(0) : known;
    }

    Map<StreamId, Long> acknowledged() {
        Map<StreamId, Long> acknowledged = new TreeMap<>();
        state.streams.forEach((id, stream) -> acknowledged.put(id, stream.position));
        return acknowledged;
    }

    /** The doubt about a position that is sent to a member, if there is one. */
    @Nullable Doubt doubt(StreamId id, long epoch, long position, String member) {
        for (Doubt doubt : state.doubts) {
            if (doubt.open()
                    && doubt.of(id, epoch)
                    && doubt.contains(position)
                    && doubt.holder().equals(member)) {
                return doubt;
            }
        }
        return null;
    }

    /** Where the next doubt begins. */
    long nextDoubt(StreamId id, long epoch, long position, String member) {
        long next = Long.MAX_VALUE;
        for (Doubt doubt : state.doubts) {
            if (doubt.open()
                    && doubt.of(id, epoch)
                    && doubt.from() > position
                    && doubt.holder().equals(member)) {
                next = Math.min(next, doubt.from());
            }
        }
        return next;
    }

    /** A message that begins in a doubt may end behind it: then all of it is in doubt. */
    void stretch(Doubt doubt, long through) {
        if (through > doubt.through()) {
            int at = state.doubts.indexOf(doubt);
            state.doubts.set(
                    at,
                    new Doubt(
                            doubt.id(),
                            doubt.epoch(),
                            doubt.from(),
                            through,
                            doubt.holder(),
                            doubt.others(),
                            doubt.outcome()));
            save(savedMs);
        }
    }

    // ---- a link opens ----

    /** Whether one of the same name, with another store, is connected: two that must not be one. */
    boolean isOther(FromManager.Open open) {
        MemberState member = state.members.get(open.manager());
        return links.containsKey(open.manager())
                && member != null
                && !member.instance.isEmpty()
                && !member.instance.equals(open.instance());
    }

    /** Decides for each journal, with what the manager says that it has. */
    List<Resumption> open(AgentLink link, FromManager.Open open, List<Stream> streams, long nowMs) {
        String member = open.manager();
        AgentLink former = links.put(member, link);
        if (former != null) {
            former.superseded(nowMs);
        }
        links.put(member, link);
        identify(open, nowMs);
        if (state.active.isEmpty()) {
            state.active = member;
        }
        List<Resumption> resumptions = new ArrayList<>();
        for (Stream stream : streams) {
            resumptions.add(resume(stream, open.saved(), member, nowMs));
        }
        state.opened = true;
        save(nowMs);
        return resumptions;
    }

    /** What the manager has of this history of a stream; else of the one that it knew last. */
    private static @Nullable Saved saved(Stream stream, List<Saved> all) {
        Saved found = null;
        long most = -2;
        for (Saved saved : all) {
            if (saved.id().equals(stream.id())) {
                long common = common(stream, saved);
                if (common > most) {
                    found = saved;
                    most = common;
                }
            }
        }
        return found;
    }

    private static long common(Stream stream, Saved saved) {
        if (saved.epoch() != stream.epoch()) {
            return -1;
        }
        return Histories.common(stream.lineage(), saved.lineage(), saved.through())
                .map(Histories.Common::upTo)
                .orElse(0L);
    }

    private static boolean current(Stream stream, @Nullable Saved chosen, List<Saved> all) {
        for (Saved saved : all) {
            if (saved.id().equals(stream.id())) {
                return saved.equals(chosen);
            }
        }
        return true;
    }

    private void identify(FromManager.Open open, long nowMs) {
        MemberState member = state.members.computeIfAbsent(open.manager(), _ -> new MemberState());
        if (!member.instance.isEmpty() && !member.instance.equals(open.instance())) {
            String what = "the store of %s is another one".formatted(open.manager());
            note(TransferEvent.Kind.VERDICT, what, nowMs);
        }
        if (open.lastTxn() > member.reserved) {
            String what =
                    "%s has transmission %d, the agent knows of none above %d: its state is older"
                            .formatted(open.manager(), open.lastTxn(), member.reserved);
            note(TransferEvent.Kind.VERDICT, what, nowMs);
        }
        member.instance = open.instance();
        member.txn = Math.max(member.txn, open.lastTxn());
        member.reserved = Math.max(member.reserved, member.txn);
    }

    private Resumption resume(Stream stream, List<Saved> all, String member, long nowMs) {
        Saved saved = saved(stream, all);
        StreamState known = known(stream.id());
        known.mark = Math.max(known.mark, known.bound);
        Resumption resumption = Resync.decide(stream, saved, known, member);
        if (!current(stream, saved, all)) {
            resumption = Resync.putBack(resumption);
        }
        Verdict verdict = resumption.verdict();
        if (verdict != Verdict.BEGINS && verdict != Verdict.RESUMES) {
            String what = "%s: %s %s".formatted(stream.id(), verdict, resumption.detail());
            note(TransferEvent.Kind.VERDICT, what, nowMs);
        }
        long lost = resumption.lostTo() - resumption.lostFrom();
        if (lost > 0 && verdict != Verdict.REFUSED) {
            lostBytes += lost;
            note(TransferEvent.Kind.LOST, "%s: %d octets".formatted(stream.id(), lost), nowMs);
        }
        long has = has(stream, saved, resumption);
        if (verdict != Verdict.REFUSED) {
            settle(stream.id(), stream.epoch(), member, has, nowMs);
            raise(stream, known, member, has, resumption.from());
        }
        return resumption;
    }

    /** Up to where a manager has this history of a journal. */
    private static long has(Stream stream, @Nullable Saved saved, Resumption resumption) {
        if (saved == null || saved.epoch() != stream.epoch()) {
            return 0;
        }
        return switch (resumption.verdict()) {
            case BEGINS, AGENT_LOST -> 0;
            case RESUMES, MANAGER_BEHIND, MANAGER_LOST_DATA -> saved.through();
            case AGENT_RESTORED, REFUSED -> resumption.lostFrom();
        };
    }

    private void raise(Stream stream, StreamState known, String member, long has, long from) {
        long to = Math.min(stream.end(), Math.max(has, from));
        if (to > known.position) {
            known.owners.set(known.position, Math.min(has, to), member);
            known.position = to;
            known.lineage = Histories.before(stream.lineage(), to);
        }
        known.bound = Math.max(known.bound, known.position);
    }

    // ---- who has what ----

    /** A member has said up to where it has a journal. */
    private void settle(StreamId id, long epoch, String member, long has, long nowMs) {
        List<Doubt> before = List.copyOf(state.doubts);
        state.doubts.clear();
        boolean settled = false;
        for (Doubt doubt : before) {
            boolean asked = doubt.open() && doubt.others().contains(member);
            if (!asked || !doubt.id().equals(id)) {
                state.doubts.add(doubt);
                continue;
            }
            settled = true;
            long t = doubt.epoch() == epoch ? has : 0;
            Doubt had = doubt.within(0, t);
            if (!had.empty()) {
                state.doubts.add(had.dropped());
                known(id)
                        .owners
                        .set(had.from(), Math.min(had.through(), known(id).position), member);
            }
            Doubt rest = doubt.within(t, Long.MAX_VALUE);
            if (!rest.empty()) {
                state.doubts.add(rest.without(member));
            }
        }
        if (settled) {
            note(
                    TransferEvent.Kind.RESOLVED,
                    "%s: %s has it up to %d".formatted(id, member, has),
                    nowMs);
            limitDecided();
        }
    }

    private void limitDecided() {
        long decided = state.doubts.stream().filter(doubt -> !doubt.open()).count();
        for (int i = 0; decided > ReaderState.DECIDED_MAX && i < state.doubts.size(); ) {
            if (state.doubts.get(i).open()) {
                i++;
            } else {
                state.doubts.remove(i);
                decided--;
            }
        }
    }

    /** Tells everyone who is connected what is known of its possible duplicates. */
    void tell(String except, long nowMs) {
        for (AgentLink link : List.copyOf(links.values())) {
            if (!link.manager().equals(except)) {
                resolutions(link.manager()).forEach(resolve -> link.say(resolve, nowMs));
            }
        }
    }

    List<FromAgent.Resolve> resolutions(String member) {
        return state.doubts.stream()
                .filter(doubt -> !doubt.open() && doubt.holder().equals(member))
                .map(Doubt::resolve)
                .toList();
    }

    long doubtfulBytes() {
        return state.doubts.stream()
                .filter(Doubt::open)
                .mapToLong(doubt -> doubt.through() - doubt.from())
                .sum();
    }

    // ---- failover ----

    private void failOver(long timeMs, long nowMs) {
        if (!group() || links.containsKey(state.active)) {
            activeSeenMs = timeMs;
            return;
        }
        if (timeMs - activeSeenMs < settings.failoverAfterMs()) {
            return;
        }
        for (String member : members) {
            if (links.containsKey(member) && mayServe()) {
                activate(member, nowMs);
                activeSeenMs = timeMs;
                return;
            }
        }
    }

    private boolean mayServe() {
        long open = state.doubts.stream().filter(Doubt::open).count();
        return open + 2L * state.streams.size() <= ReaderState.DOUBTS_MAX;
    }

    private void activate(String member, long nowMs) {
        String former = state.active;
        for (Stream stream : streams(nowMs)) {
            StreamState known = known(stream.id());
            long sent = Math.min(known.bound, stream.end());
            doubt(stream.id(), known, Math.max(sent, known.position), former, member);
        }
        state.active = member;
        String what = "%s is served, %s is away".formatted(member, former);
        note(TransferEvent.Kind.FAILOVER, what, nowMs);
        if (doubtfulBytes() > 0) {
            what = "%d octets may be with %s already".formatted(doubtfulBytes(), former);
            note(TransferEvent.Kind.AMBIGUOUS, what, nowMs);
        }
        save(nowMs);
    }

    /** What the former may have, and what others before it may have, is in doubt for the next. */
    private void doubt(StreamId id, StreamState stream, long sent, String former, String next) {
        List<Doubt> before = List.copyOf(state.doubts);
        state.doubts.clear();
        List<Doubt> fresh = new ArrayList<>();
        long at = stream.position;
        for (Doubt doubt : before) {
            boolean formers =
                    doubt.open() && doubt.of(id, stream.epoch) && doubt.holder().equals(former);
            Doubt kept = formers ? doubt.within(0, sent) : doubt;
            if (!kept.empty()) {
                state.doubts.add(kept);
            }
            if (!formers) {
                continue;
            }
            Doubt open = doubt.within(stream.position, Long.MAX_VALUE);
            add(fresh, id, stream, at, Math.min(open.from(), sent), next, List.of(former));
            add(
                    fresh,
                    id,
                    stream,
                    open.from(),
                    Math.min(open.through(), sent),
                    next,
                    both(former, doubt));
            add(
                    fresh,
                    id,
                    stream,
                    Math.max(open.from(), sent),
                    open.through(),
                    next,
                    doubt.others());
            at = Math.max(at, open.through());
        }
        add(fresh, id, stream, at, sent, next, List.of(former));
        state.doubts.addAll(fresh);
        stream.mark = Math.max(stream.mark, stream.bound);
        stream.bound = stream.position;
    }

    private static List<String> both(String former, Doubt doubt) {
        List<String> both = new ArrayList<>();
        both.add(former);
        both.addAll(doubt.others());
        return both;
    }

    private static void add(
            List<Doubt> to,
            StreamId id,
            StreamState stream,
            long from,
            long through,
            String holder,
            List<String> others) {
        List<String> rest = others.stream().filter(other -> !other.equals(holder)).toList();
        if (from < through && !rest.isEmpty()) {
            to.add(new Doubt(id, stream.epoch, from, through, holder, rest, Doubt.Outcome.OPEN));
        }
    }

    void closed(AgentLink link, long nowMs) {
        if (links.remove(link.manager(), link) && active(link.manager())) {
            link.sent()
                    .forEach(
                            (id, through) -> {
                                StreamState stream = state.streams.get(id);
                                if (stream != null) {
                                    stream.bound = Math.max(stream.position, through);
                                }
                            });
            dirty = true;
        }
    }

    // ---- sending and acknowledging ----

    /** A number for the next message; the stretch that it is about may be sent when it returns. */
    long send(StreamId id, long through, String to, long nowMs) {
        StreamState stream = known(id);
        boolean reserve = false;
        MemberState member = state.members.computeIfAbsent(to, _ -> new MemberState());
        if (member.txn >= member.reserved) {
            member.reserved = member.txn + TXN_BLOCK;
            reserve = true;
        }
        if (through > stream.bound) {
            stream.bound = through + SENT_AHEAD_BYTES;
            reserve = true;
        }
        if (reserve) {
            save(nowMs);
        }
        return ++member.txn;
    }

    /** A manager has saved a stretch; {@link #tick} saves that, and frees. */
    void acknowledged(
            StreamId id, long epoch, long incarnation, long from, long through, String member) {
        StreamState stream = state.streams.get(id);
        if (stream != null && stream.epoch == epoch) {
            stream.acknowledged(incarnation, from, through, member);
            dirty = true;
        }
    }

    /** Durable when it returns; then what is acknowledged is freed. */
    void save(long nowMs) {
        holding.save(Agent.stateName(name, journal), state.toBytes());
        dirty = false;
        savedMs = nowMs;
        free();
    }

    private void free() {
        for (Stream stream : holding.streams(journal)) {
            StreamState known = state.streams.get(stream.id());
            if (known == null || known.epoch != stream.epoch()) {
                continue;
            }
            long through = Math.min(known.position, stream.end());
            Long before = freed.get(stream.id());
            if (through > 0 && (before == null || through > before)) {
                freed.put(stream.id(), through);
                holding.free(name, stream.id(), through);
            }
        }
    }

    void saveIfDirty(long nowMs) {
        if (dirty) {
            save(nowMs);
        }
    }

    // ---- time ----

    void tick(long timeMs, long nowMs) {
        streams(nowMs);
        if (dirty && Math.abs(nowMs - savedMs) >= Agent.SAVE_EVERY_MS) {
            save(nowMs);
        }
        failOver(timeMs, nowMs);
        held = holding.occupancy(journal, acknowledged());
        AgentLink link = links.get(state.active);
        if (link != null) {
            fill(link.thresholds());
        }
    }

    Occupancy occupancy() {
        held = holding.occupancy(journal, acknowledged());
        return held;
    }

    private void fill(Thresholds thresholds) {
        int percent = held.fillPercent();
        int approach = thresholds.approachPercent();
        boolean watched = approach > 0 && approach < 100;
        int clear = watched ? thresholds.clearPercent() : 100;
        BufferState next = buffer;
        if (percent >= 100) {
            next = BufferState.FULL;
        } else if (percent < clear) {
            next = BufferState.NORMAL;
        } else if (watched && (percent >= approach || buffer == BufferState.FULL)) {
            next = BufferState.APPROACHING;
        }
        if (next != buffer) {
            Check.that(buffer.mayBecome(next), "a buffer that is %s may become %s", buffer, next);
            buffer = next;
        }
    }
}
