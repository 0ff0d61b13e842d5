package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Source;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;

/** However much exporters ask to be remembered, and however much waited for a template. */
class StateRoomTest {
    private static final long T = 1_700_000_000_000L;
    private static final long STATE_BYTES = 20_000;
    private static final DecoderLimits SMALL =
            new DecoderLimits(1024, 512, 1000, 64 << 20, 3_600_000, 3_600_000, 65_536, STATE_BYTES);

    @Test
    void allExportersTogetherHaveSoMuchRoomForTemplates() {
        var rig = new Rig(SMALL);
        for (int host = 1; host <= 50; host++) {
            rig.decode(Ipfix.from(host, T, Ipfix.message(0).template(256).bytes()));
            rig.decode(Ipfix.from(host, T, Ipfix.message(0).data(256, 2, 1).bytes()));
        }
        assertThat(rig.decoder.stateBytes()).isBetween(STATE_BYTES / 2, STATE_BYTES);
        assertThat(rig.decoder.counts().refusedTemplates()).isBetween(1L, 49L);
        assertThat(rig.books.held().records()).isEqualTo(rig.decoder.counts().refusedTemplates());
        assertThat(rig.books.difference()).isEqualTo(new Tally());
    }

    @Test
    void anExporterThatBeginsAnewGivesItsRoomBack() {
        var rig = new Rig(SMALL);
        long before = 0;
        for (int restart = 0; restart < 5; restart++) {
            rig.decode(
                    Ipfix.from(
                            1,
                            T + restart * 600_000L,
                            Ipfix.message(restart).template(256).template(257).bytes()));
            long now = rig.decoder.stateBytes();
            assertThat(now).isGreaterThanOrEqualTo(before).isLessThan(STATE_BYTES / 4);
            before = now;
        }
        assertThat(rig.decoder.counts().refusedTemplates()).isZero();
    }

    @Test
    void r20WhatIsLeftToOthersIsTheSameAfterARestart() {
        var room = new StateRoom(4_000);
        var totals = new Totals(1_000, room);
        var header = new Header();
        for (int flow = 0; flow < 300; flow++) {
            header.sequence = flow;
            totals.touch(1, flow, header);
        }
        assertThat(totals.forgotten()).isPositive();
        long taken = totals.stateBytes();
        assertThat(taken).isPositive().isLessThanOrEqualTo(4_000);
        for (int flow = 299; flow > 290; flow--) {
            totals.end(totals.touch(1, flow, header));
        }

        var state = new StateWriter(1_000);
        totals.snapshot(state);
        var again = new Totals(1_000, new StateRoom(4_000 - taken));
        again.restore(new StateReader(state.toBytes()));
        assertThat(again.stateBytes()).isEqualTo(taken).isEqualTo(totals.stateBytes());
        for (int flow = 1_000; flow < 1_100; flow++) {
            header.sequence = flow;
            totals.touch(1, flow, header);
            again.touch(1, flow, header);
        }
        var one = new StateWriter(1_000);
        totals.snapshot(one);
        var other = new StateWriter(1_000);
        again.snapshot(other);
        assertThat(other.toBytes()).isEqualTo(one.toBytes());
        assertThat(again.stateBytes()).isEqualTo(totals.stateBytes());
    }

    @Test
    void r4WhatWaitedIsDecodedInRoundsAndAllOfIt() {
        var rig = new Rig(DecoderLimits.DEFAULTS);
        int messages = 2_000;
        int recordsEach = 20;
        for (int i = 0; i < messages; i++) {
            byte[] data = Ipfix.message(i * recordsEach).data(256, recordsEach, i).bytes();
            rig.decode(Ipfix.from(1, T + i, data));
        }
        long heldBytes = rig.decoder.heldBytes();
        assertThat(heldBytes).isGreaterThan(4 * 128 << 10);

        Pcap.Datagram template =
                Ipfix.from(
                        1,
                        T + messages,
                        Ipfix.message(messages * recordsEach).template(256).bytes());
        rig.decoder.decode(
                template.payload(),
                0,
                template.payload().length,
                new Source()
                        .set(template.high(), template.low(), template.port(), 0, Transport.UDP),
                template.arrivalMicros());
        int rounds = 1;
        for (; rig.decoder.hasDue(); rounds++) {
            assertThat(rig.decoder.heldBytes()).isPositive();
            rig.decoder.onWatermark(T + 10 * 3_600_000L); // does not give up what is due
            rig.decoder.goOn();
        }
        rig.decoder.flush();
        assertThat(rounds).isGreaterThan(2);
        assertThat(rig.decoder.heldBytes()).isZero();
        assertThat(rig.books.held()).isEqualTo(new Tally());
        assertThat(rig.books.accounted().records()).isEqualTo((long) messages * recordsEach);
        assertThat(rig.rows).hasSize(messages * recordsEach);
        assertThat(rig.books.difference()).isEqualTo(new Tally());
    }
}
