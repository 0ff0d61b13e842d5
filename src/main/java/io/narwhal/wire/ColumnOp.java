package io.narwhal.wire;

import io.narwhal.record.Addresses;

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

    /** The rate of the header (v5), or the one that options gave for the whole exporter. */
    record RateOfAll(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            long rate =
                    c.header.protocol == FlowProtocol.NETFLOW_V5
                            ? c.header.samplingRate
                            : c.scope.rates.ofAll();
            Arrays.fill(column, from, to, rate);
        }
    }

    /** The rate that options gave for the sampler of the record (IE 48, 302), else for all. */
    record RateOfSampler(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                column[i] = c.scope.rates.ofSampler(Wire.number(bytes, p, width));
            }
        }
    }

    /** The rate that options gave for the input interface of the record, else for all. */
    record RateOfInterface(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            if (!c.scope.rates.byInterface()) {
                Arrays.fill(column, from, to, c.scope.rates.ofAll());
                return;
            }
            for (int i = from, p = at; i < to; i++, p += stride) {
                column[i] = c.scope.rates.ofInterface(Wire.number(bytes, p, width));
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

    /** A time; see {@link TimeForm}. */
    record Time(long[] column, TimeForm form) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            Wire.numbers(bytes, at, width, stride, column, from, to);
            form.toMs(c.header, column, from, to);
        }
    }

    /** Adds a time since the exporter's start to the time of its start. */
    record TimeSinceInit(long[] column) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from, p = at; i < to; i++, p += stride) {
                column[i] += Wire.number(bytes, p, width);
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

    /** An end before its start becomes the start. */
    record NotBefore(long[] column, long[] start) implements ColumnOp {
        @Override
        public void fill(Context c, byte[] bytes, int at, int width, int stride, int from, int to) {
            for (int i = from; i < to; i++) {
                column[i] = Math.max(column[i], start[i]);
            }
        }
    }
}
