package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Books;
import io.narwhal.record.Field;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams that come twice: dropped whole, and booked with what they would have doubled. */
class DuplicateTest {
    private static final long T = 1_700_000_000_000L;

    private final Rig rig = new Rig();

    private void decode(byte[] datagram) {
        rig.decode(Ipfix.from(1, T, datagram));
        assertThat(rig.books.difference()).isEqualTo(new Tally());
    }

    private ExporterReport exporter() {
        return rig.decoder.exporters().getFirst();
    }

    private static Tally tally(long records, long packets, long octets) {
        var tally = new Tally();
        tally.add(records, packets, octets);
        return tally;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 100, Recent.LIMIT - 1})
    void aDatagramThatComesAgainIsDroppedAtAnyDistanceInTheWindow(int between) {
        decode(Ipfix.v5(0, 3, 100));
        for (int i = 0; i < between; i++) {
            decode(Ipfix.v5(3 + i, 1, 7));
        }
        decode(Ipfix.v5(0, 3, 100));
        assertThat(rig.books.duplicate()).isEqualTo(tally(3, 3, 303));
        assertThat(rig.books.accounted().records()).isEqualTo(3 + between);
        assertThat(exporter().duplicates()).isOne();
        assertThat(exporter().datagrams()).isEqualTo(1 + between);
        assertThat(exporter().missing()).isZero();
    }

    @Test
    void beyondTheWindowItIsTakenForNew() {
        for (int i = 0; i <= Recent.LIMIT; i++) {
            decode(Ipfix.v5(i, 1, 7));
        }
        decode(Ipfix.v5(0, 1, 7));
        assertThat(exporter().duplicates()).isZero();
        decode(Ipfix.v5(1, 1, 7));
        assertThat(exporter().duplicates()).isZero();
    }

    @Test
    void aKillBetweenTheTwoChangesNothing() {
        decode(Ipfix.v5(0, 3, 100));
        rig.killAndRestore();
        decode(Ipfix.v5(0, 3, 100));
        assertThat(rig.books.duplicate()).isEqualTo(tally(3, 3, 303));
    }

    @Test
    void itsTemplatesAndSetsOfOptionsAndOfAnyTemplateAreDroppedWithIt() {
        byte[] all =
                Ipfix.message(0)
                        .template(256)
                        .optionsTemplate(257, 42)
                        .data(256, 4, 10)
                        .data(257, 2, 1)
                        .data(300, 5, 1)
                        .bytes();
        decode(all);
        assertThat(rig.books.held().records()).isOne();
        decode(all);
        assertThat(rig.books.held().records()).isOne();
        // The set without a template counts as the one that is held.
        assertThat(rig.books.duplicate()).isEqualTo(tally(4 + 1, 4, 10 + 11 + 12 + 13));
        assertThat(exporter().optionsRecords()).isEqualTo(2);
        assertThat(exporter().templateRecords()).isEqualTo(2);
        decode(Ipfix.message(6).template(300).bytes());
        assertThat(rig.books.accounted().records()).isEqualTo(9);
        assertThat(exporter().missing()).isLessThanOrEqualTo(0);
    }

    @Test
    void aFullBlockInTheMiddleOfIt() {
        int blocks = RecordBlock.CAPACITY / 30;
        var books = new Books();
        var taken = new long[1];
        var decoder =
                new FlowDecoder(
                        DecoderLimits.DEFAULTS,
                        RecordBlock.ofAllFields(),
                        block -> {
                            for (int i = 0; i < block.size(); i++) {
                                taken[0] += block.column(Field.OCTETS)[i];
                            }
                        },
                        books);
        var source = new Source().set(0, 1, 1, 0, Transport.UDP);
        long sum = 0;
        for (int i = 0; i <= blocks; i++) {
            byte[] one = Ipfix.v5(i * 30, 30, i);
            for (int twice = 0; twice < 2; twice++) {
                decoder.decode(one, 0, one.length, source, 1);
            }
            sum += 30L * i + 435;
        }
        decoder.flush();
        assertThat(taken[0]).isEqualTo(sum);
        assertThat(books.duplicate()).isEqualTo(tally(30L * (blocks + 1), 30L * (blocks + 1), sum));
    }

    @Test
    void theSameNumberWithOtherBytesIsNoDuplicate() {
        decode(Ipfix.message(0).template(256).bytes());
        decode(Ipfix.message(0).template(257).bytes());
        decode(Ipfix.message(0).data(256, 2, 1).bytes());
        decode(Ipfix.message(2).template(256).bytes());
        decode(Ipfix.message(2).data(256, 2, 1).bytes());
        assertThat(exporter().duplicates()).isZero();
        assertThat(rig.books.accounted().records()).isEqualTo(4);
        assertThat(exporter().missing()).isZero();
    }

    @Test
    void anotherExporterThatSendsTheSameIsNoDuplicate() {
        rig.decode(Ipfix.from(1, T, Ipfix.v5(0, 3, 100)));
        rig.decode(Ipfix.from(2, T, Ipfix.v5(0, 3, 100)));
        assertThat(rig.books.duplicate()).isEqualTo(new Tally());
    }

    @ParameterizedTest
    @EnumSource(value = Transport.class, mode = EnumSource.Mode.EXCLUDE, names = "UDP")
    void inASessionNothingComesTwice(Transport transport) {
        var source = new Source().set(0, 1, 1, 0, transport);
        byte[] one = Ipfix.message(0).template(256).data(256, 2, 1).bytes();
        for (int i = 0; i < 2; i++) {
            rig.decoder.decode(one, 0, one.length, source, T * 1000);
            rig.decoder.flush();
        }
        assertThat(rig.books.duplicate()).isEqualTo(new Tally());
        assertThat(rig.books.accounted().records()).isEqualTo(4);
    }

    @Test
    void ofAnExporterWhoseNumbersNeverAdvanceNothingIsTakenForADuplicate() {
        decode(Ipfix.message(0).template(256).bytes());
        for (int i = 0; i < 40; i++) {
            decode(Ipfix.message(0).data(256, 3, i).bytes());
        }
        byte[] again = Ipfix.message(0).data(256, 3, 1).bytes();
        decode(again);
        decode(again);
        assertThat(exporter().duplicates()).isZero();
        assertThat(exporter().sequenceUnit()).isEqualTo(SequenceUnit.NONE);
        assertThat(rig.books.accounted().records()).isEqualTo(42 * 3);
        assertThat(exporter().missing()).isZero();
    }

    @Test
    void r34ADuplicateHidesNothingThatIsMissing() {
        decode(Ipfix.v9(0).template(256).bytes());
        decode(Ipfix.v9(5).data(256, 1, 1).bytes());
        decode(Ipfix.v9(5).data(256, 1, 1).bytes());
        decode(Ipfix.v9(0).template(256).bytes());
        assertThat(exporter().missing()).isEqualTo(4);
        assertThat(exporter().duplicates()).isEqualTo(2);
    }

    @Test
    void anOldDatagramAfterARestartIsADuplicateStill() {
        byte[] before = Ipfix.v9(900).uptimeMs(5_000_000).template(256).data(256, 3, 1).bytes();
        rig.decode(Ipfix.from(1, T, before));
        int later = Ipfix.EXPORT_SECONDS + 30;
        byte[] restarted =
                Ipfix.v9(0).seconds(later).uptimeMs(9000).template(256).data(256, 1, 1).bytes();
        rig.decode(Ipfix.from(1, T + 30_000, restarted));
        rig.decode(Ipfix.from(1, T + 30_001, before));
        assertThat(exporter().duplicates()).isOne();
        assertThat(exporter().resets()).isOne();
        assertThat(exporter().missing()).isZero();
    }

    @Test
    void everyByteAndTheLengthCount() {
        var fingerprint = new Fingerprint();
        byte[] bytes = new byte[1400];
        new java.util.Random(1).nextBytes(bytes);
        long whole = fingerprint.of(bytes, 0, bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= 1;
            assertThat(fingerprint.of(bytes, 0, bytes.length)).as("byte %d", i).isNotEqualTo(whole);
            bytes[i] ^= 1;
        }
        assertThat(fingerprint.of(bytes, 0, bytes.length)).isEqualTo(whole);
        assertThat(fingerprint.of(new byte[100], 0, 40))
                .isNotEqualTo(fingerprint.of(new byte[100], 0, 41));
    }

    @Test
    void r50WhoReadsReceivedDataAgainMeetsNoTotalsOfItsFuture() {
        byte[] first = Ipfix.message(0).template(256, 85, 4, 86, 4).data(256, 1, 100).bytes();
        decode(first);
        decode(Ipfix.message(1).data(256, 1, 300).bytes());
        rig.decoder.forgetHeld();
        rig.rows.clear();
        rig.decode(Ipfix.from(1, T, first));
        assertThat(rig.rows).extracting(row -> row.get(Field.OCTETS)).containsExactly("100");
    }

    @Test
    void timesThatCannotBeRightCountOnce() {
        byte[] ofTheYear1970 = Ipfix.message(0).seconds(1).template(256).data(256, 3, 1).bytes();
        decode(ofTheYear1970);
        decode(ofTheYear1970);
        assertThat(exporter().duplicates()).isOne();
        assertThat(exporter().clampedTimes()).isEqualTo(3);
    }
}
