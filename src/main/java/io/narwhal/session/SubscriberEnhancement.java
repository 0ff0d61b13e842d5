package io.narwhal.session;

import io.narwhal.record.Dictionary;
import io.narwhal.record.EndKey;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;

import org.jspecify.annotations.Nullable;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Fills in who held the addresses at both ends of every flow when it began, and where nobody did
 * then, when it ended; where nobody did either, nobody is filled in. Texts get their numbers anew
 * with each block, as dictionaries may be numbered anew between two. One owner.
 */
public final class SubscriberEnhancement {
    private final Holders.Lookup holders;
    private final Dictionary dictionary;

    /**
     * Looks holders up.
     *
     * @param dictionary numbers the texts in the columns that are filled in
     */
    public SubscriberEnhancement(Holders holders, Dictionary dictionary) {
        this.holders = holders.lookup();
        this.dictionary = dictionary;
    }

    /** The columns that are read to fill these; empty when sessions tell none of these. */
    public static Set<Field> columns(Set<Field> wanted) {
        Set<Field> columns = EnumSet.noneOf(Field.class);
        for (EndKey end : EndKey.values()) {
            if (end.isOfSessions() && wanted.contains(end.source())) {
                columns.add(Field.SRC_ADDR);
            }
            if (end.isOfSessions() && wanted.contains(end.destination())) {
                columns.add(Field.DST_ADDR);
            }
        }
        if (!columns.isEmpty()) {
            columns.add(Field.START);
            columns.add(Field.END);
        }
        return columns;
    }

    /** Fills the columns that are there of subscriber, session and access server at both ends. */
    public void onBlock(RecordBlock block) {
        fill(
                block,
                Field.SRC_ADDR,
                column(block, Field.SRC_SUBSCRIBER),
                column(block, Field.SRC_SESSION_ID),
                column(block, Field.SRC_NAS));
        fill(
                block,
                Field.DST_ADDR,
                column(block, Field.DST_SUBSCRIBER),
                column(block, Field.DST_SESSION_ID),
                column(block, Field.DST_NAS));
    }

    private static long @Nullable [] column(RecordBlock block, Field field) {
        return block.has(field) ? block.column(field) : null;
    }

    private void fill(
            RecordBlock block,
            Field address,
            long @Nullable [] subscribers,
            long @Nullable [] sessions,
            long @Nullable [] servers) {
        if (subscribers == null && sessions == null && servers == null) {
            return;
        }
        long[] highs = block.highColumn(address);
        long[] lows = block.column(address);
        long[] starts = block.column(Field.START);
        long[] ends = block.column(Field.END);
        for (int i = 0; i < block.size(); i++) {
            Holders.Holder holder = holders.find(highs[i], lows[i], starts[i]);
            if (holder == null && ends[i] != starts[i]) {
                holder = holders.find(highs[i], lows[i], ends[i]);
            }
            put(subscribers, i, holder == null ? null : holder.subscriber());
            put(sessions, i, holder == null ? null : holder.sessionId());
            put(servers, i, holder == null ? null : holder.nas());
        }
    }

    private void put(long @Nullable [] column, int row, @Nullable String text) {
        if (column != null) {
            column[row] = dictionary.number(Objects.requireNonNullElse(text, ""));
        }
    }
}
