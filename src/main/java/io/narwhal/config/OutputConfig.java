package io.narwhal.config;

/**
 * One output interface: a component that delivers usage rows to one destination.
 *
 * @param name unique among collectors and outputs
 * @param type the kind of destination
 */
public record OutputConfig(String name, Type type) {
    /** Kinds of destination. */
    public enum Type {
        /** The usage ledger: Parquet files under the data directory. */
        PARQUET
    }
}
