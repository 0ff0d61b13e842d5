package io.narwhal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Addresses;
import io.narwhal.record.Dictionary;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Which columns of which flows are filled in, and from what time. */
class SubscriberEnhancementTest {
    private static final int ANN = 0x0a000001;
    private static final int BOB = 0x0a000002;

    private final Holders holders = new Holders(1_000, 10);
    private final Dictionary dictionary = new Dictionary();

    SubscriberEnhancementTest() {
        SessionWatcher watcher = holders.watcher("acct");
        watcher.onSession(1, session("ann", ANN, 100, 200));
        watcher.onSession(2, session("bob", BOB, 150, Long.MAX_VALUE));
    }

    private static Session session(String who, int address, long startMs, long endMs) {
        var held = new Session.Held(0, Addresses.ofIpv4(address), 128);
        return new Session(
                0,
                0,
                "nas-" + who,
                "id-" + who,
                who,
                Session.State.OPEN,
                startMs,
                startMs,
                endMs,
                0,
                0,
                0,
                0,
                List.of(held),
                0);
    }

    private static RecordBlock block(Set<Field> wanted) {
        Set<Field> columns = EnumSet.copyOf(wanted);
        columns.addAll(SubscriberEnhancement.columns(wanted));
        return new RecordBlock(columns);
    }

    private static void add(RecordBlock block, int source, int destination, long start, long end) {
        int row = block.size();
        put(block, Field.SRC_ADDR, row, source);
        put(block, Field.DST_ADDR, row, destination);
        block.column(Field.START)[row] = start;
        block.column(Field.END)[row] = end;
        block.setSize(row + 1);
    }

    private static void put(RecordBlock block, Field field, int row, int address) {
        if (block.has(field)) {
            block.highColumn(field)[row] = 0;
            block.column(field)[row] = Addresses.ofIpv4(address);
        }
    }

    private List<String> texts(RecordBlock block, Field field) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < block.size(); i++) {
            texts.add(dictionary.text((int) block.column(field)[i]));
        }
        return texts;
    }

    @Test
    void bothEndsGetSubscriberSessionAndAccessServer() {
        RecordBlock block =
                block(
                        EnumSet.of(
                                Field.SRC_SUBSCRIBER,
                                Field.DST_SUBSCRIBER,
                                Field.SRC_SESSION_ID,
                                Field.DST_SESSION_ID,
                                Field.SRC_NAS,
                                Field.DST_NAS));
        add(block, ANN, BOB, 160, 170);
        add(block, BOB, 7, 160, 170);
        new SubscriberEnhancement(holders, dictionary).onBlock(block);
        assertThat(texts(block, Field.SRC_SUBSCRIBER)).containsExactly("ann", "bob");
        assertThat(texts(block, Field.DST_SUBSCRIBER)).containsExactly("bob", "");
        assertThat(texts(block, Field.SRC_SESSION_ID)).containsExactly("id-ann", "id-bob");
        assertThat(texts(block, Field.DST_SESSION_ID)).containsExactly("id-bob", "");
        assertThat(texts(block, Field.SRC_NAS)).containsExactly("nas-ann", "nas-bob");
        assertThat(texts(block, Field.DST_NAS)).containsExactly("nas-bob", "");
    }

    @Test
    void theHolderIsThatOfTheBeginningElseOfTheEndElseNobody() {
        RecordBlock block = block(EnumSet.of(Field.SRC_SUBSCRIBER));
        block.column(Field.SRC_SUBSCRIBER)[2] = 77;
        add(block, ANN, 0, 199, 300);
        add(block, ANN, 0, 90, 110);
        add(block, ANN, 0, 90, 300);
        add(block, ANN, 0, 200, 200);
        new SubscriberEnhancement(holders, dictionary).onBlock(block);
        assertThat(texts(block, Field.SRC_SUBSCRIBER)).containsExactly("ann", "ann", "", "");
    }

    @Test
    void nothingIsReadWhereNobodyAsks() {
        assertThat(SubscriberEnhancement.columns(EnumSet.of(Field.SRC_CUSTOMER, Field.SUBSCRIBER)))
                .isEmpty();
        assertThat(SubscriberEnhancement.columns(EnumSet.of(Field.DST_NAS)))
                .containsExactlyInAnyOrder(Field.DST_ADDR, Field.START, Field.END);
    }
}
