package io.narwhal.output;

import io.narwhal.record.Addresses;
import io.narwhal.record.Correction;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.KeyLayout;
import io.narwhal.record.RowSink;
import io.narwhal.record.SamplingSource;
import io.narwhal.record.UsageDefinition;
import io.narwhal.record.UsageRows;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/** Packs differences into frames of corrections, and hands each on when it is full. */
final class CorrectionFrames {
    private static final int ROWS_MAX = 8_192;
    private static final int TEXT_CHARS_MAX = 256 << 10;
    private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
    private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);

    private final UsageDefinition definition;
    private final Correction correction;
    private final RowSink out;
    private final Differing differing;
    private final KeyLayout layout;
    private final long[] key;
    private final Dictionary dictionary = new Dictionary();
    private UsageRows rows;
    private long binMs;
    private int textChars;

    CorrectionFrames(
            UsageDefinition definition, Correction correction, RowSink out, Differing differing) {
        this.definition = definition;
        this.correction = correction;
        this.out = out;
        this.differing = differing;
        this.layout = KeyLayout.of(definition.keys());
        this.key = new long[layout.width()];
        this.rows = new UsageRows(definition, correction);
    }

    /** Begins a difference of this bin. */
    void begin(long binStartMs) {
        if (textChars >= TEXT_CHARS_MAX) {
            flush();
        }
        binMs = binStartMs;
        Arrays.fill(key, 0);
    }

    /** Its key of that number, as users read it. */
    void text(int field, String text) {
        if (layout.fields().get(field).kind() == Field.Kind.ADDRESS) {
            if (!text.isEmpty()) {
                InetAddress address = InetAddress.ofLiteral(text);
                long[] high = {Addresses.high(address)};
                long[] low = {Addresses.low(address)};
                layout.pack(field, low, high, 1, key);
            }
            return;
        }
        layout.set(field, key, 0, code(layout.fields().get(field), text));
    }

    private long code(Field field, String text) {
        return switch (field.kind()) {
            case TEXT -> {
                textChars += text.length();
                yield dictionary.number(text);
            }
            case DIRECTION -> text.equals("up") ? Field.UP : text.equals("down") ? Field.DOWN : 0;
            case SAMPLING_SOURCE ->
                    Arrays.stream(SamplingSource.values())
                            .filter(source -> source.label().equals(text))
                            .findFirst()
                            .map(SamplingSource::code)
                            .orElse(0L);
            case ADDRESS, INTEGER, TIME -> throw new AssertionError(field + " is no such text");
        };
    }

    /** Its key of that number. */
    void number(int field, long number) {
        layout.set(field, key, 0, number);
    }

    /** Its counters; what does not fit 64 bits with a sign becomes several rows. */
    void end(List<BigInteger> counters) {
        BigInteger[] left = counters.toArray(BigInteger[]::new);
        long count = 0;
        while (Arrays.stream(left).anyMatch(one -> one.signum() != 0)) {
            row(left);
            count++;
        }
        differing.add(count, counters.get(0), counters.get(1), counters.get(2));
    }

    private void row(BigInteger[] left) {
        if (rows.size() == ROWS_MAX) {
            // The key is packed with numbers of the dictionary, so that stays as it is.
            handOn();
        }
        rows.add(binMs, key, 0, dictionary, part(left, 0), part(left, 1), part(left, 2));
        if (definition.scaled()) {
            rows.scale(part(left, 3), part(left, 4), part(left, 5));
        }
    }

    private static long part(BigInteger[] left, int counter) {
        BigInteger part = left[counter].min(LONG_MAX).max(LONG_MIN);
        left[counter] = left[counter].subtract(part);
        return part.longValueExact();
    }

    private void handOn() {
        if (rows.size() > 0) {
            out.onRows(rows);
            rows = new UsageRows(definition, correction);
        }
    }

    /** Hands on what is left. */
    void flush() {
        handOn();
        dictionary.clear();
        textChars = 0;
    }
}
