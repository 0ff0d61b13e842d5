package io.narwhal.component;

import io.narwhal.aggregate.Aggregation;
import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.enhance.Enhancement;
import io.narwhal.record.Books;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.HeldItem;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RowSink;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.session.ClientReport;
import io.narwhal.session.Holders;
import io.narwhal.session.Session;
import io.narwhal.session.SessionLimits;
import io.narwhal.session.SubscriberEnhancement;
import io.narwhal.wire.DecoderLimits;
import io.narwhal.wire.FlowDecoder;
import io.narwhal.wire.SamplingRule;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The processing context of accounting for one collector: everything that must be remembered
 * between two steps through its journal. A pure function of the journal's frames, the configuration
 * and the customers table: it knows no disk, no clock and no other lane, and how many threads a
 * crew has changes nothing.
 *
 * <p>Frames are gathered to a {@link Step}; when one ends, the shards take its datagrams, each its
 * own, and then the lane alone says how far time has come and writes the rows that are due.
 */
public final class Lane {
    private static final int VERSION = 5;

    /** A context of this version knows one path only: this host's own. */
    static final int VERSION_BEFORE = 4;

    /** Datagrams that a shard forgets in a step because another one needs the room. */
    private static final int COPIES_SHRINK = 1_024;

    /** Position of frames that come from no journal. */
    private static final long NOWHERE = 0;

    /**
     * What a lane does with records.
     *
     * @param usage what to sum
     * @param customers who is charged
     * @param sampling rates that no exporter told
     * @param sessions bounds on the sessions of RADIUS clients
     * @param holders who held which address; only between two steps may it change
     * @param lines what lines of files mean
     * @param copies datagrams that are remembered, to know what several paths supplied
     */
    public record Work(
            List<UsageDefinition> usage,
            CustomerTable customers,
            DecoderLimits decoder,
            AggregationLimits aggregation,
            List<SamplingRule> sampling,
            SessionLimits sessions,
            Holders holders,
            LineWork lines,
            int copies) {
        /** Datagrams that are remembered to know copies, where nothing else is said. */
        public static final int COPIES_DEFAULT = 2_000_000;

        /** With the copies of the default. */
        public Work(
                List<UsageDefinition> usage,
                CustomerTable customers,
                DecoderLimits decoder,
                AggregationLimits aggregation,
                List<SamplingRule> sampling,
                SessionLimits sessions,
                Holders holders,
                LineWork lines) {
            this(
                    usage,
                    customers,
                    decoder,
                    aggregation,
                    sampling,
                    sessions,
                    holders,
                    lines,
                    COPIES_DEFAULT);
        }

        /** Without files. */
        public Work(
                List<UsageDefinition> usage,
                CustomerTable customers,
                DecoderLimits decoder,
                AggregationLimits aggregation,
                List<SamplingRule> sampling,
                SessionLimits sessions,
                Holders holders) {
            this(
                    usage,
                    customers,
                    decoder,
                    aggregation,
                    sampling,
                    sessions,
                    holders,
                    LineWork.NONE);
        }

        /** Without subscribers. */
        public Work(
                List<UsageDefinition> usage,
                CustomerTable customers,
                DecoderLimits decoder,
                AggregationLimits aggregation,
                List<SamplingRule> sampling,
                SessionLimits sessions) {
            this(usage, customers, decoder, aggregation, sampling, sessions, Holders.none());
        }

        public Work {
            usage = List.copyOf(usage);
            sampling = List.copyOf(sampling);
        }

        /** The same, but that these lines of files are held, whatever they say. */
        Work withLinesWaiting(Stream<HeldLine> held) {
            return new Work(
                    usage,
                    customers,
                    decoder,
                    aggregation,
                    sampling,
                    sessions,
                    holders,
                    lines.waitingFor(held),
                    copies);
        }
    }

    private final Work work;
    private final Losses losses;
    private final List<Aggregation> aggregations = new ArrayList<>();
    // By usage name: what had been accounted when it began.
    private final SortedMap<String, Tally> since = new TreeMap<>();
    private final Step step = new Step(Shard.COUNT);
    // By number; made when first needed, as most hosts have few exporters.
    private final SortedMap<Integer, Shard> shards = new TreeMap<>();
    private final ReceivedBlock received = new ReceivedBlock();
    private final Paths paths;
    private final Shard.Columns columns;
    private long watermarkMs;
    private long stepBeganMs;
    private long stepArrivalMs;
    private long recycled;
    // By link: the newest arrival of flows that were taken and are not applied yet.
    private final SortedMap<String, Long> stepLinks = new TreeMap<>();
    // By position of the frame: which of its datagrams are passed over.
    private Map<Long, BitSet> aside = Map.of();

    /** An empty context. */
    public Lane(Work work) {
        this.work = work;
        this.losses = new Losses();
        this.paths = new Paths();
        for (UsageDefinition definition : work.usage()) {
            aggregations.add(new Aggregation(definition, work.aggregation()));
            since.put(definition.name(), new Tally());
        }
        this.columns = columns();
    }

    /**
     * The context that {@link #snapshot} wrote. Definitions that have changed since keep their
     * state until {@link #settle}.
     *
     * @throws StateReader.Malformed when another release wrote it
     */
    public Lane(Work work, StateReader in) {
        int version = in.getByte();
        if (version != VERSION && version != VERSION_BEFORE) {
            throw new StateReader.Malformed(
                    "a context of version "
                            + version
                            + "; this release reads "
                            + VERSION_BEFORE
                            + " and "
                            + VERSION);
        }
        this.work = work;
        this.watermarkMs = in.getLong();
        this.recycled = in.getLong();
        this.losses = Losses.restore(in);
        this.paths = version == VERSION_BEFORE ? new Paths() : Paths.restore(in);
        for (int left = in.getCount(28); left > 0; left--) {
            since.put(in.getString(), Tally.restore(in));
        }
        SortedMap<Integer, Dictionary> dictionaries = new TreeMap<>();
        for (int left = in.getCount(8); left > 0; left--) {
            dictionaries.put(in.getInt(), Dictionary.restore(in));
        }
        for (int left = in.getCount(1); left > 0; left--) {
            aggregations.add(
                    Aggregation.restore(
                            in, number -> known(dictionaries, number), work.aggregation()));
        }
        this.columns = columns();
        dictionaries.forEach(
                (number, dictionary) -> {
                    var shard = Shard.restore(number, work, columns, step, dictionary, in);
                    shard.use(aggregations);
                    shards.put(number, shard);
                });
    }

    private static Dictionary known(SortedMap<Integer, Dictionary> dictionaries, int shard) {
        Dictionary known = dictionaries.get(shard);
        if (known == null) {
            throw new StateReader.Malformed("sums of a shard that is not there: " + shard);
        }
        return known;
    }

    private Shard.Columns columns() {
        List<UsageDefinition> all =
                Stream.concat(
                                work.usage().stream(),
                                aggregations.stream().map(Aggregation::definition))
                        .toList();
        Set<Field> flows = EnumSet.of(Field.OCTETS, Field.PACKETS, Field.START, Field.END);
        all.stream()
                .filter(definition -> definition.counts().flows())
                .forEach(definition -> flows.addAll(Aggregation.columns(definition)));
        flows.addAll(Enhancement.columns(flows));
        flows.addAll(SubscriberEnhancement.columns(flows));
        Set<Field> sessions =
                EnumSet.of(Field.OCTETS, Field.PACKETS, Field.START, Field.END, Field.DIRECTION);
        all.stream()
                .filter(definition -> definition.counts().sessions())
                .forEach(definition -> sessions.addAll(definition.keys()));
        if (sessions.contains(Field.CUSTOMER)) {
            sessions.addAll(EnumSet.of(Field.SRC_CUSTOMER, Field.DST_CUSTOMER));
        }
        sessions.addAll(Enhancement.columns(sessions));
        if (work.lines().isCharged() && sessions.contains(Field.CUSTOMER)) {
            sessions.addAll(EnumSet.of(Field.SRC_ADDR, Field.DST_ADDR));
        }
        return new Shard.Columns(flows, sessions);
    }

    /**
     * Writes the context in canonical order: equal contexts give equal bytes. Frames of a step that
     * has not ended are no part of it.
     */
    public void snapshot(StateWriter out) {
        out.putByte(VERSION).putLong(watermarkMs).putLong(recycled);
        losses.snapshot(out);
        paths.snapshot(out);
        out.putInt(since.size());
        since.forEach(
                (name, tally) -> {
                    out.putString(name);
                    tally.snapshot(out);
                });
        out.putInt(shards.size());
        shards.forEach((number, shard) -> shard.dictionary().snapshot(out.putInt(number)));
        out.putInt(aggregations.size());
        aggregations.forEach(aggregation -> aggregation.snapshot(out));
        shards.values().forEach(shard -> shard.snapshot(out));
    }

    /**
     * Brings the state in line with the definitions: what was summed by a definition that is no
     * longer there, or is another now, is written out as partial rows; new definitions begin empty.
     *
     * @return whether anything was not in line
     */
    public boolean settle(RowSink out) {
        List<Aggregation> before = List.copyOf(aggregations);
        boolean inLine = before.stream().map(Aggregation::definition).toList().equals(work.usage());
        aggregations.clear();
        for (Aggregation state : before) {
            if (!work.usage().contains(state.definition())) {
                state.closeAll(out);
                losses.retire(state.definition(), state.charged());
                since.remove(state.definition().name());
            }
        }
        since.keySet().retainAll(work.usage().stream().map(UsageDefinition::name).toList());
        for (UsageDefinition definition : work.usage()) {
            since.computeIfAbsent(definition.name(), _ -> beginning(definition));
            aggregations.add(
                    before.stream()
                            .filter(state -> state.definition().equals(definition))
                            .findFirst()
                            .orElseGet(() -> new Aggregation(definition, work.aggregation())));
        }
        shards.values().forEach(shard -> shard.use(aggregations));
        return !inLine;
    }

    // A usage that comes again under its old name goes on counting where it stopped.
    private Tally beginning(UsageDefinition definition) {
        Tally tally = countable(definition.counts());
        tally.subtract(losses.retired(definition.name()));
        return tally;
    }

    // What there was to count for it in the life of this lane.
    private Tally countable(UsageDefinition.Counts counts) {
        var tally = new Tally();
        for (Shard shard : shards.values()) {
            if (counts.flows()) {
                tally.add(shard.flowsCounted());
            }
            if (counts.sessions()) {
                tally.add(shard.begun());
            }
        }
        return tally;
    }

    /**
     * What a usage that charges each record once must have charged since it began: of flows all
     * that were accounted, of sessions each one once, and what they counted.
     */
    public Tally expected(UsageDefinition definition) {
        Tally tally = countable(definition.counts());
        tally.subtract(since.getOrDefault(definition.name(), countable(definition.counts())));
        return tally;
    }

    /** Says who is told what is being done. */
    void setMarks(Marks marks) {
        step.setMarks(marks);
    }

    /**
     * Says which datagrams are passed over and booked as held, by position of their frame in the
     * received journal.
     */
    public void setAside(Map<Long, BitSet> datagrams) {
        aside = Map.copyOf(datagrams);
    }

    /**
     * Takes one frame of the received journal, and if it ends a step applies all frames of that.
     * Nothing of it is passed over.
     *
     * @return whether a step has ended: a checkpoint may be taken now
     * @throws StateReader.Malformed when it is none of ours, although its checksum is right
     */
    public boolean apply(byte[] bytes, int offset, int length, Crew crew, RowSink out) {
        return apply(bytes, offset, length, NOWHERE, crew, out);
    }

    /**
     * Takes one frame of the received journal, and if it ends a step applies all frames of that.
     *
     * @param position where the frame begins in the journal
     * @return whether a step has ended: a checkpoint may be taken now
     * @throws StateReader.Malformed when it is none of ours, although its checksum is right
     */
    public boolean apply(
            byte[] bytes, int offset, int length, long position, Crew crew, RowSink out) {
        if (!take(bytes, offset, length, position)) {
            return false;
        }
        endStep(crew, out);
        return true;
    }

    /**
     * Takes one frame of the received journal, and applies nothing yet.
     *
     * @param position where the frame begins in the journal
     * @return whether it ends a step: {@link #endStep} must come before the next frame
     * @throws StateReader.Malformed when it is none of ours, although its checksum is right
     */
    boolean take(byte[] bytes, int offset, int length, long position) {
        received.read(bytes, offset, length);
        if (step.frames() == 0) {
            stepBeganMs = received.arrivalMicros() / 1_000;
        }
        step.add(bytes, offset, length, position);
        stepArrivalMs =
                Math.max(Math.max(stepArrivalMs, watermarkMs), received.arrivalMicros() / 1_000);
        Origin origin = received.origin();
        if (origin != null && received.kind() == ReceivedBlock.Kind.DATAGRAMS) {
            stepLinks.merge(origin.link(), received.arrivalMicros() / 1_000, Math::max);
        }
        return step.ends(received, watermarkMs);
    }

    /** Whether frames were taken that are not applied yet. */
    boolean hasTaken() {
        return step.frames() > 0;
    }

    /** Where the first of those frames begins in the journal. */
    long stepPosition() {
        return step.framePosition(0);
    }

    /** Arrival of the first frame that was taken and is not applied yet, ms since 1970. */
    long stepBeganMs() {
        return stepBeganMs;
    }

    /**
     * The newest arrival of all frames taken, ms since 1970: where time comes to with this step.
     */
    long stepArrivalMs() {
        return stepArrivalMs;
    }

    /**
     * By link of an agent, the newest arrival of flows among the frames that were taken and are not
     * applied yet, ms since 1970.
     */
    SortedMap<String, Long> stepLinks() {
        return stepLinks;
    }

    /** Ends the step here, whatever is in it: because of damage, or to look at the state. */
    public void endStep(Crew crew, RowSink out) {
        endStep(crew, false, out);
    }

    /**
     * Ends the step here.
     *
     * @param alone whether one thread takes one datagram at a time, to its end: the same comes of
     *     it, later
     */
    void endStep(Crew crew, boolean alone, RowSink out) {
        if (step.frames() > 0) {
            step.take(alone, false);
            marked(step.framePosition(0), 0, () -> applyStep(alone ? Crew.ALONE : crew, out));
            stepLinks.clear();
        }
    }

    // Whoever dies in here leaves his marks behind.
    private void marked(long position, long recycle, Runnable work) {
        step.marks().stepBegins(position, recycle, step.isAlone());
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            step.marks().failed(e);
            throw e;
        }
        step.marks().stepEnded();
    }

    private void applyStep(Crew crew, RowSink out) {
        for (int frame = 0; frame < step.frames(); frame++) {
            route(frame);
        }
        runShards(crew);
        releaseHeld(crew, out);
        if (received.kind().isSessions()) { // which only the last frame of a step can be
            int last = step.frames() - 1;
            received.read(step.bytes(), step.frameAt(last), step.frameBytes(last));
            endSessions();
        }
        step.clear();
        for (Aggregation aggregation : aggregations) {
            aggregation.onWatermark(watermarkMs, out);
        }
        if (isClosed()) {
            aggregations.forEach(aggregation -> aggregation.closeAll(out));
        }
        shards.values().forEach(Shard::tidy);
    }

    // What one agent ends goes on at the others.
    private boolean isClosed() {
        return received.kind() == ReceivedBlock.Kind.CLOSE
                && (received.origin() == null || paths.areAllClosed());
    }

    private void route(int frame) {
        long position = step.framePosition(frame);
        @Nullable BitSet passedOver = aside.get(position);
        received.read(step.bytes(), step.frameAt(frame), step.frameBytes(frame));
        int path = paths.number(received);
        received.source().setPath(path);
        int blockAt = received.blockAt();
        if (path == 0) {
            losses.onBlock(received);
        } else {
            paths.onBlock(path, received);
        }
        long datagrams = 0;
        long octets = 0;
        for (int index = 0; !received.kind().isSessions() && received.next(); index++) {
            if (!received.isRefusal() && !received.isFileMark()) {
                datagrams++;
                octets += received.length();
            }
            int number = Shard.of(received);
            Shard shard = shard(number);
            if (passedOver != null && passedOver.get(index)) {
                shard.hold(received);
                continue;
            }
            long mark = Marks.mark(position - step.framePosition(0), index);
            step.route(number, blockAt, received.datagramAt(), received.length(), mark, path);
        }
        if (path == 0) {
            losses.onDatagrams(datagrams, octets);
        } else {
            paths.onDatagrams(path, received, datagrams, octets);
        }
        watermarkMs = Math.max(watermarkMs, received.arrivalMicros() / 1_000);
    }

    /**
     * Gives what was set aside to the lane once more: a step of its own for each. Only between two
     * steps.
     *
     * @param number of the recycling
     * @param datagrams that were passed over
     * @param ids of what the context itself holds
     */
    void recycle(
            long number, List<HeldDatagram> datagrams, Set<String> ids, Crew crew, RowSink out) {
        Check.that(step.frames() == 0, "recycling is done between two steps");
        Check.that(number > recycled, "recyclings are done in order, each once");
        for (HeldDatagram datagram : datagrams) {
            step.take(true, true);
            marked(datagram.position(), number, () -> again(datagram, out));
        }
        recycle(ids, crew, out);
        recycled = number;
    }

    /** Number of the newest recycling that is done. */
    long recycled() {
        return recycled;
    }

    // Time does not move: the datagram has its own arrival, and rows of bins long closed go out.
    private void again(HeldDatagram datagram, RowSink out) {
        byte[] block = datagram.block();
        step.add(block, 0, block.length, datagram.position());
        received.read(step.bytes(), 0, block.length);
        int path = paths.number(received);
        received.source().setPath(path);
        Check.that(received.next(), "what was set aside is there");
        Shard shard = shard(Shard.of(received));
        shard.noLongerHeld(received);
        long mark = Marks.mark(0, datagram.index());
        step.route(
                shard.number(),
                received.blockAt(),
                received.datagramAt(),
                received.length(),
                mark,
                path);
        runShards(Crew.ALONE);
        releaseHeld(Crew.ALONE, out);
        step.clear();
        aggregations.forEach(aggregation -> aggregation.onWatermark(watermarkMs, out));
        shards.values().forEach(Shard::tidy);
    }

    // A session that begins ends whatever there was of the same source.
    private void endSessions() {
        boolean named = false;
        received.source().setPath(paths.number(received));
        while (received.next()) {
            named = true;
            Shard shard = shards.get(Shard.of(received));
            if (shard != null) {
                shard.decoder().sessionEnded(received.source());
            }
        }
        if (!named && received.kind() == ReceivedBlock.Kind.SESSION_ENDED) {
            shards.values()
                    .forEach(
                            shard ->
                                    shard.decoder()
                                            .sessionsEnded(
                                                    received.listen(),
                                                    received.transport(),
                                                    received.source().path()));
        }
    }

    private Shard shard(int number) {
        Shard known = shards.get(number);
        if (known == null) {
            known = Shard.empty(number, work, columns, step);
            known.use(aggregations);
            shards.put(number, known);
        }
        return known;
    }

    // The limits are the lane's: what is free now is free for every shard until the step ends.
    private void runShards(Crew crew) {
        int sessions = shards.values().stream().mapToInt(Shard::sessionCount).sum();
        int sessionsFree = Math.max(0, work.sessions().sessions() - sessions);
        int exporters = shards.values().stream().mapToInt(s -> s.decoder().scopes()).sum();
        long heldBytes = shards.values().stream().mapToLong(s -> s.decoder().heldBytes()).sum();
        if (exporters >= work.decoder().exporters()) {
            shards.values().forEach(shard -> shard.decoder().retireSilent(watermarkMs));
            exporters = shards.values().stream().mapToInt(s -> s.decoder().scopes()).sum();
        }
        long stateBytes = shards.values().stream().mapToLong(s -> s.decoder().stateBytes()).sum();
        long stateBytesFree = Math.max(0, work.decoder().stateBytes() - stateBytes);
        int exportersFree = Math.max(0, work.decoder().exporters() - exporters);
        long heldBytesFree = Math.max(0, work.decoder().heldBytes() - heldBytes);
        int heldLines = lines().mapToInt(Lines::heldCount).sum();
        long heldLineBytes = lines().mapToLong(Lines::heldBytes).sum();
        if (paths.count() > 0) {
            compareCopies();
        }
        for (Shard shard : shards.values()) {
            shard.setLineRoom(
                    Math.max(0, work.lines().heldMax() - heldLines),
                    Math.max(0, work.lines().heldBytesMax() - heldLineBytes));
            shard.setWatermark(watermarkMs);
            shard.decoder().setRoom(exportersFree, heldBytesFree, stateBytesFree);
            shard.setRoom(sessionsFree);
            double share = step.share(shard.number());
            aggregations.forEach(one -> one.share(shard.number(), share));
        }
        crew.run(
                shards.values().stream()
                        .sorted(Comparator.comparingInt(shard -> -step.datagrams(shard.number())))
                        .toList());
    }

    // While there is room any shard may take it; then those that have more than their share give
    // way, but not all at once.
    private void compareCopies() {
        int limit = work.copies();
        int total = 0;
        int sharing = 0;
        for (Shard shard : shards.values()) {
            int remembered = shard.decoder().copiesRemembered();
            total += remembered;
            sharing += remembered > 0 ? 1 : 0;
        }
        int free = limit - total;
        int share = Math.max(1, limit / Math.max(1, sharing));
        for (Shard shard : shards.values()) {
            FlowDecoder decoder = shard.decoder();
            int most = free > 0 ? decoder.copiesRemembered() + free : share;
            decoder.compareCopies(most, Math.min(COPIES_SHRINK, Math.max(0, -free)));
            decoder.setClocks(paths.clocks());
        }
    }

    // Held data may become far more rows than a step has: they are written between its rounds.
    private void releaseHeld(Crew crew, RowSink out) {
        while (true) {
            List<Runnable> due =
                    shards.values().stream()
                            .filter(shard -> shard.decoder().hasDue())
                            .<Runnable>map(shard -> shard::goOn)
                            .toList();
            if (due.isEmpty()) {
                return;
            }
            aggregations.forEach(aggregation -> aggregation.onWatermark(Long.MIN_VALUE, out));
            crew.run(due);
        }
    }

    /** The ways by which what it reads came to this host. */
    public Paths paths() {
        return paths;
    }

    /** Notes a stretch of the journal that cannot be read. */
    public void onDamage(long bytes) {
        losses.onDamage(bytes);
        paths.onDamage();
    }

    /** The counts of this lane: flow records and RADIUS requests. */
    public Books books() {
        Books sum = requests();
        shards.values().forEach(shard -> sum.add(shard.books()));
        return sum;
    }

    /** The counts of RADIUS requests. */
    public Books requests() {
        var sum = new Books();
        shards.values().forEach(shard -> sum.add(shard.requests()));
        return sum;
    }

    /** The sessions that are known, shard by shard. */
    public Stream<Session> sessions() {
        return shards.values().stream().flatMap(Shard::allSessions);
    }

    private Stream<Lines> lines() {
        return shards.values().stream().map(Shard::fileLines).filter(Objects::nonNull);
    }

    /** What is known of each RADIUS client. */
    public List<ClientReport> clients() {
        return shards.values().stream().flatMap(shard -> shard.clients().stream()).toList();
    }

    /** The lines that are held. */
    Stream<HeldLine> linesHeld() {
        return lines().flatMap(Lines::held);
    }

    /** How many lines are held of each file that any are of, by its number. */
    public SortedMap<Long, Long> heldLines() {
        SortedMap<Long, Long> counts = new TreeMap<>();
        linesHeld().forEach(line -> counts.merge(line.file(), 1L, Long::sum));
        return counts;
    }

    /**
     * What this context holds by itself, in the order in which it came; datagrams that were set
     * aside stand elsewhere.
     *
     * @param lane its name
     */
    public List<HeldItem> held(String lane) {
        return linesHeld()
                .sorted(Comparator.comparingLong(HeldLine::file).thenComparing(HeldLine::line))
                .map(line -> line.asItem(lane))
                .toList();
    }

    /**
     * Gives what the context holds once more to whom it was for; ids that it does not hold change
     * nothing. Only between two steps, and where that is, is written down before: a replay does it
     * at the same place.
     */
    void recycle(Set<String> ids, Crew crew, RowSink out) {
        List<HeldLine> wanted =
                linesHeld().filter(line -> ids.stream().anyMatch(line::isCalled)).toList();
        for (HeldLine line : wanted) {
            lines().forEach(lines -> lines.recycle(line.file(), line.line()));
        }
        lines().forEach(Lines::flush);
        aggregations.forEach(aggregation -> aggregation.onWatermark(watermarkMs, out));
        shards.values().forEach(Shard::tidy);
    }

    /** What never reached the decoder. */
    public Losses losses() {
        return losses.plus(paths.losses());
    }

    /** The sums, by definition. */
    public List<Aggregation> aggregations() {
        return List.copyOf(aggregations);
    }

    /** The decoders of the shards, for what they know of exporters. */
    public List<FlowDecoder> decoders() {
        return shards.values().stream().map(Shard::decoder).toList();
    }

    /** The newest arrival time seen, ms since 1970; 0 when there was none. */
    public long watermarkMs() {
        return watermarkMs;
    }
}
