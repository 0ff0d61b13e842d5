package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Reason;
import io.narwhal.record.Tally;

import org.junit.jupiter.api.Test;

/** What an IPFIX exporter that starts anew leaves behind (R5, R35, pitfalls 1 and 6). */
class RestartTest {
    private static final long T = 1_700_000_000_000L;

    private final Rig rig = new Rig();
    private long nowMs = T;

    private void decode(Ipfix message) {
        rig.decode(Ipfix.from(1, nowMs += 1000, message.bytes()));
        assertThat(rig.books.difference()).isEqualTo(new Tally());
        rig.killAndRestore();
    }

    private ExporterReport exporter() {
        return rig.decoder.exporters().getFirst();
    }

    private void runBefore() {
        decode(Ipfix.message(1_000_000).template(256).template(257));
        decode(Ipfix.message(1_000_000).data(256, 5, 1).data(257, 5, 1));
        decode(Ipfix.message(1_000_010).data(256, 5, 6));
    }

    @Test
    void templatesThatDoNotComeAgainAreForgottenAndTheirDataIsHeld() {
        runBefore();
        decode(Ipfix.message(0).template(256, 2, 4, 1, 4));
        decode(Ipfix.message(0).data(256, 3, 100));
        long decoded = rig.books.accounted().records();
        decode(Ipfix.message(3).data(256, 3, 103).data(257, 3, 1));
        assertThat(exporter().resets()).isOne();
        assertThat(exporter().templates()).as("257 did not come again").isOne();
        assertThat(rig.books.accounted().records()).isEqualTo(decoded + 3);
        assertThat(rig.books.held().records()).isOne();
        decode(Ipfix.message(9).template(257));
        assertThat(rig.books.held().records()).isZero();
        assertThat(rig.books.accounted().records()).isEqualTo(decoded + 6);
        decode(Ipfix.message(9).data(257, 3, 4));
        assertThat(exporter().missing()).isZero();
    }

    @Test
    void aTemplateThatCameAgainUnchangedIsKept() {
        runBefore();
        decode(Ipfix.message(0).template(256).template(257));
        decode(Ipfix.message(0).data(256, 3, 100));
        decode(Ipfix.message(3).data(257, 3, 103));
        assertThat(exporter().resets()).isOne();
        assertThat(exporter().templates()).isEqualTo(2);
        assertThat(rig.books.held().records()).isZero();
        assertThat(exporter().missing()).isZero();
    }

    @Test
    void pitfall1WithAllTemplatesLostTheSecondMessageIsHeldAndDecodesWithTheNewLayout() {
        runBefore();
        decode(Ipfix.message(0).data(256, 3, 100)); // alone it tells nothing
        decode(Ipfix.message(3).data(256, 3, 200));
        assertThat(exporter().templates()).isZero();
        assertThat(rig.books.held().records()).isOne();
        int rows = rig.rows.size();
        decode(Ipfix.message(6).template(256, 2, 4, 1, 4));
        assertThat(rig.rows.get(rows).get(io.narwhal.record.Field.PACKETS)).isEqualTo("200");
        decode(Ipfix.message(6).data(256, 3, 300));
        assertThat(exporter().missing()).isZero();
    }

    @Test
    void dataThatWaitedSinceBeforeIsGivenUp() {
        runBefore();
        decode(Ipfix.message(1_000_015).data(301, 4, 1));
        decode(Ipfix.message(0).template(300));
        assertThat(rig.books.held().records()).as("one odd number ends nothing").isOne();
        decode(Ipfix.message(0).data(300, 3, 100).data(302, 3, 1));
        decode(Ipfix.message(6).data(300, 3, 103));
        assertThat(rig.books.rejected(Reason.NO_TEMPLATE).records()).isOne();
        assertThat(rig.books.held().records()).as("what came since waits on").isOne();
    }

    @Test
    void aMessageOfBeforeThatComesLateCostsTimeAndNoData() {
        runBefore();
        decode(Ipfix.message(0).template(256));
        decode(Ipfix.message(1_000_015).data(256, 1, 1));
        decode(Ipfix.message(0).data(256, 3, 100));
        decode(Ipfix.message(3).data(256, 3, 103));
        assertThat(rig.books.held().records()).as("the template is in doubt").isOne();
        decode(Ipfix.message(6).template(256));
        assertThat(rig.books.held().records()).isZero();
        assertThat(exporter().missing()).isZero();
    }

    @Test
    void aLargeGapOrAResetToALargeNumberKeepsTheTemplates() {
        runBefore();
        decode(Ipfix.message(9_000_000).data(256, 5, 1));
        decode(Ipfix.message(9_000_005).data(257, 5, 1));
        assertThat(exporter().templates()).isEqualTo(2);
        assertThat(exporter().missing()).isEqualTo(9_000_000 - 1_000_015);
        decode(Ipfix.message(500_000).data(256, 5, 1));
        decode(Ipfix.message(500_005).data(257, 5, 1));
        assertThat(exporter().resets()).isOne();
        assertThat(exporter().templates()).isEqualTo(2);
    }

    @Test
    void anExporterThatCountsOtherwiseIsNotTakenForOneThatRestarts() {
        decode(Ipfix.message(0).template(256));
        int sent = 0;
        for (int i = 0; i < 30; i++) {
            int records = 1 + i * 7 % 5;
            sent += records;
            decode(Ipfix.message(sent).data(256, records, i));
        }
        assertThat(exporter().sequenceUnit()).isEqualTo(SequenceUnit.RECORDS_OWN);
        assertThat(exporter().templates()).isOne();
        assertThat(exporter().resets()).isZero();
        assertThat(rig.books.held().records()).isZero();
        assertThat(exporter().missing()).isZero();
    }

    @Test
    void r36WhatAnExporterSaysThatItLostIsReportedAcrossItsRestarts() {
        decode(Ipfix.message(0).optionsTemplate(257, 166));
        decode(Ipfix.message(0).data(257, 1, 40)); // process 40 says 1
        decode(Ipfix.message(1).template(300, 144, 4, 166, 4));
        decode(Ipfix.message(1).data(257, 2, 40)); // process 40 again, and 41: each 1
        assertThat(exporter().declared().notSentFlows()).isEqualTo(2);
        assertThat(exporter().declared().isAnyLost()).isTrue();
        assertThat(exporter().declared().ignoredPackets()).isZero();
    }

    @Test
    void r36ProcessesOfOneExporterAreBounded() {
        decode(Ipfix.message(0).optionsTemplate(257, 166).data(257, 100, 1));
        assertThat(exporter().declared().notSentFlows()).isEqualTo(Declared.PROCESSES);
    }
}
