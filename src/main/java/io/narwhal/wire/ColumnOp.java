package io.narwhal.wire;

import io.narwhal.record.Addresses;
import io.narwhal.record.SamplingSource;

import java.util.Arrays;

/**
 * Fills a column for some records of one set: rows {@code from} to {@code to}, whose field lies at
 * {@code at}, {@code at + stride} and so on and is {@code width} bytes wide.
 */
sealed interface ColumnOp {
    /** What an operation may know beside the bytes. */
    final class Context {
        final Header header;
        final Scope scope;

        Context(Header header, Scope scope) {
            this.header = header;
            this.scope = scope;
        }
    }

    void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to);

    /** Unsigned numbers. */
    record Number(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            Wire.numbers(bytes, at, width, stride, column, from, to);
        }
    }

    /** Unsigned numbers for the rows that have 0 as yet. */
    record NumberIfZero(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                column[i] = column[i] != 0 ? column[i] : Wire.number(bytes, p, width);
            }
        }
    }

    /** IPv4 addresses. */
    record Ipv4(long[] low, long[] high) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                low[i] = Addresses.IPV4_MARK | Wire.u32(bytes, p);
            }
            Arrays.fill(high, from, to, 0);
        }
    }

    /** IPv6 addresses. */
    record Ipv6(long[] low, long[] high) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                high[i] = Wire.i64(bytes, p);
                low[i] = Wire.i64(bytes, p + 8);
            }
        }
    }

    /** Addresses of 4 or 16 bytes that take the place of an address that is all zero. */
    record AddressIfZero(long[] low, long[] high) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                boolean zero = high[i] == 0 && (low[i] == 0 || low[i] == Addresses.IPV4_MARK);
                if (zero && width == 4) {
                    low[i] = Addresses.IPV4_MARK | Wire.u32(bytes, p);
                } else if (zero && width == 16 && !Wire.zeros(bytes, p, p + 16)) {
                    high[i] = Wire.i64(bytes, p);
                    low[i] = Wire.i64(bytes, p + 8);
                }
            }
        }
    }

    /** The record has no such field. */
    record Absent(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            Arrays.fill(column, from, to, 0);
        }
    }

    /** The source address of the datagram. */
    record Exporter(long[] low, long[] high) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            Arrays.fill(low, from, to, c.scope.low);
            Arrays.fill(high, from, to, c.scope.high);
        }
    }

    /** The source address of the datagram, for the rows that have no address as yet. */
    record ExporterIfZero(long[] low, long[] high) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from; i < to; i++) {
                if (high[i] == 0 && (low[i] == 0 || low[i] == Addresses.IPV4_MARK)) {
                    low[i] = c.scope.low;
                    high[i] = c.scope.high;
                }
            }
        }
    }

    /** The domain of the datagram. */
    record Domain(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            Arrays.fill(column, from, to, c.scope.domain);
        }
    }

    /**
     * The rate that was announced beside the record: of its sampler (IE 48, 302) or its input
     * interface, if a field names one, else of all.
     */
    record AnnouncedRate(long[] column, long[] source, Rates.Of of) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            Rates rates = c.scope.rates;
            if (of == Rates.Of.ALL || !rates.has(of)) {
                all(c, from, to);
                return;
            }
            for (int i = from, p = at; i < to; i++, p += stride) {
                long rate = rates.get(of, Wire.number(bytes, p, width));
                column[i] = rate != 0 ? rate : rates.ofAll();
                if (source.length > 0) {
                    source[i] = (rate != 0 ? of.source() : rates.sourceOfAll()).code();
                }
            }
        }

        private void all(Context c, int from, int to) {
            boolean isHeader = c.header.protocol == FlowProtocol.NETFLOW_V5;
            long rate = isHeader ? c.header.samplingRate : c.scope.rates.ofAll();
            Arrays.fill(column, from, to, rate);
            if (source.length > 0) {
                SamplingSource who =
                        !isHeader
                                ? c.scope.rates.sourceOfAll()
                                : rate == 0 ? SamplingSource.UNKNOWN : SamplingSource.HEADER;
                Arrays.fill(source, from, to, who.code());
            }
        }
    }

    /** Where the column has a rate, the record itself told it. */
    record RateOfRecord(long[] column, long[] source) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from; i < to; i++) {
                source[i] =
                        column[i] == 0
                                ? SamplingSource.UNKNOWN.code()
                                : SamplingSource.RECORD.code();
            }
        }
    }

    /** The rate that the configuration has for the exporter, and for the input interface. */
    record ConfiguredRate(long[] column, long[] source) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            SamplingRule[] rules = c.scope.samplingRules;
            for (int i = from, p = at; rules.length > 0 && i < to; i++, p += stride) {
                long inputIf = width == 0 ? 0 : Wire.number(bytes, p, width);
                long rate = SamplingRule.rate(rules, inputIf, column[i]);
                if (rate != 0) {
                    column[i] = rate;
                    if (source.length > 0) {
                        source[i] = SamplingSource.CONFIGURATION.code();
                    }
                }
            }
        }
    }

    /** The rate of a sampling probability (IE 311), rounded. */
    record RateOfProbability(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                column[i] = Rates.ofProbability(bytes, p, width);
            }
        }
    }

    /** From a column of packets looked at and this one of packets left out, the rate (IE 306). */
    record RateOfSpace(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                column[i] = Rates.ofInterval(column[i], Wire.number(bytes, p, width));
            }
        }
    }

    /** From a column of sample sizes and this one of populations, the rate (IE 310). */
    record RateOfPopulation(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                column[i] = Rates.ofPopulation(column[i], Wire.number(bytes, p, width));
            }
        }
    }

    /** A time; see {@link TimeForm}. Of a width that tells none: the time of the export. */
    record Time(long[] column, TimeForm form) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            if (!form.hasWidth(width)) {
                Arrays.fill(column, from, to, c.header.exportMs);
                return;
            }
            Wire.numbers(bytes, at, width, stride, column, from, to);
            form.toMs(c.header, column, from, to);
        }
    }

    /** Adds a time since the exporter's start to the time of its start, which the column has. */
    record TimeSinceInit(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                column[i] = c.header.sinceInitMs(column[i], Wire.number(bytes, p, width));
            }
        }
    }

    /**
     * A time since the exporter's start, which options records told (IE 160); the time of the
     * export if they did not.
     */
    record TimeSinceOptions(long[] column, long[] present, long bit) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            long initMs = c.scope.initMs();
            for (int i = from, p = at; i < to; i++, p += stride) {
                column[i] =
                        initMs == 0
                                ? c.header.exportMs
                                : c.header.sinceInitMs(initMs, Wire.number(bytes, p, width));
                present[i] |= initMs == 0 ? 0 : bit;
            }
        }
    }

    /** Adds a duration to a time, or takes it off; in milliseconds or 1/1000 of them. */
    record Shift(long[] column, int sign, int perMs) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                long ms = Long.divideUnsigned(Wire.number(bytes, p, width), perMs);
                column[i] += sign * ms;
            }
        }
    }

    /** The time of the export, as the record has no time. */
    record TimeOfExport(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            Arrays.fill(column, from, to, c.header.exportMs);
        }
    }

    /** The same as in the row before, which is the forward direction. */
    record OfForward(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            System.arraycopy(column, from - 1, column, from, to - from);
        }
    }

    /** The same as another column. */
    record Copy(long[] column, long[] of) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            System.arraycopy(of, from, column, from, to - from);
        }
    }

    /**
     * An end before its start becomes the start; then times that cannot be right, by the clock of
     * their arrival, are mended ({@link Plausibility}).
     */
    record Plausible(long[] start, long[] end) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            long latest = Plausibility.latestMs(c.header.arrivalMs);
            long odd = 0;
            for (int i = from; i < to; i++) {
                long first = start[i];
                long last = Math.max(end[i], first);
                end[i] = last;
                odd |= Plausibility.oddness(first, last, latest);
            }
            if (odd < 0 && Plausibility.isKnown(c.header.arrivalMs)) {
                c.scope.clampedTimes += Plausibility.mend(start, end, from, to, c.header.arrivalMs);
            }
        }
    }
}
