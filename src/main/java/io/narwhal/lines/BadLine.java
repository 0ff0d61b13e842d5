package io.narwhal.lines;

/** A line that cannot be read, on its way to {@link LineDecoder}, which makes an outcome of it. */
final class BadLine extends Exception {
    BadLine(String reason) {
        super(reason, null, false, false);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
