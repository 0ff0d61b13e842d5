package io.narwhal.cli;

import java.io.IOException;

/** Whoever read our output, such as {@code head}, has seen enough. */
final class OutputClosed extends IOException {
    OutputClosed(IOException cause) {
        super("nobody reads the output any more", cause);
    }
}
