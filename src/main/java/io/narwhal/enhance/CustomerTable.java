package io.narwhal.enhance;

import io.narwhal.record.Addresses;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which customer an address belongs to: the one of the most specific prefix that covers it.
 * Immutable; safe for many threads.
 */
public final class CustomerTable {
    private final String digest;
    private final List<String> customers;
    private final int prefixes;
    private final Ipv4Ranges ipv4;
    private final Ipv6Ranges ipv6;

    CustomerTable(String digest, List<String> customers, SortedMap<Prefix, Integer> networks) {
        this.digest = digest;
        this.customers = List.copyOf(customers);
        this.prefixes = networks.size();
        SortedMap<Prefix, Integer> four = new TreeMap<>();
        SortedMap<Prefix, Integer> six = new TreeMap<>();
        networks.forEach(
                (prefix, customer) -> (prefix.isIpv4() ? four : six).put(prefix, customer));
        this.ipv4 = new Ipv4Ranges(four);
        this.ipv6 = new Ipv6Ranges(six);
    }

    /** What a text turned out to be. */
    public sealed interface Outcome {
        /**
         * A table that can be used.
         *
         * @param warnings lines that say nothing new
         */
        record Loaded(CustomerTable table, List<Problem> warnings) implements Outcome {}

        /**
         * A text with errors, of which nothing may be used.
         *
         * @param problems at least one, in the order of the lines
         */
        record Refused(List<Problem> problems) implements Outcome {}
    }

    /**
     * What is wrong with a line and what is expected.
     *
     * @param line the first is 1
     */
    public record Problem(String file, long line, String message) {
        /** {@code FILE:LINE: message}. */
        @Override
        public String toString() {
            return file + ":" + line + ": " + message;
        }
    }

    /**
     * Reads a table: CSV (RFC 4180) in UTF-8 with the header row {@code prefix,customer}; lines
     * that begin with {@code #} and blank lines say nothing.
     *
     * @param file its name, for messages
     * @param csv its bytes
     */
    public static Outcome read(String file, byte[] csv) {
        return new CustomerCsv(file).read(csv);
    }

    /** The table without prefixes, for which no address has a customer. */
    public static CustomerTable empty() {
        return new CustomerTable(CustomerCsv.digest(new byte[0]), List.of(""), new TreeMap<>());
    }

    /** SHA-256 of the bytes that it was read from, in hexadecimal: the version of the table. */
    public String digest() {
        return digest;
    }

    /** Prefixes in the table. */
    public int prefixes() {
        return prefixes;
    }

    /** Customers and the empty one: numbers are below this. */
    public int customers() {
        return customers.size();
    }

    /** The customer of that number; 0 is the empty text. */
    public String customer(int number) {
        return customers.get(number);
    }

    /** The number of the customer of this address; 0 when it has none or there is no address. */
    public int find(long high, long low) {
        if (Addresses.isIpv4(high, low)) {
            return ipv4.find(low);
        }
        return (high | low) == 0 ? 0 : ipv6.find(high, low);
    }
}
