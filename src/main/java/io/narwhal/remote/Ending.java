package io.narwhal.remote;

import org.jspecify.annotations.Nullable;

/**
 * Why a link ended.
 *
 * @param refusal when one side would not have it; null: it was closed in order, or the connection
 *     failed
 * @param orderly whether a side closed it, so that nothing that was sent is missing
 * @param why for people
 */
public record Ending(@Nullable Refusal refusal, boolean orderly, String why) {
    static Ending inOrder(String why) {
        return new Ending(null, true, why);
    }

    static Ending failed(String why) {
        return new Ending(null, false, why);
    }

    static Ending refused(Refusal refusal, String why) {
        return new Ending(refusal, false, why);
    }
}
