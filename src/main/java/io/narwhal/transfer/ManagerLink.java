package io.narwhal.transfer;

import io.narwhal.base.Check;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One link to an agent, from the manager's side, over all its connections. */
public final class ManagerLink {
    /** The first wait after a connection ended. */
    public static final long BACKOFF_FIRST_MS = 200;

    /** The longest; each is twice the one before. */
    public static final long BACKOFF_LAST_MS = 10_000;

    /**
     * A pull of which nothing came for so long is given up: its credit is wanted by others. Longer
     * than other silence, as a message is heard when all of it is there, and a connection may be
     * slow; one that is dead the transport finds by itself.
     */
    static final long PULL_MS = 3 * Agent.SILENCE_MS;

    private static final Consumer<FromManager> NOWHERE = _ -> {};
    private static final Saving.Room NONE = new Saving.Room(0, 0);

    /** A journal of the agent, on this connection. */
    private static final class Course {
        final Resumption resumption;
        final long end;
        long next;

        Course(Resumption resumption, long end) {
            this.resumption = resumption;
            this.end = end;
            this.next = resumption.from();
        }
    }

    /** Something that is said when what was appended so far is forced. */
    private record Pending(long mark, long txn, long digest, FromAgent.@Nullable Resolve resolve) {}

    private final Manager manager;
    private final Positions positions;
    private final Map<StreamId, Course> courses = new TreeMap<>();
    private final Map<StreamId, List<Incarnation>> lineages = new TreeMap<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final Deque<TransferEvent> events = new ArrayDeque<>();
    private final LinkCounts counts = new LinkCounts();
    private LinkSettings settings;
    private ManagerState state = ManagerState.DISCONNECTED;
    private Consumer<FromManager> outbox = NOWHERE;
    private String peer = "";
    private FromAgent.@Nullable Hello hello;
    private boolean opened;
    private Digest digest = new Digest();
    private Occupancy held = Occupancy.EMPTY;
    private Saving.Room credit = NONE;
    private long lastMark;
    private long lastTxn;
    private long pullNumber;
    private long policyVersion;
    private long pulledMs;

    /** When the pull that is under way was issued, or brought something last. */
    private long broughtMs;

    private long notBeforeMs;
    private long unforcedBytes;

    /** No data came on this connection yet. */
    private boolean untold;

    /** Data came in answer to this pull. */
    private boolean messages;

    private boolean asked;
    private boolean more;
    private boolean standby;
    private long heardMs;
    private long saidMs;
    private long connectAtMs;
    private long backoffMs = BACKOFF_FIRST_MS;
    private long duplicates;
    private long lostBytes;

    /** Why the last data could never be saved. */
    private String refused = "";

    ManagerLink(Manager manager, LinkSettings settings, Positions positions, long nowMs) {
        this.manager = manager;
        this.settings = settings;
        this.positions = positions;
        this.connectAtMs = nowMs;
    }

    /** Name of the link. */
    public String name() {
        return settings.name();
    }

    /** How it stands. */
    public ManagerState state() {
        return state;
    }

    /** When the next connection is to be tried; meaningful while DISCONNECTED. */
    public long connectAtMs() {
        return connectAtMs;
    }

    /**
     * Why what the agent sends cannot be saved as this node is configured; empty when it can. The
     * agent keeps it, and the link tries again every {@link #BACKOFF_LAST_MS}.
     */
    public String refused() {
        return refused;
    }

    LinkSettings settings() {
        return settings;
    }

    private void become(ManagerState next, String reason) {
        Check.that(
                state.mayBecome(next), "a link that is %s may become %s: %s", state, next, reason);
        state = next;
    }

    private void note(TransferEvent.Kind kind, String what, long nowMs) {
        TransferEvent event = new TransferEvent(nowMs, kind, what);
        if (events.size() >= Agent.EVENTS_MAX) {
            events.removeFirst();
        }
        events.addLast(event);
        manager.saving().note(name(), event);
    }

    private void say(FromManager message, long nowMs) {
        saidMs = manager.time(nowMs);
        outbox.accept(message);
    }

    // ---- beginning and end ----

    /**
     * A connection stands.
     *
     * @param name the agent's name by its certificate; empty in clear
     * @param out takes what is to be sent, in order
     */
    public void connected(String name, Consumer<FromManager> out, long nowMs) {
        if (state == ManagerState.CLOSED) {
            out.accept(new FromManager.Close("the link is not configured any more"));
            return;
        }
        if (state != ManagerState.DISCONNECTED) {
            end("another connection stands", nowMs);
        }
        peer = name;
        outbox = out;
        hello = null;
        opened = false;
        digest = new Digest();
        heardMs = manager.time(nowMs);
        saidMs = heardMs;
        become(ManagerState.RESYNC, "connected");
    }

    /**
     * The connection has ended, or could not be made: the next is to be tried at {@link
     * #connectAtMs}. May be called also after the machine ended it (state DISCONNECTED, a Close in
     * the outbox).
     */
    public void disconnected(String why, long nowMs) {
        if (state == ManagerState.DISCONNECTED) {
            if (connectAtMs <= nowMs) {
                later(nowMs);
            }
        } else if (state != ManagerState.CLOSED) {
            end(why, nowMs);
        }
    }

    private void end(String why, long nowMs) {
        become(ManagerState.DISCONNECTED, why);
        outbox = NOWHERE;
        hello = null;
        opened = false;
        courses.clear();
        lineages.clear();
        pending.clear();
        credit = NONE;
        unforcedBytes = 0;
        asked = false;
        more = false;
        standby = false;
        later(nowMs);
    }

    private void later(long nowMs) {
        connectAtMs = nowMs + backoffMs;
        backoffMs = Math.min(BACKOFF_LAST_MS, backoffMs * 2);
    }

    private void hangUp(String why, long nowMs) {
        say(new FromManager.Close(why), nowMs);
        end(why, nowMs);
    }

    private void fail(Code code, String what, long nowMs) {
        boolean alarm = code == Code.BAD_DIGEST;
        note(
                alarm ? TransferEvent.Kind.ALARM : TransferEvent.Kind.TROUBLE,
                code + ": " + what,
                nowMs);
        say(new FromManager.Trouble(code, what, 0), nowMs);
        hangUp(code + ": " + what, nowMs);
    }

    void close(long nowMs) {
        if (state != ManagerState.DISCONNECTED) {
            hangUp("the link is not configured any more", nowMs);
        }
        become(ManagerState.CLOSED, "removed");
    }

    // ---- what comes ----

    /** A message has come. Whatever it says, it never throws: a wrong one ends the connection. */
    public void receive(FromAgent message, long nowMs) {
        if (state == ManagerState.DISCONNECTED || state == ManagerState.CLOSED) {
            return;
        }
        heardMs = manager.time(nowMs);
        boolean resync = state == ManagerState.RESYNC;
        switch (message) {
            case FromAgent.Trouble trouble -> trouble(trouble, nowMs);
            case FromAgent.Close close -> {
                note(TransferEvent.Kind.TROUBLE, "the agent closes: " + close.reason(), nowMs);
                end(close.reason(), nowMs);
            }
            case FromAgent.Hello said when resync && hello == null -> hello(said, nowMs);
            case FromAgent.Hello _ -> unexpected("hello", nowMs);
            case FromAgent.Opened said when resync && opened -> opened(said, nowMs);
            case FromAgent.Opened _ -> unexpected("opened", nowMs);
            case FromAgent.ThresholdsResult _ when resync -> unexpected("result", nowMs);
            case FromAgent.ThresholdsResult result -> result(result, nowMs);
            case FromAgent.PullRequest _ when resync -> unexpected("pull request", nowMs);
            case FromAgent.PullRequest request -> {
                asked = true;
                counts.requested(request.reasons());
                held(request.held(), nowMs);
            }
            case FromAgent.AccountingData data when state == ManagerState.PULLING ->
                    data(data, nowMs);
            case FromAgent.AccountingData _ -> unexpected("data", nowMs);
            case FromAgent.EndOfData end when state == ManagerState.PULLING -> answered(end, nowMs);
            case FromAgent.EndOfData _ -> unexpected("end of data", nowMs);
            case FromAgent.Resolve _ when resync -> unexpected("resolve", nowMs);
            case FromAgent.Resolve resolve -> resolve(resolve, nowMs);
            case FromAgent.Status _ when resync -> unexpected("status", nowMs);
            case FromAgent.Status status -> held(status.held(), nowMs);
        }
        manager.pulls(nowMs);
    }

    private void unexpected(String what, long nowMs) {
        String why = "%s while the link is %s".formatted(what, state.label());
        fail(Code.UNEXPECTED, why, nowMs);
    }

    private void held(Occupancy said, long nowMs) {
        if (said.records() < 0
                || said.bytes() < 0
                || said.oldestMicros() < 0
                || said.fillPercent() < 0) {
            fail(Code.MALFORMED, "an occupancy below nothing", nowMs);
            return;
        }
        held = said;
    }

    private void trouble(FromAgent.Trouble trouble, long nowMs) {
        String what = "%s: %s".formatted(trouble.code(), trouble.detail());
        note(TransferEvent.Kind.TROUBLE, what, nowMs);
        long wait = Math.clamp(trouble.retryAfterMs(), 0, 60_000);
        notBeforeMs = manager.time(nowMs) + wait;
    }

    private void result(FromAgent.ThresholdsResult result, long nowMs) {
        if (!result.accepted()) {
            note(TransferEvent.Kind.TROUBLE, "thresholds refused: " + result.why(), nowMs);
        }
    }

    // ---- resync ----

    private void hello(FromAgent.Hello said, long nowMs) {
        if (said.version() != Agent.VERSION) {
            String what = "version %d is not spoken, %d is";
            fail(Code.VERSION, what.formatted(said.version(), Agent.VERSION), nowMs);
            return;
        }
        boolean known = said.agent().equals(settings.agent());
        if (!known || !peer.isEmpty() && !peer.equals(said.agent())) {
            String what = "%s calls itself %s, %s is expected";
            String who = peer.isEmpty() ? "the agent" : peer;
            fail(Code.UNAUTHORISED, what.formatted(who, said.agent(), settings.agent()), nowMs);
            return;
        }
        if (!sound(said)) {
            fail(Code.MALFORMED, "a hello that contradicts itself", nowMs);
            return;
        }
        hello = said;
        manager.renamed(this, said.streams(), nowMs);
        if (manager.isForced(lastMark)) {
            open(nowMs);
        }
    }

    /** What was saved of a journal under the name of a link that is configured no more. */
    void goesOn(Saved saved, String former, long nowMs) {
        positions.goesOn(saved);
        String what = "%s goes on at %d, where the link %s ended, which is not configured any more";
        note(
                TransferEvent.Kind.ADMINISTERED,
                what.formatted(saved.id(), saved.through(), former),
                nowMs);
    }

    long saved(Stream stream) {
        Saved saved = positions.of(stream.id(), stream.epoch());
        return saved == null ? -1 : saved.through();
    }

    private static boolean sound(FromAgent.Hello said) {
        Set<StreamId> seen = new HashSet<>();
        boolean sound = said.streams().size() <= 2 * Positions.STREAMS_MAX && said.lastTxn() >= 0;
        for (Stream stream : said.streams()) {
            sound &=
                    seen.add(stream.id())
                            && stream.first() >= 0
                            && stream.end() >= stream.first()
                            && stream.lineage().size() <= Positions.STREAMS_MAX
                            && Histories.ordered(stream.lineage());
        }
        return sound;
    }

    private void open(long nowMs) {
        List<Saved> saved = saved();
        lastTxn = positions.lastTxn();
        counts.ackedTxn = lastTxn;
        opened = true;
        ManagerSettings self = manager.settings();
        say(
                new FromManager.Open(
                        self.manager(),
                        Agent.VERSION,
                        self.instance(),
                        settings.journal(),
                        saved,
                        lastTxn),
                nowMs);
    }

    /** What the agent is told: as much as a message may have, of each stream the newest stores. */
    private List<Saved> saved() {
        List<Saved> all =
                positions.stores().stream()
                        .filter(one -> one.id().journal() == settings.journal())
                        .toList();
        if (all.size() <= Positions.STREAMS_MAX) {
            return all;
        }
        int streams = (int) all.stream().map(Saved::id).distinct().count();
        int each = Math.max(1, Positions.STREAMS_MAX / streams);
        List<Saved> told = new ArrayList<>();
        int same = 0;
        for (Saved one : all) {
            boolean another = told.isEmpty() || !told.getLast().id().equals(one.id());
            same = another ? 1 : same + 1;
            if (same <= each && told.size() < Positions.STREAMS_MAX) {
                told.add(one);
            }
        }
        return told;
    }

    private void opened(FromAgent.Opened said, long nowMs) {
        for (Stream stream : hello == null ? List.<Stream>of() : hello.streams()) {
            lineages.put(stream.id(), stream.lineage());
        }
        for (Resumption resumption : said.streams()) {
            String wrong = wrong(resumption);
            if (!wrong.isEmpty()) {
                fail(Code.OUT_OF_SEQUENCE, resumption.id() + ": " + wrong, nowMs);
                return;
            }
            courses.put(resumption.id(), new Course(resumption, end(resumption.id())));
        }
        for (Resumption resumption : said.streams()) {
            apply(resumption, nowMs);
        }
        backoffMs = BACKOFF_FIRST_MS;
        become(ManagerState.READY, "opened");
        untold = true;
        asked = true;
        set(nowMs);
    }

    private long end(StreamId id) {
        for (Stream stream : hello == null ? List.<Stream>of() : hello.streams()) {
            if (stream.id().equals(id)) {
                return stream.end();
            }
        }
        return 0;
    }

    private String wrong(Resumption resumption) {
        Saved saved = positions.of(resumption.id());
        Saved same = positions.of(resumption.id(), resumption.epoch());
        long through = same == null ? -1 : same.through();
        long from = resumption.from();
        if (resumption.id().journal() != settings.journal()
                || courses.containsKey(resumption.id())
                || courses.size() >= Positions.STREAMS_MAX) {
            return "not asked for";
        }
        if (saved == null && streams() >= Positions.STREAMS_MAX) {
            return "more journals than an agent may ever have had";
        }
        if (from < 0
                || resumption.lostFrom() < 0
                || resumption.lostTo() < resumption.lostFrom()
                || resumption.lostTo() > from) {
            return "numbers that cannot be";
        }
        boolean follows =
                switch (resumption.verdict()) {
                    case BEGINS -> saved == null;
                    case RESUMES -> from == through && saved == same;
                    case MANAGER_BEHIND -> same == null || from == through;
                    case AGENT_LOST -> saved != null && same == null;
                    case AGENT_RESTORED -> same != null;
                    case MANAGER_LOST_DATA -> resumption.lostTo() > resumption.lostFrom();
                    case REFUSED -> saved != null;
                };
        return follows ? "" : "%s at %d, saved is %s".formatted(resumption.verdict(), from, saved);
    }

    /** Of which something is saved, or will be. */
    private long streams() {
        long begun = courses.keySet().stream().filter(id -> positions.of(id) == null).count();
        return positions.saved().size() + begun;
    }

    private void apply(Resumption resumption, long nowMs) {
        switch (resumption.verdict()) {
            case BEGINS, RESUMES -> {}
            case REFUSED -> {
                String what = "%s is refused: %s; 'narwhal transfer accept %s' goes on";
                String why = what.formatted(resumption.id(), resumption.detail(), name());
                note(TransferEvent.Kind.VERDICT, why, nowMs);
            }
            case MANAGER_BEHIND -> {
                note(TransferEvent.Kind.VERDICT, sentence(resumption), nowMs);
                resumed(resumption);
            }
            case AGENT_LOST, AGENT_RESTORED, MANAGER_LOST_DATA -> {
                note(TransferEvent.Kind.VERDICT, sentence(resumption), nowMs);
                resumed(resumption);
                long lost = resumption.lostTo() - resumption.lostFrom();
                lostBytes += lost;
                if (lost > 0) {
                    String what = "%s: %d octets cannot be had any more";
                    note(TransferEvent.Kind.LOST, what.formatted(resumption.id(), lost), nowMs);
                }
            }
        }
    }

    private static String sentence(Resumption resumption) {
        return "%s: %s, on from %d: %s"
                .formatted(
                        resumption.id(),
                        resumption.verdict(),
                        resumption.from(),
                        resumption.detail());
    }

    private void resumed(Resumption resumption) {
        List<Incarnation> lineage = lineages.getOrDefault(resumption.id(), List.of());
        positions.resumed(resumption, lineage);
        manager.saving().resumed(name(), resumption);
        lastMark = manager.note();
    }

    /**
     * An administrator accepts every stream that is REFUSED: it goes on where the agent said. Ends
     * the connection; the next opens with the new positions.
     *
     * @return how many streams were accepted
     */
    public int accept(long nowMs) {
        int accepted = 0;
        for (Course course : courses.values()) {
            if (course.resumption.verdict() == Verdict.REFUSED) {
                resumed(course.resumption);
                String what = "%s goes on at %d".formatted(course.resumption.id(), course.next);
                note(TransferEvent.Kind.ADMINISTERED, what, nowMs);
                accepted++;
            }
        }
        if (accepted > 0) {
            hangUp("accepted, opens anew", nowMs);
            connectAtMs = nowMs;
        }
        return accepted;
    }

    // ---- thresholds ----

    /** Other thresholds, times and credit; name, agent and journal stay. */
    public void change(LinkSettings changed, long nowMs) {
        boolean others = !settings.thresholds().equals(changed.thresholds());
        settings = changed;
        if (others && talking()) {
            set(nowMs);
        }
    }

    private boolean talking() {
        return switch (state) {
            case READY, PULLING, SAVING, ACKING, BACKPRESSURED -> true;
            case DISCONNECTED, RESYNC, CLOSED -> false;
        };
    }

    private void set(long nowMs) {
        say(new FromManager.SetThresholds(++policyVersion, settings.thresholds()), nowMs);
    }

    // ---- pulls ----

    /** Pulls as soon as may be. */
    public void pull(long nowMs) {
        asked = true;
        manager.pulls(nowMs);
    }

    /** Whether a pull may be issued and somebody wants it. */
    boolean due(long nowMs) {
        long timeMs = manager.time(nowMs);
        boolean wanted = asked || more || timeMs - pulledMs >= settings.everyMs();
        if (!wanted || timeMs < notBeforeMs) {
            return false;
        }
        return switch (state) {
            case READY, BACKPRESSURED -> true;
            case SAVING -> more && unforcedBytes < settings.creditBytes();
            case DISCONNECTED, RESYNC, PULLING, ACKING, CLOSED -> false;
        };
    }

    PullOrder order() {
        return new PullOrder(held.fillPercent(), held.oldestMicros(), name());
    }

    /** Credit that was given and not used yet. */
    Saving.Room outstanding() {
        return credit;
    }

    void pull(Saving.Room room, long nowMs) {
        become(ManagerState.PULLING, "a pull is due");
        credit = room;
        messages = false;
        asked = false;
        more = false;
        pulledMs = manager.time(nowMs);
        broughtMs = pulledMs;
        pullNumber++;
        say(new FromManager.ProvideAccountingData(pullNumber, room.records(), room.bytes()), nowMs);
    }

    /** A pull is due that cannot be saved. */
    void hold(long nowMs) {
        if (state == ManagerState.READY) {
            become(ManagerState.BACKPRESSURED, "there is no room for what a pull brings");
        }
    }

    // ---- data ----

    private void data(FromAgent.AccountingData data, long nowMs) {
        Course course = courses.get(data.stream());
        String malformed = malformed(data);
        if (!malformed.isEmpty()) {
            fail(Code.MALFORMED, malformed, nowMs);
            return;
        }
        String sequence = outOfSequence(data, course);
        if (!sequence.isEmpty() || course == null) {
            fail(Code.OUT_OF_SEQUENCE, sequence, nowMs);
            return;
        }
        long sum =
                digest.with(data.txn(), data.epoch(), data.from(), data.through(), data.frames());
        if (sum != data.digest()) {
            fail(Code.BAD_DIGEST, "transmission %d".formatted(data.txn()), nowMs);
            return;
        }
        String refusal = manager.saving().refusal(data);
        if (!refusal.isEmpty()) {
            refuse(refusal, nowMs);
            return;
        }
        refused = "";
        take(data, course, nowMs);
        lastTxn = data.txn();
        untold = false;
        broughtMs = heardMs;
        credit =
                new Saving.Room(
                        Math.max(0, credit.records() - data.records()),
                        Math.max(0, credit.bytes() - data.frames().remaining()));
        messages = true;
        pending.addLast(new Pending(manager.appended(), data.txn(), sum, null));
        unforcedBytes += data.frames().remaining();
    }

    // It will come again and be refused again until somebody changes something: not too often, and
    // told once.
    private void refuse(String why, long nowMs) {
        if (!why.equals(refused)) {
            note(TransferEvent.Kind.TROUBLE, why, nowMs);
        }
        refused = why;
        say(new FromManager.Trouble(Code.STORE_UNAVAILABLE, why, BACKOFF_LAST_MS), nowMs);
        backoffMs = BACKOFF_LAST_MS;
        hangUp(why, nowMs);
    }

    private String malformed(FromAgent.AccountingData data) {
        if (data.from() < 0
                || data.through() <= data.from()
                || data.records() < 0
                || data.items() < 0
                || data.txn() <= 0
                || data.txn() >= AgentReader.TXN_MAX) {
            return "%d to %d, %d records, %d items, transmission %d"
                    .formatted(
                            data.from(), data.through(), data.records(), data.items(), data.txn());
        }
        if (!data.gap().isEmpty()) {
            boolean empty =
                    !data.frames().hasRemaining() && data.records() == 0 && data.items() == 0;
            return empty ? "" : "a gap with frames";
        }
        boolean within =
                data.records() <= credit.records() && data.frames().remaining() <= credit.bytes();
        if (!within && (messages || !FrameWalk.single(data.frames()))) {
            return "%d records and %d octets are beyond the credit of %s"
                    .formatted(data.records(), data.frames().remaining(), credit);
        }
        return FrameWalk.wrong(data);
    }

    private String outOfSequence(FromAgent.AccountingData data, @Nullable Course course) {
        if (course == null || course.resumption.verdict() == Verdict.REFUSED) {
            return data.stream() + " is not served";
        }
        if (untold ? data.txn() <= lastTxn : data.txn() != lastTxn + 1) {
            return "transmission %d behind %d".formatted(data.txn(), lastTxn);
        }
        boolean again = data.through() <= course.next;
        if (data.epoch() != course.resumption.epoch() || data.from() != course.next && !again) {
            return "%s of %x from %d to %d, expected from %d"
                    .formatted(
                            data.stream(), data.epoch(), data.from(), data.through(), course.next);
        }
        return "";
    }

    private void take(FromAgent.AccountingData data, Course course, long nowMs) {
        if (data.from() != course.next) {
            duplicates += data.records();
            manager.saving().duplicate(name(), data);
            return;
        }
        manager.saving().append(name(), data);
        positions.appended(
                data.stream(),
                data.epoch(),
                data.incarnation(),
                data.from(),
                data.through(),
                data.txn());
        lastMark = manager.note();
        course.next = data.through();
        counts.bytes += data.frames().remaining();
        counts.records += data.records();
        if (!data.gap().isEmpty() && !data.elsewhere()) {
            lostBytes += data.through() - data.from();
            String what = "%s: %d to %d: %s";
            note(
                    TransferEvent.Kind.LOST,
                    what.formatted(data.stream(), data.from(), data.through(), data.gap()),
                    nowMs);
        }
    }

    private void answered(FromAgent.EndOfData end, long nowMs) {
        if (end.pull() != pullNumber) {
            String what = "pull %d is answered, %d was issued";
            fail(Code.OUT_OF_SEQUENCE, what.formatted(end.pull(), pullNumber), nowMs);
            return;
        }
        credit = NONE;
        more = messages && end.remaining().bytes() > 0;
        standby = end.standby();
        if (pending.isEmpty()) {
            become(ManagerState.ACKING, "nothing has to be forced");
            become(ManagerState.READY, "nothing has to be acknowledged");
        } else {
            become(ManagerState.SAVING, "the pull is answered");
        }
        held(end.remaining(), nowMs);
    }

    private void resolve(FromAgent.Resolve resolve, long nowMs) {
        if (resolve.from() < 0 || resolve.through() <= resolve.from()) {
            fail(Code.MALFORMED, "a stretch below nothing is resolved", nowMs);
            return;
        }
        manager.saving().resolve(name(), resolve);
        lastMark = manager.note();
        pending.addLast(new Pending(lastMark, 0, 0, resolve));
    }

    // ---- forced ----

    void forced(long mark, long nowMs) {
        if (state == ManagerState.RESYNC && hello != null && !opened && lastMark <= mark) {
            open(nowMs);
        }
        Pending newest = null;
        while (!pending.isEmpty() && pending.getFirst().mark <= mark) {
            Pending done = pending.removeFirst();
            FromAgent.Resolve resolve = done.resolve;
            if (resolve == null) {
                newest = done;
            } else {
                say(resolved(resolve), nowMs);
            }
        }
        if (pending.isEmpty()) {
            unforcedBytes = 0;
        }
        boolean all = pending.isEmpty() && state == ManagerState.SAVING;
        if (all) {
            become(ManagerState.ACKING, "everything is forced");
        }
        if (newest != null) {
            counts.ackedTxn = newest.txn;
            counts.ackedMs = nowMs;
            say(new FromManager.Acknowledge(newest.txn, newest.digest), nowMs);
        }
        if (all) {
            become(ManagerState.READY, "everything is acknowledged");
        }
    }

    private static FromManager.Resolved resolved(FromAgent.Resolve resolve) {
        return new FromManager.Resolved(
                resolve.stream(), resolve.epoch(), resolve.from(), resolve.through());
    }

    // ---- time ----

    void tick(long nowMs) {
        if (state == ManagerState.DISCONNECTED || state == ManagerState.CLOSED) {
            return;
        }
        long timeMs = manager.time(nowMs);
        boolean pulling = state == ManagerState.PULLING;
        if (timeMs - heardMs >= (pulling ? PULL_MS : Agent.SILENCE_MS)) {
            hangUp("nothing was heard for %d ms".formatted(timeMs - heardMs), nowMs);
        } else if (pulling && timeMs - broughtMs >= PULL_MS) {
            String what = "pull %d has brought nothing for %d ms";
            note(TransferEvent.Kind.TROUBLE, what.formatted(pullNumber, timeMs - broughtMs), nowMs);
            hangUp(what.formatted(pullNumber, timeMs - broughtMs), nowMs);
        } else if (talking() && timeMs - saidMs >= Agent.STATUS_EVERY_MS) {
            say(new FromManager.Status(), nowMs);
        }
    }

    LinkFacts facts() {
        List<StreamFacts> streams = new ArrayList<>();
        for (Saved saved : positions.saved()) {
            if (!courses.containsKey(saved.id())) {
                long at = saved.through();
                streams.add(new StreamFacts(saved.id(), saved.epoch(), at, at, at, null, ""));
            }
        }
        courses.forEach((id, course) -> streams.add(facts(id, course)));
        return new LinkFacts(
                name(),
                settings.agent(),
                settings.journal(),
                state.label(),
                "",
                standby,
                held,
                streams,
                lastTxn,
                counts.ackedTxn,
                counts.ackedMs,
                pullNumber,
                counts.requests(),
                counts.bytes,
                counts.records,
                duplicates,
                0,
                lostBytes,
                List.copyOf(events));
    }

    private StreamFacts facts(StreamId id, Course course) {
        Saved saved = positions.of(id);
        return new StreamFacts(
                id,
                course.resumption.epoch(),
                saved == null ? 0 : saved.through(),
                course.next,
                Math.max(course.end, course.next),
                course.resumption.verdict(),
                course.resumption.detail());
    }
}
