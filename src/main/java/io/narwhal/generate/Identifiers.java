package io.narwhal.generate;

import io.narwhal.radius.AnswerCheck;
import io.narwhal.radius.Attribute;

import org.jspecify.annotations.Nullable;

/**
 * The 256 identifiers of one socket (RFC 2866 §3): which are in use, by whom, and for which
 * request. They are given out in turn, so that one comes again as late as can be and a late answer
 * is known for what it is.
 */
final class Identifiers {
    static final int COUNT = 256;
    static final int NONE = -1;
    private static final int HEADER = Attribute.HEADER_BYTES;

    /** What an answer is. */
    enum Verdict {
        /** To a request that is waited for. */
        AWAITED,
        /** Genuine, to a request that was answered before, or given up. */
        LATE,
        /** To none of ours, or not by one who knows the secret. */
        FALSE
    }

    private final byte[] secret;
    private final @Nullable OpenSession[] owners = new @Nullable OpenSession[COUNT];
    // Of the last request that had an identifier, and of the one before: its first 20 octets.
    private final byte[] requests = new byte[COUNT * HEADER];
    private final byte[] former = new byte[COUNT * HEADER];
    private int next;

    Identifiers(byte[] secret) {
        this.secret = secret;
    }

    /** A free identifier, then taken; {@link #NONE} when all are in use. */
    int take(OpenSession owner) {
        for (int i = 0; i < COUNT; i++) {
            int identifier = next;
            next = next + 1 & COUNT - 1;
            if (take(identifier, owner)) {
                return identifier;
            }
        }
        return NONE;
    }

    /** Takes that one, if it is free. */
    boolean take(int identifier, OpenSession owner) {
        if (owners[identifier] != null) {
            return false;
        }
        owners[identifier] = owner;
        return true;
    }

    /** The request that is about to be sent under its identifier. */
    void sending(byte[] packet) {
        int at = (packet[1] & 0xff) * HEADER;
        for (int i = 0; i < HEADER; i++) {
            if (requests[at + i] != packet[i]) {
                System.arraycopy(requests, at, former, at, HEADER);
                System.arraycopy(packet, 0, requests, at, HEADER);
                return;
            }
        }
    }

    void release(int identifier) {
        owners[identifier] = null;
    }

    @Nullable OpenSession owner(int identifier) {
        return owners[identifier];
    }

    Verdict judge(AnswerCheck answers, byte[] bytes, int length) {
        if (length < HEADER) {
            return Verdict.FALSE;
        }
        int identifier = bytes[1] & 0xff;
        int at = identifier * HEADER;
        if (answers.isGenuine(bytes, 0, length, requests, at, secret)) {
            return owners[identifier] == null ? Verdict.LATE : Verdict.AWAITED;
        }
        return answers.isGenuine(bytes, 0, length, former, at, secret)
                ? Verdict.LATE
                : Verdict.FALSE;
    }
}
