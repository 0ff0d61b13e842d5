package io.narwhal.record;

/** Takes usage rows, a frame at a time. */
@FunctionalInterface
public interface RowSink {
    /** Takes these rows; at least one. */
    void onRows(UsageRows rows);
}
