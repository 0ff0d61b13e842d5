package io.narwhal.pki;

import org.jspecify.annotations.Nullable;

/** An authority cannot do what it was asked to. The message says where, what, and what next. */
public final class AuthorityException extends RuntimeException {
    AuthorityException(String message) {
        super(message);
    }

    AuthorityException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
