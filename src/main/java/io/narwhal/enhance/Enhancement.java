package io.narwhal.enhance;

import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * Fills in the customers at both ends of every record. A customer gets its number in the dictionary
 * when it is first seen in a record, so the dictionary depends on the records alone. One owner.
 */
public final class Enhancement {
    private static final int UNNUMBERED = -1;

    private final CustomerTable table;
    private final Dictionary dictionary;
    private final int[] numbers;

    /**
     * Looks customers up in a table.
     *
     * @param dictionary numbers the customers' names in the columns that are filled in
     */
    public Enhancement(CustomerTable table, Dictionary dictionary) {
        this.table = table;
        this.dictionary = dictionary;
        this.numbers = new int[table.customers()];
        Arrays.fill(numbers, 1, numbers.length, UNNUMBERED);
    }

    /** The columns that are read to fill these; empty when none of these is a customer. */
    public static Set<Field> columns(Set<Field> wanted) {
        Set<Field> columns = EnumSet.noneOf(Field.class);
        if (wanted.contains(Field.SRC_CUSTOMER)) {
            columns.add(Field.SRC_ADDR);
        }
        if (wanted.contains(Field.DST_CUSTOMER)) {
            columns.add(Field.DST_ADDR);
        }
        return columns;
    }

    /** The version of the table in use. */
    public String digest() {
        return table.digest();
    }

    /** Fills {@link Field#SRC_CUSTOMER} and {@link Field#DST_CUSTOMER}, where there is a column. */
    public void onBlock(RecordBlock block) {
        if (block.has(Field.SRC_CUSTOMER)) {
            fill(block, Field.SRC_ADDR, block.column(Field.SRC_CUSTOMER));
        }
        if (block.has(Field.DST_CUSTOMER)) {
            fill(block, Field.DST_ADDR, block.column(Field.DST_CUSTOMER));
        }
    }

    // Neighbouring records often share an address, so the last answer is worth keeping.
    private void fill(RecordBlock block, Field address, long[] customers) {
        long[] highs = block.highColumn(address);
        long[] lows = block.column(address);
        long high = 0;
        long low = 0;
        int customer = 0;
        for (int i = 0; i < block.size(); i++) {
            if (highs[i] != high || lows[i] != low) {
                high = highs[i];
                low = lows[i];
                customer = number(table.find(high, low));
            }
            customers[i] = customer;
        }
    }

    private int number(int customer) {
        int number = numbers[customer];
        if (number == UNNUMBERED) {
            number = dictionary.number(table.customer(customer));
            numbers[customer] = number;
        }
        return number;
    }
}
