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
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.RowSink;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.wire.DecoderLimits;
import io.narwhal.wire.FlowDecoder;
import io.narwhal.wire.SamplingRule;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The processing context of accounting for one collector: everything that must be remembered
 * between two frames of its journal. A pure function of those frames, the configuration and the
 * customers table: it knows no disk, no clock and no other lane.
 */
public final class Lane {
    private static final int VERSION = 1;

    /**
     * What a lane does with records.
     *
     * @param usage what to sum
     * @param customers who is charged
     * @param sampling rates that no exporter told
     */
    public record Work(
            List<UsageDefinition> usage,
            CustomerTable customers,
            DecoderLimits decoder,
            AggregationLimits aggregation,
            List<SamplingRule> sampling) {
        public Work {
            usage = List.copyOf(usage);
            sampling = List.copyOf(sampling);
        }
    }

    private final Work work;
    private final Books books;
    private final Dictionary dictionary;
    private final Losses losses;
    private final List<Aggregation> aggregations = new ArrayList<>();
    // By usage name: what had been accounted when it began.
    private final SortedMap<String, Tally> since = new TreeMap<>();
    private final FlowDecoder decoder;
    private final Enhancement enhancement;
    private final ReceivedBlock received = new ReceivedBlock();
    private long watermarkMs;
    private RowSink rows = ignored -> {};

    /** An empty context. */
    public Lane(Work work) {
        this.work = work;
        this.books = new Books();
        this.dictionary = new Dictionary();
        this.losses = new Losses();
        for (UsageDefinition definition : work.usage()) {
            aggregations.add(new Aggregation(definition, dictionary, work.aggregation()));
            since.put(definition.name(), new Tally());
        }
        this.decoder = decoderOf(work, books);
        this.enhancement = new Enhancement(work.customers(), dictionary);
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
        this.books = Books.restore(in);
        this.losses = Losses.restore(in);
        this.dictionary = Dictionary.restore(in);
        for (int left = in.getCount(28); left > 0; left--) {
            since.put(in.getString(), Tally.restore(in));
        }
        for (int left = in.getCount(1); left > 0; left--) {
            aggregations.add(Aggregation.restore(in, dictionary, work.aggregation()));
        }
        this.decoder = decoderOf(work, books);
        decoder.restore(in);
        this.enhancement = new Enhancement(work.customers(), dictionary);
    }

    private FlowDecoder decoderOf(Work work, Books books) {
        Set<Field> columns = EnumSet.of(Field.OCTETS, Field.PACKETS, Field.START, Field.END);
        work.usage().forEach(definition -> columns.addAll(Aggregation.columns(definition)));
        aggregations.forEach(state -> columns.addAll(Aggregation.columns(state.definition())));
        columns.addAll(Enhancement.columns(columns));
        return new FlowDecoder(
                work.decoder(), work.sampling(), new RecordBlock(columns), this::account, books);
    }

    /** Writes the context in canonical order: equal contexts give equal bytes. */
    public void snapshot(StateWriter out) {
        out.putByte(VERSION).putLong(watermarkMs);
        books.snapshot(out);
        losses.snapshot(out);
        dictionary.snapshot(out);
        out.putInt(since.size());
        since.forEach(
                (name, tally) -> {
                    out.putString(name);
                    tally.snapshot(out);
                });
        out.putInt(aggregations.size());
        aggregations.forEach(aggregation -> aggregation.snapshot(out));
        decoder.snapshot(out);
    }

    /**
     * Brings the state in line with the definitions: what was summed by a definition that is no
     * longer there, or is another now, is written out as partial rows; new definitions begin empty.
     */
    public void settle(RowSink out) {
        List<Aggregation> before = List.copyOf(aggregations);
        aggregations.clear();
        for (Aggregation state : before) {
            if (!work.usage().contains(state.definition())) {
                state.closeAll(out);
                losses.retire(state.definition(), state.charged());
            }
        }
        since.keySet().retainAll(work.usage().stream().map(UsageDefinition::name).toList());
        for (UsageDefinition definition : work.usage()) {
            since.computeIfAbsent(definition.name(), this::beginning);
            aggregations.add(
                    before.stream()
                            .filter(state -> state.definition().equals(definition))
                            .findFirst()
                            .orElseGet(
                                    () ->
                                            new Aggregation(
                                                    definition, dictionary, work.aggregation())));
        }
    }

    // A usage that comes again under its old name goes on counting where it stopped.
    private Tally beginning(String usage) {
        var tally = new Tally();
        tally.add(books.accounted());
        tally.subtract(losses.retired(usage));
        return tally;
    }

    /** What a usage that charges each record once must have charged since it began. */
    public Tally expected(String usage) {
        var tally = new Tally();
        tally.add(books.accounted());
        tally.subtract(since.getOrDefault(usage, books.accounted()));
        return tally;
    }

    /**
     * Applies one frame of the received journal.
     *
     * @throws StateReader.Malformed when it is none of ours, although its checksum is right
     */
    public void apply(byte[] bytes, int offset, int length, RowSink out) {
        received.read(bytes, offset, length);
        rows = out;
        losses.onBlock(received);
        while (received.next()) {
            losses.onDatagram(received.length());
            decoder.decode(
                    received.bytes(),
                    received.offset(),
                    received.length(),
                    received.source(),
                    received.arrivalMicros());
        }
        decoder.flush();
        advance(received.arrivalMicros() / 1_000, out);
        if (received.kind() == ReceivedBlock.Kind.CLOSE) {
            aggregations.forEach(aggregation -> aggregation.closeAll(out));
        }
    }

    /** Notes a stretch of the journal that cannot be read. */
    public void onDamage(long bytes) {
        losses.onDamage(bytes);
    }

    private void advance(long arrivalMs, RowSink out) {
        if (arrivalMs > watermarkMs) {
            watermarkMs = arrivalMs;
            decoder.onWatermark(watermarkMs);
            decoder.flush();
            for (Aggregation aggregation : aggregations) {
                aggregation.onWatermark(watermarkMs, out);
            }
        }
    }

    private void account(RecordBlock block) {
        enhancement.onBlock(block);
        long[] packets = block.column(Field.PACKETS);
        long[] octets = block.column(Field.OCTETS);
        long packetSum = 0;
        long octetSum = 0;
        for (int i = 0; i < block.size(); i++) {
            packetSum += packets[i];
            octetSum += octets[i];
        }
        for (Aggregation aggregation : aggregations) {
            aggregation.onBlock(block, rows);
        }
        books.accounted().add(block.records(), packetSum, octetSum);
    }

    /** The counts of this lane. */
    public Books books() {
        return books;
    }

    /** What never reached the decoder. */
    public Losses losses() {
        return losses;
    }

    /** The sums, by definition. */
    public List<Aggregation> aggregations() {
        return List.copyOf(aggregations);
    }

    /** The decoder, for what it knows of exporters. */
    public FlowDecoder decoder() {
        return decoder;
    }

    /** The newest arrival time seen, ms since 1970; 0 when there was none. */
    public long watermarkMs() {
        return watermarkMs;
    }
}
