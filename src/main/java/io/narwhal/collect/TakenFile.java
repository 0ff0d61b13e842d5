package io.narwhal.collect;

import com.fasterxml.jackson.annotation.JsonInclude;

import org.jspecify.annotations.Nullable;

/**
 * A usage file that a collector has taken, or is taking.
 *
 * @param number 1, 2, 3… in the order in which they were begun
 * @param name in the directory of the collector
 * @param size bytes
 * @param sha256 what it is known by, in hexadecimal
 * @param modified when it was last changed, µs since 1970
 * @param state what became of it
 * @param from bytes at its beginning that another file had, and that were not taken again
 * @param lines lines of it that are in the journal; while it is being taken, those that are known
 *     to be
 * @param began when it was begun, µs since 1970
 * @param ended when that ended, µs since 1970; 0 while it is being taken
 * @param note what the operator may want to know; null: nothing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TakenFile(
        long number,
        String name,
        long size,
        String sha256,
        long modified,
        State state,
        long from,
        long lines,
        long began,
        long ended,
        @Nullable String note) {
    /** What became of it. */
    public enum State {
        /** Its lines are being journalled. */
        TAKING,
        /** All its lines are in the journal. */
        TAKEN,
        /** Its content was taken before, under this or another name: nothing was taken. */
        REPEATED,
        /** It went away while it was taken: when its content is there again, it is gone on with. */
        INTERRUPTED,
        /** It was changed while it was taken: what is in the journal stays, more cannot come. */
        CHANGED;

        /** Whether its name is kept from other content, until it is known what to do. */
        public boolean isBroken() {
            return this == INTERRUPTED || this == CHANGED;
        }
    }

    TakenFile withLines(long known) {
        return new TakenFile(
                number, name, size, sha256, modified, state, from, known, began, ended, note);
    }

    TakenFile as(String otherName, long otherModified) {
        return new TakenFile(
                number,
                otherName,
                size,
                sha256,
                otherModified,
                State.TAKING,
                from,
                lines,
                began,
                0,
                null);
    }

    TakenFile ended(State as, long all, long at, @Nullable String why) {
        return new TakenFile(number, name, size, sha256, modified, as, from, all, began, at, why);
    }
}
