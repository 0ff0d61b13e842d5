package io.narwhal.output;

import org.jspecify.annotations.Nullable;

/** The ledger cannot be written or read. The message says where, what and what next. */
public class LedgerFailure extends RuntimeException {
    /** As told by the message; {@code cause} when another layer reported it. */
    public LedgerFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The person who asks named a field that this usage does not have: nothing is broken. */
    public static final class UnknownField extends LedgerFailure {
        /** The message names the valid fields. */
        public UnknownField(String message) {
            super(message, null);
        }
    }
}
