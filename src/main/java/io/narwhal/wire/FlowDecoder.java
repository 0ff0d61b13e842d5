package io.narwhal.wire;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.Reason;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.RecordSink;
import io.narwhal.record.Source;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Decodes NetFlow v1, v5, v7, v9 (RFC 3954), IPFIX (RFC 7011) and sFlow version 5 datagrams, told
 * apart by their first bytes, into the columns of a block, which goes to the sink whenever it is
 * full.
 *
 * <p>The books: what is looked at is received; what is discarded is rejected with its reason; a
 * data set whose template is unknown is held, booked with the records that it has at least, and
 * when its template comes received is set right. What the sink takes is the sink's to account.
 * Options records, templates and counter samples are no usage and only in {@link #exporters()}.
 *
 * <p>A pure function of its calls: no clock, no randomness. Not for more than one thread.
 */
public final class FlowDecoder {
    private static final int STATE_VERSION = 6;

    /** A state of this version knows one path only. */
    private static final int VERSION_BEFORE = 5;

    private static final int PROBLEMS_KEPT = 64;
    private static final int SET_HEADER = 4;
    private static final String MADE_ROOM = "the exporter made room";
    private static final String RESTARTED = "has none, and the exporter restarted";

    private final DecoderLimits limits;
    private final Scope.Terms terms;
    private final StateRoom room;
    private final RecordBlock block;
    private final RecordSink sink;
    private final Books books;

    private final Columns columns;
    private final long[] octets;
    private final long[] packets;
    private final Header header = new Header();
    private final Header heldHeader = new Header();
    private final Message message;
    private final Sampling sampling = new Sampling();
    private final Template v1 = NetflowV1.template(NetflowV1.RECORD);
    private final Template longV1 = NetflowV1.template(NetflowV1.LONG_RECORD);
    private final Template v5 = NetflowV5.template();
    private final Template v7 = NetflowV7.template();
    private final SflowSamples samples;
    private final Scopes scopes = new Scopes();
    private final Retired retired = new Retired();
    private final Fingerprint fingerprint = new Fingerprint();
    private final MessageCounts counts = new MessageCounts();
    private final Deque<Problem> problems = new ArrayDeque<>();
    private final Copies copies =
            new Copies(
                    (exporter, ms, message) ->
                            problem(Problem.Kind.COPIES_LIMIT, exporter, 0, ms, 0, message));

    // By path: how far its arrivals have come. Of this host's own, path 0, the watermark is.
    private long[] clocks = {};

    // Of the datagram in hand: whether another path had supplied it; whether each of its sets has
    // to be asked for by itself; and by what it is known.
    private boolean isCopy;
    private boolean inParts;
    private long print;

    // Whether the rows in the block are copies: they are decoded, and not the sink's to account.
    private boolean discarding;

    private @Nullable RecordWitness witness;
    private @Nullable Interpreter interpreter;
    private boolean again;
    private int exportersMax;
    private long heldBytesMax;

    /** Held bytes that are decoded in one round. */
    private static final int RELEASE_BYTES_MAX = 128 << 10;

    /** Held data whose template is there. */
    private record Due(Scope scope, int templateId) {}

    private final SortedSet<Due> due =
            new TreeSet<>(
                    Comparator.comparing(Due::scope, Scope.ORDER)
                            .thenComparingInt(Due::templateId));

    private int releaseBytes = RELEASE_BYTES_MAX;
    private long heldBytes;
    private int heldNow;

    /** No held set came before it; so that a watermark that expires nothing costs nothing. */
    private long oldestHeldMs = Long.MAX_VALUE;

    private long datagrams;
    private long rejected;
    private long heldSets;
    private long releasedSets;
    private long refusedTemplates;

    /**
     * A decoder that knows nothing yet.
     *
     * @param block where records are put; the fields that it wants are the ones decoded
     * @param sink takes each full block, and the rest at {@link #flush}
     * @param books where received, held and rejected are counted
     */
    public FlowDecoder(DecoderLimits limits, RecordBlock block, RecordSink sink, Books books) {
        this(limits, List.of(), block, sink, books);
    }

    /**
     * A decoder that knows nothing yet but sampling rates that no exporter told.
     *
     * @param samplingRules by exporter; the first that fits holds
     */
    public FlowDecoder(
            DecoderLimits limits,
            List<SamplingRule> samplingRules,
            RecordBlock block,
            RecordSink sink,
            Books books) {
        this.room = new StateRoom(limits.stateBytes());
        this.terms = new Scope.Terms(limits.totalFlows(), List.copyOf(samplingRules), room);
        this.limits = limits;
        this.exportersMax = limits.exporters();
        this.heldBytesMax = limits.heldBytes();
        this.block = block;
        this.sink = sink;
        this.books = books;
        this.columns = new Columns(block);
        this.octets = columns.low(Field.OCTETS);
        this.packets = columns.low(Field.PACKETS);
        this.message = new Message(limits.fieldsPerTemplate());
        this.samples = new SflowSamples(block, columns, books, this::flush);
    }

    /** From now on shows each record whole to that witness, or to none. */
    public void setWitness(@Nullable RecordWitness witness) {
        setWitness(witness, Registry.shipped());
    }

    /**
     * From now on shows each record whole to that witness, or to none.
     *
     * @param registry the names of its fields
     */
    public void setWitness(@Nullable RecordWitness witness, Registry registry) {
        this.witness = witness;
        this.interpreter = witness == null ? null : new Interpreter(witness, registry);
    }

    /**
     * Says how many more exporters, held bytes and other bytes of state there is room for, where
     * several decoders share {@link DecoderLimits}; what is known and held already stays.
     */
    public void setRoom(int exporters, long heldBytes, long stateBytes) {
        exportersMax = scopes.size() + exporters;
        heldBytesMax = this.heldBytes + heldBytes;
        room.set(stateBytes);
        releaseBytes = RELEASE_BYTES_MAX;
    }

    /**
     * Compares what comes by several paths from now on, and counts what another path has supplied
     * as duplicate.
     *
     * @param datagrams that it may remember for that
     * @param shrinkMost how many of those that are too many it forgets now
     */
    public void compareCopies(int datagrams, int shrinkMost) {
        copies.setRoom(datagrams, limits.exporters(), shrinkMost);
    }

    /** Datagrams that it remembers to know copies. */
    public int copiesRemembered() {
        return copies.size();
    }

    /** What is known of exporters that come by several paths, by address, protocol and domain. */
    public List<CopiesReport> copies() {
        return copies.reports();
    }

    /**
     * Says how far the arrival times of each path have come, by its number, ms since 1970; of path
     * 0 that counts for nothing. The array is looked at and never changed.
     */
    public void setClocks(long[] byPath) {
        clocks = byPath;
    }

    private long clock(Scope scope, long arrivalMs) {
        return scope.path == 0 || scope.path >= clocks.length ? arrivalMs : clocks[scope.path];
    }

    /** Bytes that exporters made it remember, as {@link DecoderLimits#stateBytes} counts them. */
    public long stateBytes() {
        return scopes.stateBytes();
    }

    /** Exporters known, each (source, way, version, domain) by itself. */
    public int scopes() {
        return scopes.size();
    }

    /** Bytes that wait for templates, as {@link DecoderLimits#heldBytes} counts them. */
    public long heldBytes() {
        return heldBytes;
    }

    /**
     * The source port of a datagram, or 0 where it tells no exporters apart: an agent of sFlow
     * names itself, and may send from another port each time; and what remains of the sessions of
     * one exporter (TCP, TLS) is summed up without a port. Datagrams of one source address and of
     * one such port belong to one decoder.
     */
    public static int exporterPort(Source source, byte[] bytes, int offset, int length) {
        boolean portless =
                source.transport().isSession() || SflowStructure.isSflow(bytes, offset, length);
        return portless ? 0 : source.port();
    }

    /**
     * Decodes one datagram, {@code bytes[offset, offset + length)}.
     *
     * @param source where it came from; not kept
     * @param arrivalMicros when it arrived, µs since 1970
     */
    public void decode(byte[] bytes, int offset, int length, Source source, long arrivalMicros) {
        decode(bytes, offset, length, source, arrivalMicros, false);
    }

    /**
     * Decodes a datagram that was passed over when it came, maybe long ago. It fills the gap that
     * it left in the sequence, if that is still known; beyond that its number and clock say nothing
     * of the exporter, and templates that are known by now stay as they are.
     *
     * @param source where it came from; not kept
     * @param arrivalMicros when it arrived, µs since 1970
     */
    public void decodeAgain(
            byte[] bytes, int offset, int length, Source source, long arrivalMicros) {
        decode(bytes, offset, length, source, arrivalMicros, true);
    }

    private void decode(
            byte[] bytes,
            int offset,
            int length,
            Source source,
            long arrivalMicros,
            boolean again) {
        this.again = again;
        Check.that(
                offset >= 0 && length >= 0 && length <= bytes.length - offset,
                "a datagram lies within its array");
        datagrams++;
        header.arrivalMs = Math.floorDiv(arrivalMicros, 1000L);
        header.inSession = source.transport().isSession();
        Structure head = header.read(bytes, offset, length);
        if (head instanceof Structure.Broken broken) {
            reject(broken, offset, source);
            return;
        }
        Scope known = scopes.find(source, header);
        if (known == null && isFull() && retirable() == null) {
            reject(tooManyExporters(offset), offset, source);
            return;
        }
        boolean restart = known != null && !again && known.isRestart(header);
        Structure body = body(bytes, known == null || restart ? null : known.templates);
        if (body instanceof Structure.Broken broken) {
            reject(broken, offset, source);
            return;
        }
        count();
        Scope scope = known == null ? newScope(source) : known;
        boolean hasPaths = scope.path > 0 && copies.isOn();
        long mark = hasPaths || scope.mayBeDoubled() ? fingerprint.of(bytes, offset, length) : 0;
        if (scope.mayBeDoubled()) {
            if (!scope.sequence.isNew(header.sequence, counts) && scope.recent.contains(mark)) {
                duplicate(scope, bytes);
                return;
            }
            scope.recent.add(mark);
        }
        if (restart) {
            restart(scope);
        } else if (!again && isRestartBySequence(scope)) {
            restartBySequence(scope, bytes);
        }
        compare(scope, mark, hasPaths);
        accept(scope, bytes, offset);
    }

    /** Looks whether another path has supplied this datagram. */
    private void compare(Scope scope, long mark, boolean hasPaths) {
        isCopy = false;
        inParts = false;
        print = mark;
        if (hasPaths) {
            boolean isPartial = hasUnknownSets();
            Copies.Claim claim = copies.claim(scope, mark, header.exportMs, isPartial);
            switch (claim) {
                case FIRST -> inParts = isPartial;
                case COPY -> isCopy = true;
                case PARTS -> inParts = true;
            }
            scope.copies += isCopy ? 1 : 0;
        }
        setDiscarding(isCopy);
    }

    private boolean hasUnknownSets() {
        if (header.protocol != FlowProtocol.NETFLOW_V9 && header.protocol != FlowProtocol.IPFIX) {
            return false;
        }
        for (int set = 0; set < message.sets(); set++) {
            if (message.template(set) == null
                    && message.id(set) >= 256
                    && message.from(set) < message.to(set)) {
                return true;
            }
        }
        return false;
    }

    private void setDiscarding(boolean isWanted) {
        if (isWanted != discarding) {
            flush();
            discarding = isWanted;
        }
    }

    /** Checks what follows the header; records of a fixed layout were checked with it. */
    private Structure body(byte[] bytes, @Nullable Templates known) {
        return switch (header.protocol) {
            case NETFLOW_V1, NETFLOW_V5, NETFLOW_V7 -> Structure.SOUND;
            case NETFLOW_V9, IPFIX -> message.read(bytes, header, known);
            case SFLOW -> SflowStructure.samples(bytes, header);
        };
    }

    /** Counts what the datagram carries, for the sequence. */
    private void count() {
        switch (header.protocol) {
            case NETFLOW_V9, IPFIX -> message.count(counts);
            case NETFLOW_V1, NETFLOW_V5, NETFLOW_V7, SFLOW -> counts.set(header.count, 0, 0, false);
        }
    }

    /** Drops a datagram that came again, and books what was not doubled. */
    private void duplicate(Scope scope, byte[] bytes) {
        scope.duplicates++;
        heard(scope);
        switch (header.protocol) {
            case NETFLOW_V1 -> throw new AssertionError("version 1 has no sequence numbers");
            case NETFLOW_V5 -> duplicate(scope, v5, bytes, header.body, header.end, header.count);
            case NETFLOW_V7 -> duplicate(scope, v7, bytes, header.body, header.end, header.count);
            case NETFLOW_V9, IPFIX -> duplicateSets(scope, bytes);
            case SFLOW -> samples.duplicate(header, bytes);
        }
    }

    private void duplicateSets(Scope scope, byte[] bytes) {
        for (int set = 0; set < message.sets(); set++) {
            Template template = message.template(set);
            int from = message.from(set);
            if (template != null && !template.options) {
                duplicate(scope, template, bytes, from, message.to(set), message.records(set));
            } else if (template == null && message.id(set) >= 256 && from < message.to(set)) {
                int records = message.recordsOfUnknown(set, header);
                books.received().add(records, 0, 0);
                books.duplicate().add(records, 0, 0);
            }
        }
    }

    private void heard(Scope scope) {
        scopes.touch(scope);
        scope.heardAt = datagrams;
        scope.lastArrivalMs = header.arrivalMs;
    }

    // Decoded into rows behind the block's own, which the next records overwrite.
    private void duplicate(
            Scope scope, Template template, byte[] bytes, int from, int to, int records) {
        ColumnOp.Context context = scope.with(header);
        Plan plan = template.plan(columns);
        int row = block.size();
        long clamped = scope.clampedTimes;
        int at = from;
        for (int left = records; left > 0; ) {
            int now = Math.min(left, block.room());
            at = plan.decode(context, bytes, at, to, now, row, block.present());
            book(books.duplicate(), now, row, row + now);
            book(books.received(), now, row, row + now);
            left -= now;
        }
        scope.clampedTimes = clamped; // counted when they came first
    }

    private boolean isFull() {
        return scopes.size() >= exportersMax;
    }

    /** The exporter that would make room for another; null when none was silent long enough. */
    private @Nullable Scope retirable() {
        Scope eldest = scopes.eldestDatagrams();
        return eldest != null
                        && clock(eldest, header.arrivalMs) - eldest.lastArrivalMs
                                >= limits.exporterIdleMs()
                ? eldest
                : null;
    }

    /**
     * Forgets all exporters that were silent long enough, but for their counts: for whoever finds
     * the limit reached that several decoders share.
     *
     * @param arrivalMs arrival time that the input has reached, ms since 1970
     */
    public void retireSilent(long arrivalMs) {
        Scope eldest = scopes.eldestDatagrams();
        while (eldest != null
                && clock(eldest, arrivalMs) - eldest.lastArrivalMs >= limits.exporterIdleMs()) {
            retire(eldest, MADE_ROOM);
            eldest = scopes.eldestDatagrams();
        }
    }

    /** Forgets an exporter but for its counts. */
    private void retire(Scope scope, String why) {
        giveUp(scope, scope.held.takeIf(_ -> true), "has none, and " + why);
        retired.add(scope.report());
        scopes.remove(scope);
        if (scope.path > 0) {
            terms.sharedTotals().forgetUnlessOf(scopes.sorted(), scope.totals);
        }
    }

    /**
     * IPFIX headers have no uptime, so a restart shows in the numbers alone. In a session nothing
     * is reordered, and its templates end with it.
     */
    private boolean isRestartBySequence(Scope scope) {
        return header.protocol == FlowProtocol.IPFIX
                && !scope.transport.isSession()
                && scope.sequence.isRestart(header.sequence, counts);
    }

    /** Templates that did not come again since the numbers began anew may mean something else. */
    private void restartBySequence(Scope scope, byte[] bytes) {
        long oddMs = scope.sequence.oddMs();
        giveUp(scope, scope.held.takeIf(one -> one.arrivalMs() < oddMs), RESTARTED);
        scope.templates.forgetUntil(scope.sequence.advancedAt());
        // It was sound with more templates; with fewer, fewer sets are looked into.
        Structure again = message.read(bytes, header, scope.templates);
        Check.that(again == Structure.SOUND, "a sound message stays sound with fewer templates");
        count();
    }

    private Structure.Broken tooManyExporters(int offset) {
        return new Structure.Broken(
                Reason.EXPORTER_LIMIT,
                offset,
                "the decoder knows " + limits.exporters() + " exporters, its limit");
    }

    private Scope newScope(Source source) {
        Scope eldest = isFull() ? retirable() : null;
        if (eldest != null) {
            retire(eldest, MADE_ROOM);
        }
        var scope = new Scope(source, header, terms);
        scopes.add(scope);
        return scope;
    }

    private void reject(Structure.Broken broken, int offset, Source source) {
        long records = Math.max(1, header.count);
        rejected++;
        books.received().add(records, 0, 0);
        books.rejected(broken.reason()).add(records, 0, 0);
        problem(
                kind(broken.reason()),
                Addresses.text(source.high(), source.low()),
                source.port(),
                header.arrivalMs,
                broken.at() - offset,
                broken.message() + "; datagram discarded");
    }

    private static Problem.Kind kind(Reason reason) {
        return switch (reason) {
            case UNKNOWN_VERSION -> Problem.Kind.UNKNOWN_VERSION;
            case EXPORTER_LIMIT -> Problem.Kind.EXPORTER_LIMIT;
            case HELD_LIMIT -> Problem.Kind.HELD_LIMIT;
            case NO_TEMPLATE -> Problem.Kind.NO_TEMPLATE;
            case MALFORMED,
                    DAMAGED_JOURNAL,
                    UNKNOWN_CLIENT,
                    BAD_AUTHENTICATOR,
                    NOT_ACCOUNTING,
                    INCOMPLETE,
                    UNKNOWN_STATUS,
                    SESSION_LIMIT,
                    BAD_LINE,
                    LONG_LINE ->
                    Problem.Kind.MALFORMED;
        };
    }

    private void problem(
            Problem.Kind kind,
            String exporter,
            int port,
            long arrivalMs,
            int atByte,
            String message) {
        if (problems.size() == PROBLEMS_KEPT) {
            problems.removeFirst();
        }
        problems.addLast(new Problem(kind, exporter, port, arrivalMs, atByte, message));
    }

    private void problem(Problem.Kind kind, Scope scope, int atByte, String message) {
        problem(
                kind,
                Addresses.text(scope.high, scope.low),
                scope.port,
                header.arrivalMs,
                atByte,
                message);
    }

    private void accept(Scope scope, byte[] bytes, int offset) {
        scope.datagrams++;
        heard(scope);
        scope.measure(header);
        boolean follows =
                again
                        ? scope.sequence.onOldMessage(header.sequence, counts, header.arrivalMs)
                        : scope.sequence.onMessage(header.sequence, counts, header.arrivalMs);
        if (follows) {
            scope.clock(header);
        }
        switch (header.protocol) {
            case NETFLOW_V1 ->
                    fixed(scope, header.recordBytes == NetflowV1.RECORD ? v1 : longV1, bytes);
            case NETFLOW_V5 -> fixed(scope, v5, bytes);
            case NETFLOW_V7 -> fixed(scope, v7, bytes);
            case NETFLOW_V9, IPFIX -> sets(scope, bytes, offset);
            case SFLOW -> samples(scope, bytes);
        }
    }

    private void fixed(Scope scope, Template layout, byte[] bytes) {
        records(scope, layout, header, bytes, header.body, header.end, header.count);
    }

    private void samples(Scope scope, byte[] bytes) {
        SflowAgent agent = scope.agent();
        long before = agent.notFollowed;
        samples.decode(scope, agent, header, bytes, witness);
        if (before == 0 && agent.notFollowed > 0) {
            problem(
                    Problem.Kind.SAMPLING_LIMIT,
                    scope,
                    0,
                    "more than "
                            + DataSources.LIMIT
                            + " data sources; the effective rate of others is not followed");
        }
    }

    private void sets(Scope scope, byte[] bytes, int offset) {
        scope.templateRecords += message.templateRecords();
        for (int i = 0; i < message.repeatedCount(); i++) {
            scope.templates.repeat(message.repeated(i), scope.sequence.messages());
        }
        int staged = 0;
        for (int set = 0; set < message.sets(); set++) {
            Template template = message.template(set);
            if (scope.path > 0) {
                setDiscarding(isCopy || inParts && isCopyOfSet(scope, template, set));
            }
            if (template != null) {
                data(
                        scope,
                        template,
                        header,
                        bytes,
                        message.from(set),
                        message.to(set),
                        message.records(set));
            } else if (message.id(set) >= 256) {
                hold(scope, set, bytes, offset);
            }
            while (staged < message.stagedCount() && message.stagedIn(staged) == set) {
                install(scope, message.staged(staged), message.from(set) - SET_HEADER - offset);
                staged++;
            }
        }
    }

    private boolean isCopyOfSet(Scope scope, @Nullable Template template, int set) {
        return template != null
                && !template.options
                && message.from(set) < message.to(set)
                && isCopyOf(scope, Copies.part(print, set), header.exportMs);
    }

    private boolean isCopyOf(Scope scope, long part, long exportMs) {
        return copies.isOn() && copies.claim(scope, part, exportMs, false) == Copies.Claim.COPY;
    }

    private void data(
            Scope scope, Template template, Header header, byte[] bytes, int from, int to, int n) {
        if (!template.options) {
            records(scope, template, header, bytes, from, to, n);
            return;
        }
        scope.optionsRecords += n;
        scope.readInitTime(template, bytes, from, to, n);
        if (interpreter != null) {
            var origin = new Interpreter.Origin(scope, header.arrivalMs, bytes);
            interpreter.options(origin, template, from, to, n);
        }
        if (Declared.tells(template) && scope.sequence.isAtNewest()) {
            scope.declared.read(template, bytes, from, to, n);
        }
        if (Sampling.tells(template) && !sampling.read(template, bytes, from, to, n, scope.rates)) {
            problem(
                    Problem.Kind.SAMPLING_LIMIT,
                    scope,
                    0,
                    "more than " + Rates.LIMIT + " samplers or interfaces have a rate; not kept");
        }
    }

    /** Decodes flow records into the block, and hands it on each time that it is full. */
    private void records(
            Scope scope,
            Template template,
            Header header,
            byte[] bytes,
            int from,
            int to,
            int records) {
        ColumnOp.Context context = scope.with(header);
        Plan plan = template.plan(columns);
        scope.records += records;
        if (plan.isStepwise()) {
            oneByOne(context, template, bytes, from, to, records);
            return;
        }
        int at = from;
        int left = records;
        while (left > 0) {
            int row = block.size();
            int now = Math.min(left, block.room());
            int begin = at;
            at = plan.decode(context, bytes, at, to, now, row, block.present());
            book(books.received(), now, row, row + now);
            block.setSize(row + now);
            if (interpreter != null) {
                var origin = new Interpreter.Origin(scope, header.arrivalMs, bytes);
                interpreter.flows(origin, template, begin, to, now, row);
            }
            left -= now;
            if (block.room() == 0) {
                flush();
            }
        }
    }

    /** As {@link #records}, where a record may have two rows, or counts by what came before. */
    private void oneByOne(
            ColumnOp.Context context,
            Template template,
            byte[] bytes,
            int from,
            int to,
            int records) {
        Plan plan = template.plan(columns);
        if (discarding && plan.hasTotals()) { // what another path supplied has grown already
            duplicate(context.scope, template, bytes, from, to, records);
            return;
        }
        int at = from;
        for (int i = 0; i < records; i++) {
            if (block.room() < 2) {
                flush();
            }
            int row = block.size();
            int next = plan.decode(context, bytes, at, to, 1, row, block.present());
            int rows = plan.finish(context, bytes, at, to, row, block.present());
            book(books.received(), 1, row, row + rows);
            block.setSize(row + rows);
            if (interpreter != null) {
                var origin = new Interpreter.Origin(context.scope, context.header.arrivalMs, bytes);
                interpreter.flows(origin, template, at, to, 1, row);
            }
            at = next;
        }
        if (block.room() == 0) {
            flush();
        }
        tellForgottenTotals(context.scope);
    }

    private void tellForgottenTotals(Scope scope) {
        long forgotten = scope.totals.takeForgotten();
        if (forgotten > 0) {
            problem(
                    Problem.Kind.TOTALS_LIMIT,
                    scope,
                    0,
                    "more than "
                            + limits.totalFlows()
                            + " flows have total counters; the totals of "
                            + forgotten
                            + " are forgotten, and if they go on they count from 0 again");
        }
    }

    private void book(Tally tally, int records, int from, int to) {
        long octetsSum = 0;
        long packetsSum = 0;
        for (int i = from; i < to; i++) {
            octetsSum += octets[i];
            packetsSum += packets[i];
        }
        tally.add(records, packetsSum, octetsSum);
    }

    private void hold(Scope scope, int set, byte[] bytes, int offset) {
        int from = message.from(set);
        int length = message.to(set) - from;
        if (length == 0) {
            return;
        }
        int records = message.recordsOfUnknown(set, header);
        books.received().add(records, 0, 0);
        if (heldBytes + Held.cost(length) > heldBytesMax) {
            Tally fate = isCopy ? books.duplicate() : books.rejected(Reason.HELD_LIMIT);
            fate.add(records, 0, 0);
            scope.sequence.onRefused(header.sequence, length);
            problem(
                    Problem.Kind.HELD_LIMIT,
                    scope,
                    from - SET_HEADER - offset,
                    "no template "
                            + message.id(set)
                            + ", and "
                            + heldBytes
                            + " bytes wait for templates already; set rejected");
            return;
        }
        books.held().add(records, 0, 0);
        byte[] body = new byte[length];
        System.arraycopy(bytes, from, body, 0, length);
        scope.held.add(
                new Held(
                        message.id(set),
                        header.exportMs,
                        header.uptimeMs,
                        header.sequence,
                        scope.sequence.epoch(),
                        header.arrivalMs,
                        records,
                        from - SET_HEADER - offset,
                        body,
                        inParts ? Copies.part(print, set) : 0,
                        isCopy));
        scope.sequence.onHeld(header.sequence, length);
        heldBytes += Held.cost(length);
        oldestHeldMs = Math.min(oldestHeldMs, header.arrivalMs);
        heldNow++;
        heldSets++;
    }

    private void install(Scope scope, Template template, int atByte) {
        if (again && (template.isWithdrawal() || scope.templates.get(template.id) != null)) {
            return; // what the exporter said since holds
        }
        if (template.isWithdrawal()) {
            withdraw(scope, template, atByte);
            return;
        }
        boolean isNew = scope.templates.get(template.id) == null;
        if (!isNew && scope.transport.isSession()) {
            problem(
                    Problem.Kind.TEMPLATE_CHANGED,
                    scope,
                    atByte,
                    "template "
                            + template.id
                            + " is defined anew without being withdrawn (RFC 7011 §8.1); the new"
                            + " definition holds");
        }
        String refusal = template.refusal;
        if (refusal == null && isNew && scope.templates.size() >= limits.templatesPerExporter()) {
            refusal = "the exporter has " + scope.templates.size() + " templates, the limit";
        }
        if (refusal == null && isNew && !room.take(template.stateBytes())) {
            refusal =
                    "exporters have made us remember " + limits.stateBytes() + " bytes, the limit";
        }
        if (refusal != null) {
            // What the id meant before is over; to go on with it would decode garbage.
            scope.templates.remove(template.id);
            refusedTemplates++;
            problem(
                    Problem.Kind.TEMPLATE_REFUSED,
                    scope,
                    atByte,
                    "template " + template.id + " refused: " + refusal);
            return;
        }
        scope.templates.put(template, scope.sequence.messages());
        if (scope.held.has(template.id)) {
            var one = new Due(scope, template.id);
            due.add(one);
            goOn(one);
        }
    }

    private void withdraw(Scope scope, Template withdrawal, int atByte) {
        int id = withdrawal.id;
        boolean known = id < 256 || scope.templates.get(id) != null;
        if (id < 256) {
            scope.templates.removeAll(withdrawal.options);
        } else {
            scope.templates.remove(id);
        }
        if (!known) {
            problem(
                    Problem.Kind.TEMPLATE_CHANGED,
                    scope,
                    atByte,
                    "template " + id + " is withdrawn, but there is none; nothing changes");
        }
    }

    /**
     * Whether held data whose template has come is still to be decoded: it may become hundreds of
     * times as many rows as a step usually has, so it comes in rounds, between which the caller has
     * written the rows of the one before. The next is begun by {@link #goOn}.
     */
    public boolean hasDue() {
        return !due.isEmpty();
    }

    /** Decodes the next part of the held data that is due. */
    public void goOn() {
        releaseBytes = RELEASE_BYTES_MAX;
        List.copyOf(due).forEach(this::goOn);
    }

    // In the order of arrival. What an exporter that has gone or begun anew had waiting was given
    // up, and a template that has gone again leaves its data waiting.
    private void goOn(Due one) {
        Scope scope = one.scope();
        while (releaseBytes > 0) {
            Template template = scope.templates.get(one.templateId());
            Held first = template == null ? null : scope.held.takeFirst(one.templateId());
            if (template == null || first == null) {
                due.remove(one);
                return;
            }
            noLongerHeld(first);
            releaseBytes -= first.body().length;
            release(scope, template, first);
        }
    }

    private void release(Scope scope, Template template, Held one) {
        int length = one.body().length;
        int records = message.count(template, one.body(), 0, length);
        if (records < 0) {
            giveUp(scope, one, Reason.MALFORMED, "does not fit its template");
            return;
        }
        releasedSets++;
        if (scope.path > 0) {
            setDiscarding(
                    one.isCopy()
                            || one.print() != 0 && isCopyOf(scope, one.print(), one.exportMs()));
        }
        books.received().add(-one.records(), 0, 0);
        scope.sequence.onDecoded(one.sequence(), one.epoch(), records, template.options);
        one.into(heldHeader, scope.protocol);
        data(scope, template, heldHeader, one.body(), 0, length, records);
    }

    private void noLongerHeld(Held one) {
        heldBytes -= Held.cost(one.body().length);
        heldNow--;
        books.held().add(-one.records(), 0, 0);
    }

    /** Gives up sets that were held until now, for want of their templates. */
    private void giveUp(Scope scope, List<Held> all, String why) {
        for (Held one : all) {
            noLongerHeld(one);
            giveUp(scope, one, Reason.NO_TEMPLATE, why);
        }
    }

    private void giveUp(Scope scope, Held one, Reason reason, String why) {
        if (one.isCopy() || one.print() != 0 && copies.isSupplied(scope, one.print())) {
            books.duplicate().add(one.records(), 0, 0);
            scope.sequence.onGivenUp(one.sequence(), one.epoch());
            return;
        }
        books.rejected(reason).add(one.records(), 0, 0);
        scope.sequence.onGivenUp(one.sequence(), one.epoch());
        problem(
                kind(reason),
                Addresses.text(scope.high, scope.low),
                scope.port,
                one.arrivalMs(),
                one.atByte(),
                "a set of template " + one.templateId() + " " + why + "; set rejected");
    }

    /** Templates of before may mean something else now (RFC 3954 §7), and held data its past. */
    private void restart(Scope scope) {
        giveUp(scope, scope.held.takeIf(_ -> true), RESTARTED);
        scope.restart(header.exportMs);
    }

    /** Takes note of the sessions that the block says began or ended. */
    public void onSessions(ReceivedBlock block) {
        boolean any = false;
        while (block.next()) {
            any = true;
            endSession(block.source());
        }
        if (!any && block.kind() == ReceivedBlock.Kind.SESSION_ENDED) {
            sessionsEnded(block.listen(), block.transport(), block.source().path());
        }
    }

    /** A transport session began: what was known of one of the same source is over. */
    public void sessionBegan(Source source) {
        endSession(source);
    }

    /**
     * A transport session ended: its templates and sampling rates are forgotten (RFC 7011 §8.1),
     * and what waits for a template is given up.
     */
    public void sessionEnded(Source source) {
        endSession(source);
    }

    /** All transport sessions of that listen address of that path ended. */
    public void sessionsEnded(int listen, Transport transport, int path) {
        endAll(one -> one.listen == listen && one.transport == transport && one.path == path);
    }

    private void endSession(Source source) {
        endAll(one -> one.isOf(source));
    }

    private void endAll(Predicate<Scope> ended) {
        for (Scope scope : scopes.sorted()) {
            if (scope.transport.isSession() && ended.test(scope)) {
                retire(scope, "its session ended");
            }
        }
    }

    /**
     * Drops the data that waits for templates, uncounted, and forgets which datagrams and totals
     * came: for whoever restored a state in order to read again data that has those sets still in
     * it.
     */
    public void forgetHeld() {
        scopes.sorted().forEach(Scope::readAgain);
        heldNow = 0;
        heldBytes = 0;
    }

    /** Hands the records that the block holds to the sink, if there are any, and clears it. */
    public void flush() {
        if (block.size() > 0) {
            if (discarding) {
                bookCopies();
            } else {
                sink.onBlock(block);
            }
            block.clear();
        }
    }

    private void bookCopies() {
        book(books.duplicate(), block.records(), 0, block.size());
    }

    /**
     * Time has come so far: gives up held data that waited too long.
     *
     * @param arrivalMs arrival time that the input has reached, ms since 1970
     */
    public void onWatermark(long arrivalMs) {
        boolean isDueFirst = !due.isEmpty(); // its template came in time
        if (heldNow == 0 || isDueFirst || arrivalMs - oldestHeldMs < limits.heldMs()) {
            return;
        }
        oldestHeldMs = Long.MAX_VALUE;
        for (Scope scope : scopes.sorted()) {
            expire(scope, clock(scope, arrivalMs));
        }
    }

    private void expire(Scope scope, long arrivalMs) {
        String why = "waited " + limits.heldMs() + " ms for it in vain";
        giveUp(
                scope,
                scope.held.takeIf(one -> arrivalMs - one.arrivalMs() >= limits.heldMs()),
                why);
        for (Held one : scope.held.all()) {
            oldestHeldMs = Math.min(oldestHeldMs, one.arrivalMs());
        }
    }

    /**
     * What is known of each exporter, by address, port, protocol and domain; behind them what is
     * remembered of those that made room.
     */
    public List<ExporterReport> exporters() {
        List<ExporterReport> reports = new ArrayList<>();
        scopes.sorted().forEach(scope -> reports.add(scope.report()));
        reports.addAll(retired.reports());
        return reports;
    }

    /** What became of the datagrams so far. */
    public DecoderCounts counts() {
        return new DecoderCounts(datagrams, rejected, heldSets, releasedSets, refusedTemplates);
    }

    /** The newest problems, the oldest first, at most 64; for logs, and not part of the state. */
    public List<Problem> problems() {
        return List.copyOf(problems);
    }

    /** As {@link #problems()}, and forgets them, so that each is told once. */
    public List<Problem> takeProblems() {
        List<Problem> taken = problems();
        problems.clear();
        return taken;
    }

    /**
     * Writes the state: equal states give equal bytes. The books are their owner's to write, and
     * the block was flushed before.
     */
    public void snapshot(StateWriter out) {
        Check.that(block.size() == 0, "the block is flushed before a snapshot");
        out.putByte(STATE_VERSION);
        out.putLong(datagrams).putLong(rejected);
        out.putLong(heldSets).putLong(releasedSets).putLong(refusedTemplates);
        List<Scope> all = scopes.sorted();
        out.putInt(all.size());
        all.forEach(scope -> scope.snapshot(out));
        retired.snapshot(out);
        terms.sharedTotals().snapshot(out);
        copies.snapshot(out);
    }

    /**
     * Reads what {@link #snapshot} wrote, into a decoder that has decoded nothing yet; one may take
     * the states of several, of different exporters.
     *
     * @throws StateReader.Malformed for a state of another version
     */
    public void restore(StateReader in) {
        int version = in.getByte();
        boolean knowsPaths = version == STATE_VERSION;
        if (!knowsPaths && version != VERSION_BEFORE) {
            throw new StateReader.Malformed(
                    "decoder state of version "
                            + version
                            + "; this release reads "
                            + VERSION_BEFORE
                            + " and "
                            + STATE_VERSION);
        }
        datagrams += in.getLong();
        rejected += in.getLong();
        heldSets += in.getLong();
        releasedSets += in.getLong();
        refusedTemplates += in.getLong();
        List<Scope> all = new ArrayList<>();
        for (int left = in.getCount(100); left > 0; left--) {
            Scope scope = Scope.restore(in, terms, knowsPaths);
            all.add(scope);
            heldNow += scope.held.size();
            for (Held one : scope.held.all()) {
                heldBytes += Held.cost(one.body().length);
                oldestHeldMs = Math.min(oldestHeldMs, one.arrivalMs());
            }
        }
        all.sort(Comparator.comparingLong(scope -> scope.heardAt));
        all.forEach(scopes::add);
        retired.restore(in, knowsPaths);
        if (knowsPaths) {
            terms.sharedTotals().restore(in);
            copies.restore(in);
        }
    }
}
