package io.narwhal.component;

import io.narwhal.aggregate.Aggregation;
import io.narwhal.aggregate.AggregationLimits;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.enhance.CustomerTable;
import io.narwhal.enhance.Enhancement;
import io.narwhal.record.Books;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.HeldItem;
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

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
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
    private static final int VERSION = 3;

    /**
     * What a lane does with records.
     *
     * @param usage what to sum
     * @param customers who is charged
     * @param sampling rates that no exporter told
     * @param sessions bounds on the sessions of RADIUS clients
     * @param holders who held which address; only between two steps may it change
     */
    public record Work(
            List<UsageDefinition> usage,
            CustomerTable customers,
            DecoderLimits decoder,
            AggregationLimits aggregation,
            List<SamplingRule> sampling,
            SessionLimits sessions,
            Holders holders) {
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
    private final Shard.Columns columns;
    private long watermarkMs;
    private long stepBeganMs;
    private long stepArrivalMs;

    /** An empty context. */
    public Lane(Work work) {
        this.work = work;
        this.losses = new Losses();
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
        if (version != VERSION) {
            throw new StateReader.Malformed(
                    "a context of version " + version + "; this release reads " + VERSION);
        }
        this.work = work;
        this.watermarkMs = in.getLong();
        this.losses = Losses.restore(in);
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
        return new Shard.Columns(flows, sessions);
    }

    /**
     * Writes the context in canonical order: equal contexts give equal bytes. Frames of a step that
     * has not ended are no part of it.
     */
    public void snapshot(StateWriter out) {
        out.putByte(VERSION).putLong(watermarkMs);
        losses.snapshot(out);
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
                tally.add(shard.books().accounted());
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

    /**
     * Takes one frame of the received journal, and if it ends a step applies all frames of that.
     *
     * @return whether a step has ended: a checkpoint may be taken now
     * @throws StateReader.Malformed when it is none of ours, although its checksum is right
     */
    public boolean apply(byte[] bytes, int offset, int length, Crew crew, RowSink out) {
        if (!take(bytes, offset, length)) {
            return false;
        }
        endStep(crew, out);
        return true;
    }

    /**
     * Takes one frame of the received journal, and applies nothing yet.
     *
     * @return whether it ends a step: {@link #endStep} must come before the next frame
     * @throws StateReader.Malformed when it is none of ours, although its checksum is right
     */
    boolean take(byte[] bytes, int offset, int length) {
        received.read(bytes, offset, length);
        if (step.frames() == 0) {
            stepBeganMs = received.arrivalMicros() / 1_000;
        }
        step.add(bytes, offset, length);
        stepArrivalMs =
                Math.max(Math.max(stepArrivalMs, watermarkMs), received.arrivalMicros() / 1_000);
        return step.ends(received, watermarkMs);
    }

    /** Whether frames were taken that are not applied yet. */
    boolean hasTaken() {
        return step.frames() > 0;
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

    /** Ends the step here, whatever is in it: because of damage, or to look at the state. */
    public void endStep(Crew crew, RowSink out) {
        if (step.frames() == 0) {
            return;
        }
        for (int frame = 0; frame < step.frames(); frame++) {
            route(step.frameAt(frame), step.frameBytes(frame));
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
        if (received.kind() == ReceivedBlock.Kind.CLOSE) {
            aggregations.forEach(aggregation -> aggregation.closeAll(out));
        }
        shards.values().forEach(Shard::tidy);
    }

    private void route(int blockAt, int length) {
        received.read(step.bytes(), blockAt, length);
        losses.onBlock(received);
        while (!received.kind().isSessions() && received.next()) {
            if (!received.isRefusal()) {
                losses.onDatagram(received.length());
            }
            int number = Shard.of(received);
            shard(number);
            step.route(number, blockAt, received.datagramAt(), received.length());
        }
        watermarkMs = Math.max(watermarkMs, received.arrivalMicros() / 1_000);
    }

    // A session that begins ends whatever there was of the same source.
    private void endSessions() {
        boolean named = false;
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
                                                    received.listen(), received.transport()));
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
        for (Shard shard : shards.values()) {
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

    /** Notes a stretch of the journal that cannot be read. */
    public void onDamage(long bytes) {
        losses.onDamage(bytes);
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

    /** What is known of each RADIUS client. */
    public List<ClientReport> clients() {
        return shards.values().stream().flatMap(shard -> shard.clients().stream()).toList();
    }

    /**
     * What this context holds by itself, in the order in which it came; datagrams that were set
     * aside stand elsewhere.
     *
     * @param lane its name
     */
    public List<HeldItem> held(String lane) {
        return List.of();
    }

    /**
     * Gives what the context holds once more to whom it was for; ids that it does not hold change
     * nothing. Only between two steps, and where that is, is written down before: a replay does it
     * at the same place.
     */
    void recycle(Set<String> ids, Crew crew, RowSink out) {}

    /** What never reached the decoder. */
    public Losses losses() {
        return losses;
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
