package io.narwhal.enhance;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** R57: missing attributes are added from a table that has a version. */
class EnhancementTest {
    private static final CustomerTable TABLE =
            CustomerTableTest.load(
                    "prefix,customer\n10.0.0.0/8,ann\n11.0.0.0/8,bob\n2001:db8::/32,cyd\n");
    private static final Set<Field> BOTH =
            Set.of(Field.SRC_ADDR, Field.DST_ADDR, Field.SRC_CUSTOMER, Field.DST_CUSTOMER);

    private final Dictionary dictionary = new Dictionary();

    @Test
    void r57_bothEndsAreFilledIn() {
        RecordBlock block =
                block(BOTH, "10.0.0.1 11.0.0.1", "192.0.2.1 2001:db8::1", "10.0.0.2 ::");
        new Enhancement(TABLE, dictionary).onBlock(block);
        assertThat(customers(block, Field.SRC_CUSTOMER)).containsExactly("ann", "", "ann");
        assertThat(customers(block, Field.DST_CUSTOMER)).containsExactly("bob", "cyd", "");
    }

    @Test
    void whatWasInAReusedColumnIsReplaced() {
        RecordBlock block = block(BOTH, ":: ::", "192.0.2.1 192.0.2.1");
        block.column(Field.SRC_CUSTOMER)[0] = 7;
        block.column(Field.DST_CUSTOMER)[1] = 7;
        new Enhancement(TABLE, dictionary).onBlock(block);
        assertThat(customers(block, Field.SRC_CUSTOMER)).containsExactly("", "");
        assertThat(customers(block, Field.DST_CUSTOMER)).containsExactly("", "");
    }

    @Test
    void onlyWantedColumnsAreFilledIn() {
        Set<Field> one = Set.of(Field.DST_ADDR, Field.DST_CUSTOMER);
        assertThat(Enhancement.columns(one)).containsExactly(Field.DST_ADDR);
        assertThat(Enhancement.columns(Set.of(Field.OCTETS))).isEmpty();
        RecordBlock block = block(one, ":: 11.0.0.1");
        new Enhancement(TABLE, dictionary).onBlock(block);
        assertThat(customers(block, Field.DST_CUSTOMER)).containsExactly("bob");
        new Enhancement(TABLE, dictionary).onBlock(block(Set.of(Field.OCTETS)));
    }

    @Test
    void customersAreNumberedAsRecordsNameThemSoARestartNumbersThemAlike() {
        var enhancement = new Enhancement(TABLE, dictionary);
        enhancement.onBlock(block(BOTH, "2001:db8::1 ::"));
        var state = new StateWriter(64);
        dictionary.snapshot(state);
        Dictionary restored = Dictionary.restore(new StateReader(state.toBytes()));
        RecordBlock next = block(BOTH, "11.0.0.1 2001:db8::2");
        RecordBlock again = block(BOTH, "11.0.0.1 2001:db8::2");
        enhancement.onBlock(next);
        new Enhancement(TABLE, restored).onBlock(again);
        assertThat(again.column(Field.SRC_CUSTOMER)).isEqualTo(next.column(Field.SRC_CUSTOMER));
        assertThat(again.column(Field.DST_CUSTOMER)).isEqualTo(next.column(Field.DST_CUSTOMER));
        assertThat(dictionary.size()).isEqualTo(3);
    }

    /** Records given as {@code SOURCE DESTINATION}. */
    private static RecordBlock block(Set<Field> columns, String... records) {
        var block = new RecordBlock(columns);
        for (int i = 0; i < records.length; i++) {
            List<String> ends = List.of(records[i].split(" "));
            put(block, Field.SRC_ADDR, i, ends.get(0));
            put(block, Field.DST_ADDR, i, ends.get(1));
        }
        block.setSize(records.length);
        return block;
    }

    private static void put(RecordBlock block, Field field, int i, String address) {
        if (block.has(field)) {
            InetAddress inet = InetAddress.ofLiteral(address);
            block.highColumn(field)[i] = Addresses.high(inet);
            block.column(field)[i] = Addresses.low(inet);
        }
    }

    private List<String> customers(RecordBlock block, Field field) {
        List<String> customers = new ArrayList<>();
        for (int i = 0; i < block.size(); i++) {
            customers.add(dictionary.text((int) block.column(field)[i]));
        }
        return customers;
    }
}
