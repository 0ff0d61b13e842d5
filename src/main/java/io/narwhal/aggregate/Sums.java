package io.narwhal.aggregate;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.KeyLayout;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Tally;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Predicate;

/**
 * What one shard has summed for one {@link Aggregation}, which owns it and alone writes rows. One
 * thread at a time; shards know nothing of each other. Every bin that has closed ends before every
 * open one, so one sorted list holds corrections first and open bins after them.
 */
public final class Sums {
    /**
     * Rows that all shards may have to write early in one step before flows are no longer spread
     * over bins; each has a share.
     */
    static final int PRESSED_ROWS_MAX = 32 * UsageRows.ROWS_MAX;

    /** What a shard has room for in a step, however small its share is. */
    private static final int KEYS_AT_LEAST = 2048;

    private static final long[] NOT_SAMPLED = new long[RecordBlock.CAPACITY];

    static {
        Arrays.fill(NOT_SAMPLED, 1);
    }

    private final UsageDefinition definition;
    private final Dictionary dictionary;
    private final AggregationLimits limits;
    private final Charges charges;
    private final KeyLayout layout;
    private final int width;
    private final long binMs;
    private final List<BinTable> bins = new ArrayList<>();
    private final LookAhead lookAhead;
    // Rows for which there was no room, until the step ends.
    private final List<UsageRows> pressed = new ArrayList<>();
    private int pressedRows;
    // How far this shard may go in this step.
    private int openKeysMax;
    private int openBinsMax;
    private int pressedRowsMax = PRESSED_ROWS_MAX;
    private long pressureFlushes;
    private final Tally charged = new Tally();
    private long watermarkMs = Long.MIN_VALUE;
    private long nextDueMs = Long.MAX_VALUE;
    private int openKeys;
    private @Nullable BinTable last;

    /** By record of the block that is added: its sampling rate; null when nothing is scaled. */
    private long @Nullable [] rates;

    private long scaledOverflows;

    Sums(UsageDefinition definition, Dictionary dictionary, AggregationLimits limits) {
        this.definition = definition;
        this.dictionary = dictionary;
        this.limits = limits;
        this.openKeysMax = limits.openKeysMax();
        this.openBinsMax = limits.openBinsMax();
        this.charges = new Charges(definition);
        this.layout = KeyLayout.of(definition.keys());
        this.width = layout.width();
        this.binMs = definition.binMs();
        this.lookAhead = new LookAhead(bins, binMs);
    }

    /**
     * Adds the records of a block.
     *
     * @param block has {@link Aggregation#columns}; a time of 0 is taken as it is, so callers fill
     *     in a time where a record gives none
     */
    public void onBlock(RecordBlock block) {
        charges.of(block);
        long[] starts = block.column(Field.START);
        long[] ends = block.column(Field.END);
        long[] octets = block.column(Field.OCTETS);
        long[] packets = block.column(Field.PACKETS);
        long[] present = block.present();
        rates = definition.scaled() ? rates(block) : null;
        lookAhead.touch(charges, starts, ends);
        for (int charge = 0; charge < charges.size(); charge++) {
            int i = charges.record(charge);
            long flows = 1 + (present[i] >> 63); // a reverse direction is no flow of its own
            charged.add(flows, packets[i], octets[i]);
            charge(charge, timeMs(starts[i]), timeMs(ends[i]), octets[i], packets[i], flows);
        }
    }

    // Sessions are not sampled.
    private static long[] rates(RecordBlock block) {
        return block.has(Field.SAMPLING_RATE) ? block.column(Field.SAMPLING_RATE) : NOT_SAMPLED;
    }

    private static long timeMs(long claimed) {
        return claimed >= 0 && claimed <= Aggregation.TIME_MS_MAX
                ? claimed
                : Aggregation.TIME_MS_MAX;
    }

    private void charge(
            int charge, long startMs, long endMs, long octets, long packets, long flows) {
        BinTable bin = last;
        if (bin != null && bin.startMs() <= startMs) {
            long binEndMs = bin.startMs() + binMs;
            if (startMs < binEndMs && endMs <= binEndMs) {
                add(bin.startMs(), charge, octets, packets, flows);
                return;
            }
        }
        spread(charge, startMs, endMs, octets, packets, flows);
    }

    // A flow that ends at or before its start has no duration and belongs to the bin of its start.
    private void spread(
            int charge, long startMs, long endMs, long octets, long packets, long flows) {
        long firstBin = startMs / binMs;
        long lastBin = endMs > startMs ? (endMs - 1) / binMs : firstBin;
        if (lastBin - firstBin >= spanBinsMax()) {
            add(lastBin * binMs, charge, octets, packets, flows);
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
                    bin == firstBin ? flows : 0);
            octetsBefore = octetsUntil;
            packetsBefore = packetsUntil;
        }
        add(
                lastBin * binMs,
                charge,
                octets - octetsBefore,
                packets - packetsBefore,
                lastBin == firstBin ? flows : 0);
    }

    private void add(long binStartMs, int charge, long octets, long packets, long flows) {
        if ((octets | packets | flows) == 0) {
            return;
        }
        BinTable bin = bin(binStartMs);
        int at = charge * width;
        int entry = bin.find(charges.keys(), at, charges.hash(charge));
        if (entry < 0) {
            if (openKeys >= openKeysMax) {
                relieve();
                bin = bin(binStartMs);
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

    private BinTable bin(long startMs) {
        BinTable bin = last;
        if (bin != null && bin.startMs() == startMs) {
            return bin;
        }
        int at = BinTable.search(bins, startMs);
        if (at >= 0) {
            bin = bins.get(at);
        } else {
            if (bins.size() >= openBinsMax) {
                relieve();
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
    private void relieve() {
        pressureFlushes++;
        press(true, UsageRows.Kind.LATE);
        press(false, UsageRows.Kind.PARTIAL);
        remove(_ -> true);
    }

    private void press(boolean late, UsageRows.Kind kind) {
        var frames =
                new Frames(
                        definition,
                        kind,
                        rows -> {
                            pressed.add(rows);
                            pressedRows += rows.size();
                        });
        bins.stream().filter(bin -> bin.late() == late).forEach(bin -> frames.add(bin, dictionary));
        frames.flush();
    }

    // However many bins the flows of one step claim to span, memory has a bound.
    private int spanBinsMax() {
        return pressedRows < pressedRowsMax ? limits.spanBinsMax() : 1;
    }

    /** Rows for which there was no room since this was asked last. */
    List<UsageRows> takePressed() {
        if (pressed.isEmpty()) {
            return List.of();
        }
        List<UsageRows> taken = List.copyOf(pressed);
        pressed.clear();
        pressedRows = 0;
        return taken;
    }

    /** What is summed, and by what. */
    public UsageDefinition definition() {
        return definition;
    }

    /** Marks the numbers of all texts that its keys have. */
    public void markTexts(BitSet live) {
        for (BinTable bin : bins) {
            bin.markTexts(layout, live);
        }
    }

    /**
     * Gives the texts of its keys other numbers.
     *
     * @param numbers by old number
     */
    public void renumber(int[] numbers) {
        for (int i = 0; i < bins.size(); i++) {
            bins.set(i, bins.get(i).renumbered(layout, numbers));
        }
        last = null;
    }

    Dictionary dictionary() {
        return dictionary;
    }

    /**
     * Gives this shard its share of the room of a step: all shards together grow by half of the
     * keys that may be open.
     */
    void share(double share) {
        int keys = Math.max(KEYS_AT_LEAST, (int) (limits.openKeysMax() / 2 * share));
        int bins = Math.max(limits.spanBinsMax(), (int) (limits.openBinsMax() * share));
        openKeysMax = Math.min(limits.openKeysMax(), openKeys + keys);
        openBinsMax = Math.min(limits.openBinsMax(), this.bins.size() + bins);
        pressedRowsMax = Math.max(1, (int) (PRESSED_ROWS_MAX * share));
    }

    /** What has come so far: later records of bins that are due by then are late. */
    void setWatermark(long watermarkMs) {
        this.watermarkMs = watermarkMs;
    }

    /** In order of time. */
    List<BinTable> bins() {
        return bins;
    }

    /** Takes bins that were written out of the sums. */
    void remove(Predicate<BinTable> written) {
        if (bins.removeIf(written)) {
            last = null;
            count();
        }
    }

    private void count() {
        openKeys = 0;
        nextDueMs = Long.MAX_VALUE;
        for (BinTable bin : bins) {
            openKeys += bin.size();
            nextDueMs = Math.min(nextDueMs, bin.dueMs());
        }
    }

    long nextDueMs() {
        return nextDueMs;
    }

    int openKeys() {
        return openKeys;
    }

    long pressureFlushes() {
        return pressureFlushes;
    }

    long scaledOverflows() {
        return scaledOverflows;
    }

    Tally charged() {
        return charged;
    }

    void snapshot(StateWriter out) {
        out.putLong(pressureFlushes).putLong(scaledOverflows);
        charged.snapshot(out);
        out.putInt(bins.size());
        bins.forEach(bin -> bin.snapshot(out));
    }

    void restore(StateReader in, long watermarkMs) {
        this.watermarkMs = watermarkMs;
        pressureFlushes = in.getLong();
        scaledOverflows = in.getLong();
        charged.add(Tally.restore(in));
        for (int left = in.getCount(21); left > 0; left--) {
            bins.add(BinTable.restore(in, width, definition.scaled()));
        }
        count();
    }
}
