package io.narwhal.wire;

/**
 * How many bytes more all exporters together may make a decoder remember: templates, total
 * counters, sampling rates, sFlow data sources. What every exporter may have (some KiB) is not
 * asked for here.
 */
final class StateRoom {
    private long bytes;

    StateRoom(long bytes) {
        this.bytes = bytes;
    }

    /** Says how much there is from now on. */
    void set(long bytes) {
        this.bytes = bytes;
    }

    /** Takes so many, or none and says no. */
    boolean take(long wanted) {
        if (wanted > bytes) {
            return false;
        }
        bytes -= wanted;
        return true;
    }
}
