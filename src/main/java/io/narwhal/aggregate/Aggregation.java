package io.narwhal.aggregate;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Dictionary;
import io.narwhal.record.EndKey;
import io.narwhal.record.Field;
import io.narwhal.record.KeyLayout;
import io.narwhal.record.RowSink;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Sums records by the keys of one usage definition and by time bins, and writes the sums as rows.
 *
 * <p>A record is charged to the bins of its event time, from {@link Field#START} to {@link
 * Field#END}, half-open: its counters are spread over the bins evenly (RFC 7015 §5.1.1, method 4:
 * simple uniform), each with the same rule and without a remainder; the flow itself is counted in
 * the bin where it starts (§5.2.1, conservative count). A bin closes by arrival time; what comes
 * later corrects it.
 *
 * <p>Summing is done by shards, which may run at once and share nothing ({@link #shard}). Between
 * their steps the owner, alone, says how far time has come and takes the rows: the same key in
 * several shards is one row. What comes out depends on what each shard was given and on those
 * calls, never on which shard ran first.
 */
public final class Aggregation {
    /**
     * The last millisecond of the year 9999: times that a record claims beyond it are cut to it.
     */
    public static final long TIME_MS_MAX = 253_402_300_799_999L;

    private static final int VERSION = 4;

    private final UsageDefinition definition;
    private final AggregationLimits limits;
    private final KeyLayout layout;
    // By number; made when first asked for, as most hosts have few exporters.
    private final SortedMap<Integer, Sums> shards = new TreeMap<>();
    private long watermarkMs = Long.MIN_VALUE;
    private long pressureFlushes;

    /** Nothing summed yet. */
    public Aggregation(UsageDefinition definition, AggregationLimits limits) {
        Check.that(
                definition.binMs() <= TIME_MS_MAX && definition.closeAfterMs() <= TIME_MS_MAX,
                "%s: a bin and its wait end before the year 9999",
                definition.name());
        this.definition = definition;
        this.limits = limits;
        this.layout = KeyLayout.of(definition.keys());
    }

    /** The columns that a block of flows must have for this definition. */
    public static Set<Field> columns(UsageDefinition definition) {
        Set<Field> columns = EnumSet.of(Field.OCTETS, Field.PACKETS, Field.START, Field.END);
        columns.addAll(definition.keys());
        if (definition.scaled()) {
            columns.add(Field.SAMPLING_RATE);
        }
        for (EndKey end : EndKey.of(definition.keys())) {
            columns.remove(end.key());
            columns.add(end.source());
            columns.add(end.destination());
        }
        columns.remove(Field.DIRECTION);
        return Collections.unmodifiableSet(columns);
    }

    /**
     * The sums of one shard, made when first asked for.
     *
     * @param dictionary gives the texts of the numbers in the shard's text columns
     */
    public Sums shard(int number, Dictionary dictionary) {
        return shards.computeIfAbsent(
                number,
                _ -> {
                    var sums = new Sums(definition, dictionary, limits);
                    sums.setWatermark(watermarkMs);
                    return sums;
                });
    }

    /**
     * Begins a step of the shards: says what share of its bytes is this shard's, so that all of
     * them together need no more memory than one would.
     */
    public void share(int number, double share) {
        Check.that(share >= 0 && share <= 1, "a share is part of a whole");
        Sums sums = shards.get(number);
        if (sums != null) {
            sums.share(share);
        }
    }

    /**
     * Ends a step of the shards: everything that arrived before this time has been seen. Writes
     * what the shards had no room for; then all that is open if that is more than the limits allow;
     * then the bins whose end and wait are over, and corrections that have been gathered for the
     * length of a bin.
     *
     * @param arrivalMs arrival time from the journal; one that is earlier than another before
     *     changes nothing
     */
    public void onWatermark(long arrivalMs, RowSink out) {
        relieve(out);
        watermarkMs = Math.max(watermarkMs, arrivalMs);
        long dueMs = Long.MAX_VALUE;
        for (Sums sums : shards.values()) {
            sums.setWatermark(watermarkMs);
            dueMs = Math.min(dueMs, sums.nextDueMs());
        }
        if (watermarkMs >= dueMs) {
            emit(bin -> bin.late() && bin.dueMs() <= watermarkMs, UsageRows.Kind.LATE, out);
            emit(bin -> !bin.late() && bin.dueMs() <= watermarkMs, UsageRows.Kind.CLOSED, out);
        }
    }

    private void relieve(RowSink out) {
        for (Sums sums : shards.values()) {
            sums.takePressed().forEach(out::onRows);
        }
        if (openKeys() > limits.openKeysMax() || openBins() > openBinsMax()) {
            pressureFlushes++;
            emit(BinTable::late, UsageRows.Kind.LATE, out);
            emit(_ -> true, UsageRows.Kind.PARTIAL, out);
        }
    }

    // Room for one long flow in each shard is always there.
    private int openBinsMax() {
        return Math.max(limits.openBinsMax(), shards.size() * limits.spanBinsMax());
    }

    /**
     * Writes all that is open, for a drain: corrections as late rows, bins whose end has been
     * reached by arrival time as closed rows, the others as partial rows. Whatever comes afterwards
     * makes further rows.
     */
    public void closeAll(RowSink out) {
        shards.values().forEach(sums -> sums.takePressed().forEach(out::onRows));
        emit(BinTable::late, UsageRows.Kind.LATE, out);
        emit(bin -> bin.startMs() + definition.binMs() <= watermarkMs, UsageRows.Kind.CLOSED, out);
        emit(_ -> true, UsageRows.Kind.PARTIAL, out);
    }

    /** Writes all that is open, corrections included, as partial rows, and keeps it. */
    public void openRows(RowSink out) {
        write(_ -> true, UsageRows.Kind.PARTIAL, out);
    }

    private void emit(Predicate<BinTable> chosen, UsageRows.Kind kind, RowSink out) {
        write(chosen, kind, out);
        shards.values().forEach(sums -> sums.remove(chosen));
    }

    /** A bin and the texts of its keys. */
    private record Part(BinTable bin, Dictionary dictionary) {}

    private void write(Predicate<BinTable> chosen, UsageRows.Kind kind, RowSink out) {
        SortedMap<Long, List<Part>> byStart = new TreeMap<>();
        for (Sums sums : shards.values()) {
            for (BinTable bin : sums.bins()) {
                if (chosen.test(bin)) {
                    byStart.computeIfAbsent(bin.startMs(), _ -> new ArrayList<>())
                            .add(new Part(bin, sums.dictionary()));
                }
            }
        }
        var frames = new Frames(definition, kind, out);
        byStart.values().forEach(parts -> write(parts, frames));
        frames.flush();
    }

    private void write(List<Part> parts, Frames frames) {
        Part first = parts.getFirst();
        if (parts.size() == 1) {
            frames.add(first.bin(), first.dictionary());
            return;
        }
        var merge = new Merge(layout, first.bin());
        parts.forEach(part -> merge.add(part.bin(), part.dictionary()));
        frames.add(merge.sum(), merge.dictionary());
    }

    /** Writes the definition and all that is open; equal states give equal bytes. */
    public void snapshot(StateWriter out) {
        out.putByte(VERSION).putString(definition.name());
        out.putLong(definition.binMs()).putLong(definition.closeAfterMs());
        out.putByte(definition.keys().size());
        definition.keys().forEach(key -> out.putString(key.label()));
        out.putBoolean(definition.scaled()).putByte(definition.counts().code());
        out.putLong(watermarkMs).putLong(pressureFlushes);
        out.putInt(shards.size());
        shards.forEach(
                (number, sums) -> {
                    out.putInt(number);
                    sums.snapshot(out);
                });
    }

    /** The dictionary of a shard, as it was when the snapshot was taken. */
    @FunctionalInterface
    public interface Dictionaries {
        /**
         * That of the shard.
         *
         * @throws StateReader.Malformed when there is no such shard
         */
        Dictionary of(int shard);
    }

    /**
     * Reads what {@link #snapshot} wrote.
     *
     * @throws StateReader.Malformed for another version or a key that is no field
     */
    public static Aggregation restore(
            StateReader in, Dictionaries dictionaries, AggregationLimits limits) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new StateReader.Malformed(
                    "aggregation of version " + version + "; this release reads " + VERSION);
        }
        var aggregation = new Aggregation(definition(in), limits);
        aggregation.watermarkMs = in.getLong();
        aggregation.pressureFlushes = in.getLong();
        for (int left = in.getCount(40); left > 0; left--) {
            int shard = in.getInt();
            aggregation.shard(shard, dictionaries.of(shard)).restore(in, aggregation.watermarkMs);
        }
        return aggregation;
    }

    private static UsageDefinition definition(StateReader in) {
        String name = in.getString();
        long binMs = in.getLong();
        long closeAfterMs = in.getLong();
        List<Field> keys = new ArrayList<>();
        for (int left = in.getByte(); left > 0; left--) {
            String label = in.getString();
            keys.add(
                    Field.of(label)
                            .filter(Field::isKey)
                            .orElseThrow(() -> new StateReader.Malformed("no key field " + label)));
        }
        return new UsageDefinition(
                name,
                keys,
                binMs,
                closeAfterMs,
                in.getBoolean(),
                UsageDefinition.Counts.of(in.getByte()));
    }

    /**
     * All that was ever charged: a charge counts as one record. Equal to the sum of all rows
     * written and {@link #openRows}. Where flows are charged at both ends this is more than the
     * records that came in.
     */
    public Tally charged() {
        var sum = new Tally();
        shards.values().forEach(sums -> sum.add(sums.charged()));
        return sum;
    }

    /** What is summed, and by what. */
    public UsageDefinition definition() {
        return definition;
    }

    /** Keys over all open bins and corrections of all shards. */
    public int openKeys() {
        return shards.values().stream().mapToInt(Sums::openKeys).sum();
    }

    /** Bins of all shards that have something in them, corrections included. */
    public int openBins() {
        return shards.values().stream().mapToInt(sums -> sums.bins().size()).sum();
    }

    /** How often open rows were written early because a limit was reached. */
    public long pressureFlushes() {
        return pressureFlushes + shards.values().stream().mapToLong(Sums::pressureFlushes).sum();
    }

    /** How often a scaled counter did not fit 64 bits and was cut to their largest value. */
    public long scaledOverflows() {
        return shards.values().stream().mapToLong(Sums::scaledOverflows).sum();
    }

    /** The latest arrival time seen; {@link Long#MIN_VALUE} before the first. */
    public long watermarkMs() {
        return watermarkMs;
    }
}
