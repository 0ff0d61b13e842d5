package io.narwhal.output;

import java.math.BigInteger;

/** One value of a query's result. */
public sealed interface Value {
    /** An address, a text, a direction or, for bin_start, an ISO-8601 time in UTC. */
    record Text(String value) implements Value {}

    /** A whole number. */
    record Whole(long value) implements Value {}

    /** A whole number that a long does not hold: sums are exact beyond 64 bits. */
    record Large(BigInteger value) implements Value {}

    /** An unknown sampling rate, or a key that the usage did not have when the row was written. */
    record Absent() implements Value {}

    /** As tables and CSV show it; empty when absent. */
    default String text() {
        return switch (this) {
            case Text(var value) -> value;
            case Whole(var value) -> Long.toString(value);
            case Large(var value) -> value.toString();
            case Absent() -> "";
        };
    }

    /** The smallest form that holds the number exactly. */
    static Value of(BigInteger number) {
        return number.bitLength() < Long.SIZE ? new Whole(number.longValue()) : new Large(number);
    }
}
