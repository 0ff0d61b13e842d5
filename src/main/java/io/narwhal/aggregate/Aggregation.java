package io.narwhal.aggregate;

import io.narwhal.base.Check;
import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.KeyLayout;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.RowSink;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Sums records by the keys of one usage definition and by time bins, and writes the sums as rows.
 *
 * <p>A record is charged to the bins of its event time, from {@link Field#START} to {@link
 * Field#END}, half-open: its counters are spread over the bins evenly (RFC 7015 §5.1.1, method 4:
 * simple uniform), each with the same rule and without a remainder; the flow itself is counted in
 * the bin where it starts (§5.2.1, conservative count). A bin closes by arrival time; what comes
 * later corrects it. One owner; every bin that has closed ends before every open one, so one sorted
 * list holds corrections first and open bins after them.
 */
public final class Aggregation {
    /**
     * The last millisecond of the year 9999: times that a record claims beyond it are cut to it.
     */
    public static final long TIME_MS_MAX = 253_402_300_799_999L;

    private static final int VERSION = 2;

    private final UsageDefinition definition;
    private final Dictionary dictionary;
    private final AggregationLimits limits;
    private final Charges charges;
    private final int width;
    private final long binMs;
    private final List<BinTable> bins = new ArrayList<>();
    private final LookAhead lookAhead;
    private Tally charged = new Tally();
    private long watermarkMs = Long.MIN_VALUE;
    private long nextDueMs = Long.MAX_VALUE;
    private long pressureFlushes;
    private int openKeys;
    private @Nullable BinTable last;

    /** By record of the block that is added: its sampling rate; null when nothing is scaled. */
    private long @Nullable [] rates;

    private long scaledOverflows;

    /**
     * Nothing summed yet.
     *
     * @param dictionary gives the texts of the numbers in the text columns
     */
    public Aggregation(
            UsageDefinition definition, Dictionary dictionary, AggregationLimits limits) {
        Check.that(
                definition.binMs() <= TIME_MS_MAX && definition.closeAfterMs() <= TIME_MS_MAX,
                "%s: a bin and its wait end before the year 9999",
                definition.name());
        this.definition = definition;
        this.dictionary = dictionary;
        this.limits = limits;
        this.charges = new Charges(definition);
        this.width = KeyLayout.of(definition.keys()).width();
        this.binMs = definition.binMs();
        this.lookAhead = new LookAhead(bins, binMs);
    }

    /** The columns that a block must have for this definition. */
    public static Set<Field> columns(UsageDefinition definition) {
        Set<Field> columns = EnumSet.of(Field.OCTETS, Field.PACKETS, Field.START, Field.END);
        columns.addAll(definition.keys());
        if (definition.scaled()) {
            columns.add(Field.SAMPLING_RATE);
        }
        if (definition.isTwoSided()) {
            columns.add(Field.SRC_CUSTOMER);
            columns.add(Field.DST_CUSTOMER);
        }
        columns.remove(Field.CUSTOMER);
        columns.remove(Field.DIRECTION);
        return Collections.unmodifiableSet(columns);
    }

    /**
     * Adds the records of a block. Writes rows only when a limit is reached.
     *
     * @param block has {@link #columns}; a time of 0 is taken as it is, so callers fill in a time
     *     where a record gives none
     */
    public void onBlock(RecordBlock block, RowSink out) {
        charges.of(block);
        long[] starts = block.column(Field.START);
        long[] ends = block.column(Field.END);
        long[] octets = block.column(Field.OCTETS);
        long[] packets = block.column(Field.PACKETS);
        long[] present = block.present();
        rates = definition.scaled() ? block.column(Field.SAMPLING_RATE) : null;
        lookAhead.touch(charges, starts, ends);
        for (int charge = 0; charge < charges.size(); charge++) {
            int i = charges.record(charge);
            long flows = 1 + (present[i] >> 63); // a reverse direction is no flow of its own
            charged.add(flows, packets[i], octets[i]);
            charge(charge, timeMs(starts[i]), timeMs(ends[i]), octets[i], packets[i], flows, out);
        }
    }

    private static long timeMs(long claimed) {
        return claimed >= 0 && claimed <= TIME_MS_MAX ? claimed : TIME_MS_MAX;
    }

    private void charge(
            int charge,
            long startMs,
            long endMs,
            long octets,
            long packets,
            long flows,
            RowSink out) {
        BinTable bin = last;
        if (bin != null && bin.startMs() <= startMs) {
            long binEndMs = bin.startMs() + binMs;
            if (startMs < binEndMs && endMs <= binEndMs) {
                add(bin.startMs(), charge, octets, packets, flows, out);
                return;
            }
        }
        spread(charge, startMs, endMs, octets, packets, flows, out);
    }

    // A flow that ends at or before its start has no duration and belongs to the bin of its start.
    private void spread(
            int charge,
            long startMs,
            long endMs,
            long octets,
            long packets,
            long flows,
            RowSink out) {
        long firstBin = startMs / binMs;
        long lastBin = endMs > startMs ? (endMs - 1) / binMs : firstBin;
        if (lastBin - firstBin >= limits.spanBinsMax()) {
            add(lastBin * binMs, charge, octets, packets, flows, out);
            return;
        }
        long octetsBefore = 0;
        long packetsBefore = 0;
        for (long bin = firstBin; bin < lastBin; bin++) {
            long partMs = (bin + 1) * binMs - startMs;
            long octetsUntil = Spread.until(octets, partMs, endMs - startMs);
            long packetsUntil = Spread.until(packets, partMs, endMs - startMs);
            add(
                    bin * binMs,
                    charge,
                    octetsUntil - octetsBefore,
                    packetsUntil - packetsBefore,
                    bin == firstBin ? flows : 0,
                    out);
            octetsBefore = octetsUntil;
            packetsBefore = packetsUntil;
        }
        add(
                lastBin * binMs,
                charge,
                octets - octetsBefore,
                packets - packetsBefore,
                lastBin == firstBin ? flows : 0,
                out);
    }

    private void add(
            long binStartMs, int charge, long octets, long packets, long flows, RowSink out) {
        if ((octets | packets | flows) == 0) {
            return;
        }
        BinTable bin = bin(binStartMs, out);
        int at = charge * width;
        int entry = bin.find(charges.keys(), at, charges.hash(charge));
        if (entry < 0) {
            if (openKeys >= limits.openKeysMax()) {
                relieve(out);
                bin = bin(binStartMs, out);
            }
            entry = bin.insert(charges.keys(), at, charges.hash(charge));
            openKeys++;
        }
        bin.add(entry, octets, packets, flows);
        if (rates != null) {
            long rate = rates[charges.record(charge)];
            scaledOverflows += bin.scale(entry, rate, octets, packets, flows);
        }
    }

    private BinTable bin(long startMs, RowSink out) {
        BinTable bin = last;
        if (bin != null && bin.startMs() == startMs) {
            return bin;
        }
        int at = BinTable.search(bins, startMs);
        if (at >= 0) {
            bin = bins.get(at);
        } else {
            if (bins.size() >= limits.openBinsMax()) {
                relieve(out);
                at = ~0;
            }
            bin = opened(startMs);
            bins.add(~at, bin);
            nextDueMs = Math.min(nextDueMs, bin.dueMs());
        }
        last = bin;
        return bin;
    }

    private BinTable opened(long startMs) {
        long closesMs = startMs + binMs + definition.closeAfterMs();
        boolean late = closesMs <= watermarkMs;
        return new BinTable(
                startMs, late ? watermarkMs + binMs : closesMs, late, width, definition.scaled());
    }

    // Room is needed: everything goes out, and since rows add up, nothing is lost by it.
    private void relieve(RowSink out) {
        pressureFlushes++;
        emit(BinTable::late, UsageRows.Kind.LATE, out);
        emit(_ -> true, UsageRows.Kind.PARTIAL, out);
    }

    /**
     * Says that everything that arrived before this time has been seen. Closes the bins whose end
     * and wait are over, and writes corrections that have been gathered for the length of a bin.
     *
     * @param arrivalMs arrival time from the journal; one that is earlier than another before
     *     changes nothing
     */
    public void onWatermark(long arrivalMs, RowSink out) {
        watermarkMs = Math.max(watermarkMs, arrivalMs);
        if (watermarkMs >= nextDueMs) {
            emit(bin -> bin.late() && bin.dueMs() <= watermarkMs, UsageRows.Kind.LATE, out);
            emit(bin -> !bin.late() && bin.dueMs() <= watermarkMs, UsageRows.Kind.CLOSED, out);
        }
    }

    /**
     * Writes all that is open, for a drain: corrections as late rows, bins whose end has been
     * reached by arrival time as closed rows, the others as partial rows. Whatever comes afterwards
     * makes further rows.
     */
    public void closeAll(RowSink out) {
        emit(BinTable::late, UsageRows.Kind.LATE, out);
        emit(bin -> bin.startMs() + binMs <= watermarkMs, UsageRows.Kind.CLOSED, out);
        emit(_ -> true, UsageRows.Kind.PARTIAL, out);
    }

    /** Writes all that is open, corrections included, as partial rows, and keeps it. */
    public void openRows(RowSink out) {
        write(bins, UsageRows.Kind.PARTIAL, out);
    }

    private void emit(Predicate<BinTable> chosen, UsageRows.Kind kind, RowSink out) {
        write(bins.stream().filter(chosen).toList(), kind, out);
        bins.removeIf(chosen);
        last = null;
        count();
    }

    private void write(List<BinTable> chosen, UsageRows.Kind kind, RowSink out) {
        var frames = new Frames(definition, dictionary, kind, out);
        chosen.forEach(frames::add);
        frames.flush();
    }

    private void count() {
        openKeys = 0;
        nextDueMs = Long.MAX_VALUE;
        for (BinTable bin : bins) {
            openKeys += bin.size();
            nextDueMs = Math.min(nextDueMs, bin.dueMs());
        }
    }

    /** Writes the definition and all that is open; equal states give equal bytes. */
    public void snapshot(StateWriter out) {
        out.putByte(VERSION).putString(definition.name());
        out.putLong(binMs).putLong(definition.closeAfterMs());
        out.putByte(definition.keys().size());
        definition.keys().forEach(key -> out.putString(key.label()));
        out.putBoolean(definition.scaled()).putLong(scaledOverflows);
        out.putLong(watermarkMs).putLong(pressureFlushes);
        charged.snapshot(out);
        out.putInt(bins.size());
        bins.forEach(bin -> bin.snapshot(out));
    }

    /**
     * Reads what {@link #snapshot} wrote.
     *
     * @param dictionary as it was when the snapshot was taken
     * @throws StateReader.Malformed for another version or a key that is no field
     */
    public static Aggregation restore(
            StateReader in, Dictionary dictionary, AggregationLimits limits) {
        int version = in.getByte();
        if (version != VERSION) {
            throw new StateReader.Malformed(
                    "aggregation of version " + version + "; this release reads " + VERSION);
        }
        var aggregation = new Aggregation(definition(in), dictionary, limits);
        aggregation.scaledOverflows = in.getLong();
        aggregation.watermarkMs = in.getLong();
        aggregation.pressureFlushes = in.getLong();
        aggregation.charged = Tally.restore(in);
        for (int left = in.getCount(21); left > 0; left--) {
            aggregation.bins.add(
                    BinTable.restore(in, aggregation.width, aggregation.definition.scaled()));
        }
        aggregation.count();
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
        return new UsageDefinition(name, keys, binMs, closeAfterMs, in.getBoolean());
    }

    /**
     * All that was ever charged: a charge counts as one record. Equal to the sum of all rows
     * written and {@link #openRows}. Where customers are charged at both ends this is more than the
     * records that came in.
     */
    public Tally charged() {
        var copy = new Tally();
        copy.add(charged);
        return copy;
    }

    /** What is summed, and by what. */
    public UsageDefinition definition() {
        return definition;
    }

    /** Keys over all open bins and corrections: rows that {@link #openRows} would write. */
    public int openKeys() {
        return openKeys;
    }

    /** Bins that have something in them, corrections included. */
    public int openBins() {
        return bins.size();
    }

    /** How often all open rows were written early because a limit was reached. */
    public long pressureFlushes() {
        return pressureFlushes;
    }

    /** How often a scaled counter did not fit 64 bits and was cut to their largest value. */
    public long scaledOverflows() {
        return scaledOverflows;
    }

    /** The latest arrival time seen; {@link Long#MIN_VALUE} before the first. */
    public long watermarkMs() {
        return watermarkMs;
    }
}
