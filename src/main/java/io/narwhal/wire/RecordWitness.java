package io.narwhal.wire;

import java.util.Map;
import java.util.function.Supplier;

/**
 * Sees each record whole, as its exporter sent it, beside the columns that it goes into. For
 * whoever shows records to people; a decoder without a witness spends nothing on it.
 *
 * <p>The fields are named as their standard names them, in the order of the record; values are
 * String, Long, BigInteger, Double, Boolean, List or Map. A supplier works only until the call
 * returns.
 */
public interface RecordWitness {
    /** Kinds of records that are no flows. */
    enum Kind {
        /** Options records of NetFlow v9 and IPFIX. */
        OPTIONS,
        /** sFlow: samples that count or notify, but are no sampled packet. */
        COUNTERS
    }

    /** A flow went to that row of the block. */
    void onFlow(int row, Supplier<Map<String, Object>> fields);

    /** A record came that is no usage. */
    void onOther(Kind kind, Supplier<Map<String, Object>> fields);
}
