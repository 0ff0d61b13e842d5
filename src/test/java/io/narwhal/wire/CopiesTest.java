package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.narwhal.record.Reason;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.List;

/** One exporter, several paths: each datagram counts once, whoever brings it first. */
class CopiesTest {
    private static final long T = 1_700_000_000_000L;
    private static final int TOTALS = 300;

    private Rig rig = rig(1_000);

    private static Rig rig(int copies) {
        var rig = new Rig();
        rig.compare(copies);
        return rig;
    }

    private void via(int path, byte[] datagram) {
        via(path, 1, T, datagram);
    }

    private void via(int path, int host, long arrivalMs, byte[] datagram) {
        rig.via(path, Ipfix.from(host, arrivalMs, datagram));
        assertThat(rig.books.difference()).isEqualTo(new Tally());
    }

    private static Tally tally(long records, long packets, long octets) {
        var tally = new Tally();
        tally.add(records, packets, octets);
        return tally;
    }

    private static byte[] v5(int number) {
        return Ipfix.v5(number, 1, 10);
    }

    private CopiesReport copies() {
        return rig.decoder.copies().getFirst();
    }

    @Test
    void whoComesSecondIsTheCopyAndIsBookedWithWhatItWouldHaveDoubled() {
        via(1, Ipfix.v5(0, 3, 100));
        via(2, Ipfix.v5(0, 3, 100));
        via(2, Ipfix.v5(3, 2, 50));
        via(1, Ipfix.v5(3, 2, 50));

        assertThat(rig.books.accounted()).isEqualTo(tally(5, 5, 404));
        assertThat(rig.books.duplicate()).isEqualTo(tally(5, 5, 404));
        assertThat(rig.rows).hasSize(5);
        assertThat(rig.decoder.exporters())
                .extracting(ExporterReport::path, ExporterReport::datagrams, ExporterReport::copies)
                .containsExactly(tuple(1, 2L, 1L), tuple(2, 2L, 1L));
        assertThat(copies().paths()).containsExactly(1, 2);
        assertThat(copies().copies()).isEqualTo(2);
    }

    @Test
    void whatOnePathLostTheOtherSuppliesAndEachKnowsWhatItMissed() {
        for (int number = 0; number < 10; number++) {
            if (number != 3) {
                via(1, v5(number));
            }
        }
        for (int number = 0; number < 10; number++) {
            if (number != 7) {
                via(2, v5(number));
            }
        }

        assertThat(rig.books.accounted().records()).isEqualTo(10);
        assertThat(rig.books.duplicate().records()).isEqualTo(8);
        assertThat(rig.decoder.exporters())
                .extracting(ExporterReport::missing)
                .containsExactly(1L, 1L);
    }

    @Test
    void anExporterThatNumbersEachDestinationByItselfIsNeverMatched() {
        via(1, Ipfix.v5(0, 1, 10));
        via(2, Ipfix.v5(1_000, 1, 10));

        assertThat(rig.books.accounted().records()).isEqualTo(2);
        assertThat(rig.books.duplicate().records()).isZero();
    }

    @Test
    void anotherSourcePortIsTheSameExporterAndAnotherAddressIsNot() {
        rig.via(1, new Pcap.Datagram(0, 77, 2000, T * 1_000, v5(0)));
        rig.via(2, new Pcap.Datagram(0, 77, 4711, T * 1_000, v5(0)));
        assertThat(rig.books.duplicate().records()).isOne();

        rig.via(2, new Pcap.Datagram(0, 78, 2000, T * 1_000, v5(0)));
        assertThat(rig.books.duplicate().records()).isOne();
    }

    @Test
    void thisHostsOwnCollectorsAreComparedWithNobody() {
        via(0, v5(0));
        via(1, v5(0));
        assertThat(rig.books.accounted().records()).isEqualTo(2);
        assertThat(rig.decoder.copies()).isEmpty();
    }

    @Test
    void aDatagramThatComesAgainByTheSamePathIsStillDroppedThere() {
        via(1, v5(0));
        via(1, v5(0));
        via(2, v5(0));
        via(2, v5(0));
        assertThat(rig.books.accounted().records()).isOne();
        assertThat(rig.books.duplicate().records()).isEqualTo(3);
        assertThat(rig.decoder.exporters().getFirst().duplicates()).isOne();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 40})
    void equalDatagramsWithoutNumbersAreCountedByPath(int times) {
        byte[] v1 = v1();
        for (int i = 0; i < times; i++) {
            via(1, v1);
        }
        for (int i = 0; i < times + 1; i++) {
            via(2, v1);
        }
        via(1, v1);

        assertThat(rig.books.accounted().records()).isEqualTo(times + 1);
        assertThat(rig.books.duplicate().records()).isEqualTo(times + 1);
    }

    private static byte[] v1() {
        ByteBuffer out = ByteBuffer.allocate(16 + 52);
        out.putShort((short) 1).putShort((short) 1).putInt(100_000).putInt(1_700_000_000);
        out.putInt(16 + 16, 1).putInt(16 + 20, 1_000);
        return out.array();
    }

    @Test
    void threePathsSupplyTogetherWhatNoneHasAlone() {
        for (int number = 0; number < 30; number++) {
            for (int path = 1; path <= 3; path++) {
                if (number % 3 + 1 == path || number % 5 == 0) {
                    via(path, v5(number));
                }
            }
        }
        assertThat(rig.books.accounted().records()).isEqualTo(30);
        assertThat(rig.books.duplicate().records()).isEqualTo(12);
    }

    @Test
    void aFifthAndASixthPathBringOnlyCopiesOfWhatOthersHave() {
        for (int path = 1; path <= 6; path++) {
            via(path, v5(0));
            rig.killAndRestore();
        }
        assertThat(rig.books.accounted().records()).isOne();
        assertThat(rig.books.duplicate().records()).isEqualTo(5);
    }

    @Test
    void templatesOfAPathAreItsOwnEvenInACopy() {
        via(1, Ipfix.message(0).template(256).data(256, 2, 10).bytes());
        via(2, Ipfix.message(0).template(256).data(256, 2, 10).bytes());
        via(2, Ipfix.message(2).data(256, 1, 99).bytes());

        assertThat(rig.books.accounted()).isEqualTo(tally(3, 3, 120));
        assertThat(rig.books.duplicate()).isEqualTo(tally(2, 2, 21));
        assertThat(rig.books.held().records()).isZero();
    }

    // --- Data that waits for its template ---------------------------------------------------

    @Test
    void aCopyOfWhatIsHeldIsDecodedAndWhatIsHeldIsThenTheCopy() {
        byte[] data = Ipfix.message(5).data(256, 2, 10).bytes();
        via(2, Ipfix.message(0).template(256).bytes());
        via(1, data);
        assertThat(rig.books.held().records()).isPositive();
        rig.killAndRestore();
        via(2, data);
        assertThat(rig.books.accounted()).isEqualTo(tally(2, 2, 21));
        rig.killAndRestore();
        via(1, Ipfix.message(7).template(256).bytes());

        assertThat(rig.books.held().records()).isZero();
        assertThat(rig.books.accounted()).isEqualTo(tally(2, 2, 21));
        assertThat(rig.books.duplicate()).isEqualTo(tally(2, 2, 21));
    }

    @Test
    void aCopyThatHasToWaitIsACopyWhenItsTemplateComes() {
        byte[] data = Ipfix.message(5).data(256, 2, 10).bytes();
        via(2, Ipfix.message(0).template(256).bytes());
        via(2, data);
        via(1, data);
        assertThat(rig.books.held().records()).isPositive();
        via(1, Ipfix.message(7).template(256).bytes());

        assertThat(rig.books.accounted()).isEqualTo(tally(2, 2, 21));
        assertThat(rig.books.duplicate()).isEqualTo(tally(2, 2, 21));
    }

    @Test
    void whenBothHoldItTheFirstWhoseTemplateComesCounts() {
        byte[] data = Ipfix.message(5).data(256, 2, 10).bytes();
        via(1, data);
        via(2, data);
        via(2, Ipfix.message(7).template(256).bytes());
        assertThat(rig.books.accounted()).isEqualTo(tally(2, 2, 21));
        via(1, Ipfix.message(7).template(256).bytes());

        assertThat(rig.books.accounted()).isEqualTo(tally(2, 2, 21));
        assertThat(rig.books.duplicate()).isEqualTo(tally(2, 2, 21));
        assertThat(rig.books.held().records()).isZero();
    }

    @Test
    void ofADatagramThatIsHalfHeldEachSetIsSuppliedOnce() {
        byte[] both = Ipfix.message(5).data(256, 1, 10).data(257, 1, 20).bytes();
        via(1, Ipfix.message(0).template(256).bytes());
        via(2, Ipfix.message(0).template(257).bytes());
        via(1, both); // 256 counts, 257 waits
        via(2, both); // 257 counts, 256 waits
        assertThat(rig.books.accounted()).isEqualTo(tally(2, 2, 30));
        via(1, Ipfix.message(7).template(257).bytes());
        via(2, Ipfix.message(7).template(256).bytes());

        assertThat(rig.books.accounted()).isEqualTo(tally(2, 2, 30));
        assertThat(rig.books.duplicate()).isEqualTo(tally(2, 2, 30));
    }

    @Test
    void whatWaitedInVainIsADuplicateIfTheOtherPathSuppliedIt() {
        byte[] data = Ipfix.message(5).data(256, 2, 10).bytes();
        via(2, Ipfix.message(0).template(256).bytes());
        via(1, data);
        via(2, data);
        rig.decoder.setClocks(new long[] {0, T + DecoderLimits.DEFAULTS.heldMs(), T});
        rig.decoder.onWatermark(T + DecoderLimits.DEFAULTS.heldMs());

        assertThat(rig.books.held().records()).isZero();
        assertThat(rig.books.duplicate().records()).isPositive();
        assertThat(rig.books.rejected(Reason.NO_TEMPLATE).records()).isZero();
        assertThat(rig.books.difference()).isEqualTo(new Tally());
    }

    @Test
    void whatAPathHoldsWaitsByThatPathsOwnTime() {
        via(1, Ipfix.message(5).data(256, 2, 10).bytes());
        long later = T + 2 * DecoderLimits.DEFAULTS.heldMs();
        rig.decoder.setClocks(new long[] {0, T + 1, later});
        rig.decoder.onWatermark(later);
        assertThat(rig.books.held().records()).isPositive();

        rig.decoder.setClocks(new long[] {0, later, later});
        rig.decoder.onWatermark(later);
        assertThat(rig.books.held().records()).isZero();
        assertThat(rig.books.rejected(Reason.NO_TEMPLATE).records()).isPositive();
    }

    // --- What is remembered -----------------------------------------------------------------

    @Test
    void whatOnlyOnePathHasIsKeptForAnotherThatComesHoursLater() {
        for (int number = 0; number < 500; number++) {
            via(1, 1, T + number * 60_000L, v5(number));
        }
        rig.killAndRestore();
        for (int number = 0; number < 500; number++) {
            via(2, 1, T + number, v5(number));
        }
        assertThat(rig.books.accounted().records()).isEqualTo(500);
        assertThat(rig.books.duplicate().records()).isEqualTo(500);
        assertThat(copies().forgotten()).isZero();
        assertThat(copies().uncompared()).isZero();
    }

    @Test
    void whatAllPathsHaveGivesWayFirstAndQuietly() {
        rig = rig(10);
        via(2, v5(0));
        for (int number = 0; number < 200; number++) {
            via(1, v5(number));
            if (number > 0 && number != 50) {
                via(2, v5(number));
            }
        }
        via(2, v5(50));

        assertThat(rig.books.accounted().records()).isEqualTo(200);
        assertThat(rig.books.duplicate().records()).isEqualTo(200);
        assertThat(copies().forgotten()).isZero();
        assertThat(rig.decoder.copiesRemembered()).isEqualTo(10);
    }

    @Test
    void whatIsForgottenBeforeAnotherPathPassedItIsCountedAndTold() {
        rig = rig(10);
        via(1, v5(0));
        via(2, v5(0));
        for (int number = 1; number < 30; number++) {
            via(1, v5(number));
        }
        assertThat(copies().forgotten()).isEqualTo(19);
        assertThat(copies().fromMs()).isEqualTo(T);
        assertThat(rig.decoder.takeProblems())
                .anyMatch(
                        one ->
                                one.kind() == Problem.Kind.COPIES_LIMIT
                                        && one.toString().contains("limits.copies"));
        via(2, v5(1));

        assertThat(rig.books.accounted().records()).isEqualTo(31); // a second time, and told
        assertThat(copies().uncompared()).isPositive();
        assertThat(rig.decoder.takeProblems()).isNotEmpty();
    }

    @Test
    void exportersOfOnePathGiveWayQuietlyAndThatIsToldWhenASecondPathBringsThem() {
        rig = rig(10);
        for (int number = 0; number < 30; number++) {
            via(1, v5(number));
        }
        assertThat(rig.decoder.copies()).isEmpty();
        assertThat(rig.decoder.takeProblems()).isEmpty();
        rig.killAndRestore();
        via(2, v5(0));

        assertThat(copies().uncompared()).isOne();
        assertThat(rig.decoder.takeProblems())
                .anyMatch(one -> one.toString().contains("perhaps a second time"))
                .extracting(Problem::kind)
                .containsOnly(Problem.Kind.COPIES_LIMIT);
    }

    @Test
    void whatAnExporterWaitsForIsKeptLongerThanWhatOnlyOnePathKnows() {
        rig = rig(20);
        via(1, 1, T, v5(0));
        via(2, 1, T, v5(0));
        for (int number = 1; number < 10; number++) {
            via(1, 1, T, v5(number));
        }
        for (int number = 0; number < 300; number++) {
            via(1, 2, T, v5(number));
        }
        for (int number = 1; number < 10; number++) {
            via(2, 1, T, v5(number));
        }
        assertThat(rig.books.duplicate().records()).isEqualTo(10);
        assertThat(copies().forgotten()).isZero();
    }

    @Test
    void theStateIsTheSameBytesWhereverItIsWrittenAndRead() {
        Rig other = rig(50);
        rig = rig(50);
        for (int i = 0; i < 400; i++) {
            int path = 1 + i % 3;
            int number = i / 3 + (path == 2 ? 20 : 0);
            byte[] datagram =
                    i % 7 == 0 ? Ipfix.message(number).data(256 + i % 3, 1, i).bytes() : v5(number);
            rig.via(path, Ipfix.from(i % 5, T + i, datagram));
            other.via(path, Ipfix.from(i % 5, T + i, datagram));
            if (i % 11 == 0) {
                rig.killAndRestore();
            }
            assertThat(rig.state()).isEqualTo(other.state());
        }
        assertThat(rig.books.accounted()).isEqualTo(other.books.accounted());
        assertThat(rig.decoder.copies()).isEqualTo(other.decoder.copies());
    }

    // --- Restarts, sessions, sFlow, totals --------------------------------------------------

    @Test
    void anExporterThatRestartsIsFollowedOnEachPathByItself() {
        byte[][] life = new byte[20][];
        for (int i = 0; i < 10; i++) {
            life[i] =
                    Ipfix.v9(5_000 + i).uptimeMs(900_000 + i).template(256).data(256, 1, i).bytes();
            life[10 + i] =
                    Ipfix.v9(i)
                            .uptimeMs(1_000 + i)
                            .seconds(Ipfix.EXPORT_SECONDS + 100)
                            .template(256)
                            .data(256, 1, 100 + i)
                            .bytes();
        }
        for (int i = 0; i < 20; i++) {
            via(1, 1, T + (i < 10 ? i : 100_000 + i), life[i]);
        }
        for (int i = 0; i < 20; i++) {
            via(2, 1, T + (i < 10 ? i : 100_000 + i), life[i]);
        }
        assertThat(rig.books.accounted()).isEqualTo(tally(20, 20, 45 + 1_045));
        assertThat(rig.books.duplicate()).isEqualTo(rig.books.accounted());
        assertThat(rig.decoder.exporters()).extracting(ExporterReport::resets).containsOnly(1L);
    }

    @Test
    void sessionsOfDifferentPathsDoNotEndEachOther() {
        byte[] template = Ipfix.message(0).template(256).bytes();
        byte[] data = Ipfix.message(0).data(256, 1, 10).bytes();
        for (int path = 1; path <= 2; path++) {
            viaTcp(path, template);
        }
        rig.decoder.sessionsEnded(0, Transport.TCP, 1);
        viaTcp(2, data);
        assertThat(rig.books.accounted().records()).isOne();
        viaTcp(1, data);
        assertThat(rig.books.held().records()).isPositive(); // a copy, if it is ever read
        assertThat(rig.books.accounted().records()).isOne();
    }

    private void viaTcp(int path, byte[] datagram) {
        rig.viaTcp(path, Ipfix.from(1, T, datagram));
    }

    private byte[] total(int second, int number, long octets) {
        var message = Ipfix.message(number).seconds(Ipfix.EXPORT_SECONDS + second);
        return message.totals(TOTALS, 1, octets).bytes();
    }

    private byte[] totalsTemplate() {
        return Ipfix.message(0).template(TOTALS, 148, 4, 85, 8).bytes();
    }

    @Test
    void r50TotalsGrowOnceWhicheverPathTellsOfThem() {
        via(1, totalsTemplate());
        via(2, totalsTemplate());
        via(1, total(1, 0, 100));
        via(2, total(1, 0, 100));
        via(2, total(2, 1, 250)); // lost on path 1
        rig.killAndRestore();
        via(1, total(3, 2, 300));
        via(1, total(4, 3, 400));
        via(2, total(3, 2, 300));
        via(1, total(5, 4, 500));
        via(2, total(6, 5, 650)); // lost on path 1
        via(2, total(4, 3, 400)); // late
        via(2, total(5, 4, 500));

        assertThat(rig.books.accounted().octets()).isEqualTo(650);
    }

    @Test
    void r50AFarBehindPathAddsNothingToTotalsAndSuppliesWhatComesLater() {
        via(1, totalsTemplate());
        for (int i = 1; i <= 50; i++) {
            if (i != 20 && i < 50) {
                via(1, total(i, i, i * 10L));
            }
        }
        via(2, totalsTemplate());
        for (int i = 1; i <= 50; i++) {
            via(2, total(i, i, i * 10L));
        }
        assertThat(rig.books.accounted().octets()).isEqualTo(500);
    }

    @Test
    void r50TotalsThatMayHaveBeenForgottenCountNothingAndThatIsTold() {
        var limits = new DecoderLimits(10, 100, 10, 1 << 20, 3_600_000, 3_600_000, 2, 1 << 20);
        rig = new Rig(limits);
        rig.compare(100);
        via(1, totalsTemplate());
        via(2, totalsTemplate());
        for (int flow = 1; flow <= 5; flow++) {
            via(
                    1,
                    Ipfix.message(flow)
                            .seconds(Ipfix.EXPORT_SECONDS + flow)
                            .totals(TOTALS, flow, 100)
                            .bytes());
        }
        assertThat(rig.books.accounted().octets()).isEqualTo(500);
        rig.decoder.takeProblems();
        // Path 1 lost it; whether a later one of the same flow was counted nobody knows now.
        via(2, Ipfix.message(9).seconds(Ipfix.EXPORT_SECONDS).totals(TOTALS, 1, 70).bytes());

        assertThat(rig.books.accounted().octets()).isEqualTo(500);
        assertThat(rig.decoder.takeProblems())
                .extracting(Problem::kind)
                .contains(Problem.Kind.TOTALS_LIMIT);
    }

    @Test
    void reportsNameAllPathsInOrder() {
        for (int path : List.of(3, 1, 2)) {
            via(path, v5(0));
        }
        assertThat(copies().paths()).containsExactly(1, 2, 3);
        assertThat(copies().remembered()).isOne();
    }
}
