package io.narwhal.base;

import java.util.Optional;

/** A TCP socket that listens. What has connected and was not accepted yet waits in the kernel. */
public non-sealed interface StreamListener extends StreamHandle {
    /**
     * The next connection, if one waits.
     *
     * @throws NetFailure when the kernel gives none although one waits; the message says why
     */
    Optional<StreamSocket> accept();
}
