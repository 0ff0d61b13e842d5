package io.narwhal.output;

import java.util.List;
import java.util.OptionalLong;

/**
 * What a user asks of the ledger.
 *
 * @param by fields to sum by, {@code bin_start} allowed, in the order of the columns; empty for one
 *     row per bin and key
 * @param fromMs bins that start at or after it, ms since 1970
 * @param toMs bins that start before it
 */
public record LedgerQuestion(List<String> by, OptionalLong fromMs, OptionalLong toMs) {
    public LedgerQuestion {
        by = by.stream().distinct().toList();
    }

    /** One row per bin and key, of all time. */
    public static LedgerQuestion everything() {
        return new LedgerQuestion(List.of(), OptionalLong.empty(), OptionalLong.empty());
    }
}
