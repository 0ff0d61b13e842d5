package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Reason;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;

import java.util.List;

/** More exporters than the limit: those long silent make room, and no count is forgotten. */
class ExporterLimitTest {
    private static final long T = 1_700_000_000_000L;
    private static final long IDLE_MS = 10_000;
    private static final DecoderLimits FOUR =
            new DecoderLimits(8, 12, 4, 10_000, 3_600_000, IDLE_MS, 5, 1 << 20);

    private final Rig rig = new Rig(FOUR);

    private void decode(int host, long atMs, byte[] datagram) {
        rig.decode(Ipfix.from(host, T + atMs, datagram));
        assertThat(rig.books.difference()).isEqualTo(new Tally());
        rig.killAndRestore();
    }

    private List<ExporterReport> followed() {
        return rig.decoder.exporters().stream().filter(one -> one.retired() == 0).toList();
    }

    private List<ExporterReport> retired() {
        return rig.decoder.exporters().stream().filter(one -> one.retired() > 0).toList();
    }

    @Test
    void theLongestSilentMakesRoomAndItsCountsStay() {
        for (int host = 1; host <= 4; host++) {
            decode(host, host, Ipfix.v5(0, 2, 1));
            decode(host, host, Ipfix.v5(2 + host, 2, 1));
        }
        decode(1, 20_000, Ipfix.v5(5, 2, 1));
        decode(5, 20_001, Ipfix.v5(0, 1, 1));
        assertThat(followed())
                .extracting(ExporterReport::exporter)
                .containsExactly("192.0.2.1", "192.0.2.3", "192.0.2.4", "192.0.2.5");
        assertThat(retired()).hasSize(1);
        ExporterReport gone = retired().getFirst();
        assertThat(gone.exporter()).isEqualTo("192.0.2.2");
        assertThat(gone.missing()).isEqualTo(2);
        assertThat(gone.received()).isEqualTo(4);
        assertThat(gone.datagrams()).isEqualTo(2);
        assertThat(gone.firstMissingMs()).isEqualTo(T + 2);
    }

    @Test
    void whoComesBackBeginsAnewAndLeavesAnewIntoTheSameEntry() {
        decode(1, 0, Ipfix.v5(0, 2, 1));
        for (int host = 2; host <= 5; host++) {
            decode(host, 10_000, Ipfix.v5(0, 2, 1));
        }
        decode(1, 20_000, Ipfix.v5(100, 2, 1));
        for (int host = 6; host <= 9; host++) {
            decode(host, 30_000, Ipfix.v5(0, 2, 1));
        }
        assertThat(retired()).hasSize(5);
        assertThat(retired().getFirst().retired()).isEqualTo(2);
        assertThat(retired().getFirst().received()).isEqualTo(4);
        assertThat(retired().getFirst().missing()).isZero();
    }

    @Test
    void nobodyMakesRoomWhoWasHeardOfLately() {
        for (int host = 1; host <= 4; host++) {
            decode(host, 0, Ipfix.v5(0, 2, 1));
        }
        decode(5, IDLE_MS - 1, Ipfix.v5(0, 2, 1));
        assertThat(rig.books.rejected(Reason.EXPORTER_LIMIT).records()).isEqualTo(2);
        assertThat(followed()).hasSize(4);
        assertThat(retired()).isEmpty();
    }

    @Test
    void aMalformedDatagramMakesNobodyLeave() {
        for (int host = 1; host <= 4; host++) {
            decode(host, 0, Ipfix.v9(0).template(256).bytes());
        }
        byte[] broken = Ipfix.v9(0).data(7, 1, 1).bytes();
        decode(5, IDLE_MS, broken);
        assertThat(rig.books.rejected(Reason.MALFORMED).records()).isOne();
        assertThat(retired()).isEmpty();
    }

    @Test
    void aSilentSessionMakesNoRoomAndStandsInNobodysWay() {
        byte[] template = Ipfix.message(0).template(256).bytes();
        for (int host = 1; host <= 3; host++) {
            rig.decode(Ipfix.from(host, T, template), Transport.TCP);
        }
        decode(4, 0, Ipfix.v5(0, 2, 1));
        decode(5, IDLE_MS, Ipfix.v5(0, 2, 1));
        assertThat(followed())
                .extracting(ExporterReport::exporter)
                .containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.5");
        rig.decode(
                Ipfix.from(1, T + IDLE_MS, Ipfix.message(0).data(256, 1, 1).bytes()),
                Transport.TCP);
        assertThat(rig.books.accounted().records()).isEqualTo(5);
        assertThat(rig.books.held()).isEqualTo(new Tally());
    }

    @Test
    void whatItHeldIsGivenUp() {
        decode(1, 0, Ipfix.message(0).data(256, 3, 1).bytes());
        for (int host = 2; host <= 4; host++) {
            decode(host, 1, Ipfix.v5(0, 2, 1));
        }
        assertThat(rig.books.held().records()).isOne();
        decode(5, IDLE_MS, Ipfix.v5(0, 2, 1));
        assertThat(rig.books.held()).isEqualTo(new Tally());
        assertThat(rig.books.rejected(Reason.NO_TEMPLATE).records()).isOne();
    }

    @Test
    void ofManyThatLeaveTheRestIsSummedUpByProtocol() {
        long each = IDLE_MS;
        int many = Retired.LIMIT + 40;
        for (int i = 0; i < many; i++) {
            byte[] datagram = i % 2 == 0 ? Ipfix.v5(0, 2, 1) : Ipfix.v9(0).template(256).bytes();
            rig.decode(Ipfix.from(1000 + i, T + i * each, datagram));
        }
        rig.killAndRestore();
        assertThat(retired()).hasSize(Retired.LIMIT + 2);
        assertThat(retired().subList(Retired.LIMIT, Retired.LIMIT + 2))
                .extracting(ExporterReport::exporter)
                .containsOnly("others");
        assertThat(retired().stream().mapToLong(ExporterReport::retired).sum())
                .isEqualTo(many - FOUR.exporters());
        assertThat(rig.decoder.exporters().stream().mapToLong(ExporterReport::datagrams).sum())
                .isEqualTo(many);
    }

    @Test
    void aFloodOfForgedExportersGrowsNothing() {
        for (int host = 1; host <= 4; host++) {
            decode(host, 0, Ipfix.v5(0, 2, 1));
        }
        for (int i = 0; i < 100_000; i++) {
            rig.decode(Ipfix.from(1000 + i, T + 1, Ipfix.v5(0, 1, 1)));
        }
        assertThat(rig.books.rejected(Reason.EXPORTER_LIMIT).records()).isEqualTo(100_000);
        assertThat(rig.decoder.exporters()).hasSize(4);
        decode(1, 2, Ipfix.v5(2, 2, 1));
        assertThat(followed().getFirst().received()).isEqualTo(4);
    }
}
