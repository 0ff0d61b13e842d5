package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/** Gaps, reordering, resets, and what the numbers count (R34, R35, R38, pitfalls 2 and 6). */
class SequenceTest {
    private Sequence sequence = new Sequence(FlowProtocol.IPFIX);
    private long nowMs = 1_700_000_000_000L;

    private boolean message(int number, int flows) {
        return message(number, flows, 0, 0, false);
    }

    private boolean message(int number, int flows, int options, int templates, boolean unknown) {
        var counts = new MessageCounts();
        counts.set(flows, options, templates, unknown);
        boolean follows = sequence.onMessage(number, counts, nowMs++);
        reborn();
        return follows;
    }

    // Each step goes on from what a checkpoint keeps of the one before.
    private void reborn() {
        var out = new StateWriter(100);
        sequence.snapshot(out);
        var restored = new Sequence(FlowProtocol.IPFIX);
        var in = new StateReader(out.toBytes());
        restored.restore(in);
        in.expectEnd();
        var again = new StateWriter(100);
        restored.snapshot(again);
        assertThat(again.toBytes()).isEqualTo(out.toBytes());
    }

    private void isMissing(long records) {
        assertThat(sequence.missing()).isEqualTo(records);
    }

    @Test
    void r38AGapIsOpenAndKnowsItsNumbersAndTimes() {
        message(0, 10);
        message(15, 10);
        assertThat(sequence.gaps())
                .containsExactly(
                        new SequenceGap(
                                10,
                                5,
                                1_700_000_000_000L,
                                1_700_000_000_001L,
                                SequenceGap.State.OPEN));
        assertThat(sequence.firstMissingMs()).isEqualTo(1_700_000_000_001L);
        assertThat(sequence.lastMissingMs()).isEqualTo(1_700_000_000_001L);
    }

    @Test
    void aUnitOfALaterReleaseIsNoneOfOurs() {
        int unknown = SequenceUnit.values().length;
        assertThatThrownBy(() -> SequenceUnit.ofCode(unknown))
                .isInstanceOf(StateReader.Malformed.class)
                .hasMessageContaining("unit 8");
    }

    @Test
    void r38AnOddMessageOfBeforeARestartFillsNoGapOfAfterwards() {
        message(1_000_000, 10);
        message(20, 5);
        message(1_000_010, 10);
        sequence.restart();
        message(0, 10);
        message(40, 10);
        isMissing(30);
    }

    @Test
    void r38AFilledGapIsGone() {
        message(0, 10);
        message(15, 10);
        message(10, 5);
        assertThat(sequence.gaps()).isEmpty();
        isMissing(0);
        assertThat(sequence.firstMissingMs()).isZero();
    }

    @Test
    void r35ALateMessageInTheMiddleOfAGapLeavesTwo() {
        message(0, 10);
        message(40, 10);
        message(20, 5);
        isMissing(25);
        assertThat(sequence.gaps())
                .extracting(SequenceGap::first, SequenceGap::count)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(10L, 10L),
                        org.assertj.core.groups.Tuple.tuple(25L, 15L));
    }

    @Test
    void r35NumbersThatCameAlreadyFillNoGap() {
        message(0, 10);
        message(20, 10); // 10 to 19 are missing
        message(0, 10); // other bytes, old numbers
        isMissing(10);
        message(30, 10);
        isMissing(10);
        assertThat(sequence.resets()).isZero();
    }

    @Test
    void r38AGapBehindTheWindowIsLost() {
        message(0, 10);
        message(11, 10);
        for (int at = 21; at < 21 + Sequence.LATE_RECORDS; at += 50) {
            message(at, 50);
        }
        assertThat(sequence.gaps())
                .extracting(SequenceGap::state)
                .containsExactly(SequenceGap.State.LOST);
        assertThat(message(10, 1)).isFalse();
        isMissing(1);
    }

    @Test
    void gapsBeyondTheirLimitAreSummedUp() {
        int gaps = 3 * Gaps.LIMIT;
        for (int i = 0; i <= gaps; i++) {
            message(i * 10, 7);
        }
        isMissing(3L * gaps);
        assertThat(sequence.gaps()).hasSizeLessThanOrEqualTo(Gaps.LIMIT);
        assertThat(sequence.firstMissingMs()).isEqualTo(1_700_000_000_001L);
    }

    @ParameterizedTest
    @ValueSource(ints = {-10, -5, -1, 0, 1})
    void r35NumbersWrap(int from) {
        message(from - 10, 10);
        message(from + 7, 3);
        isMissing(7);
        message(from, 7);
        isMissing(0);
        assertThat(sequence.resets()).isZero();
    }

    @Test
    void r35OneOddNumberChangesNothing() {
        message(1_000_000, 10);
        assertThat(message(5, 10)).isFalse();
        message(1_000_010, 10);
        isMissing(0);
        assertThat(sequence.resets()).isZero();
    }

    @Test
    void pitfall6TwoNumbersThatContinueEachOtherAreAReset() {
        message(1_000_000, 10);
        message(1_000_015, 10); // 5 missing
        message(0, 10);
        assertThat(message(10, 10)).isTrue();
        assertThat(sequence.resets()).isOne();
        isMissing(5);
        assertThat(sequence.gaps())
                .extracting(SequenceGap::state)
                .containsExactly(SequenceGap.State.LOST);
    }

    @Test
    void anExporterThatRestartsJustAfterGapsHidesNone() {
        message(0, 10);
        message(30, 10); // 10 to 29 missing
        message(0, 10); // restarted: numbers that we had, then some that fit the gap
        message(10, 10);
        message(20, 10);
        assertThat(sequence.resets()).isLessThanOrEqualTo(1);
        message(30, 12);
        message(42, 10);
        assertThat(sequence.missing()).isLessThanOrEqualTo(20);
    }

    @Test
    void aResetWhoseFirstMessagesAreReorderedLosesNone() {
        message(1_000_000, 10);
        message(20, 10);
        message(0, 10);
        message(10, 10);
        message(30, 10);
        isMissing(0);
        assertThat(sequence.resets()).isOne();
    }

    @Test
    void aMessageFromBeforeTheFirstIsNoResetAndNothingBeforeItIsMissing() {
        message(100, 10);
        message(80, 10);
        message(60, 10);
        message(90, 10);
        message(110, 10);
        isMissing(0);
        assertThat(sequence.resets()).isZero();
    }

    @Test
    void aHugeGapIsBelievedWithTheSecondNumber() {
        message(0, 10);
        message(500_000, 10);
        isMissing(0);
        message(500_010, 10);
        isMissing(499_990);
        assertThat(sequence.resets()).isZero();
    }

    @Test
    void pitfall2ALateMessageWithoutTemplateLeavesNothingCertain() {
        message(0, 10);
        message(50, 10); // 10 to 49
        message(20, 0, 0, 0, true);
        sequence.onHeld(20, 1000);
        isMissing(10); // 20 to 49 may all have been in it
        sequence.onDecoded(20, sequence.epoch(), 12, false);
        isMissing(28);
        message(32, 18);
        isMissing(10);
    }

    @Test
    void pitfall2ATemplateMessageWithTheSameNumberDoesNotHideWhatIsHeld() {
        message(0, 0, 0, 0, true);
        sequence.onHeld(0, 100);
        message(0, 0, 0, 1, false);
        sequence.onDecoded(0, sequence.epoch(), 10, false);
        message(10, 5);
        isMissing(0);
    }

    @Test
    void pitfall2WhatIsUnsureWhenItsGapIsFoldedIsSettledLater() {
        message(0, 0, 0, 0, true);
        sequence.onHeld(0, 80);
        int epoch = sequence.epoch();
        message(15, 5); // 15 of which the held set had some
        for (int i = 0; i < 2 * Gaps.LIMIT; i++) {
            message(21 + i * 10, 9);
        }
        isMissing(2L * Gaps.LIMIT);
        sequence.onDecoded(0, epoch, 10, false);
        isMissing(2L * Gaps.LIMIT + 5);
    }

    /** Sends as an exporter that counts so does; each message has flows and now and then more. */
    private void send(SequenceUnit counts, int messages, int number) {
        int at = number;
        for (int i = 0; i < messages; i++) {
            int flows = 1 + i * 7 % 5;
            int options = i % 6 == 3 ? 2 : 0;
            int templates = i % 5 == 2 ? 3 : 0;
            int units = counts.units(flows, options, templates);
            message(counts.isOwn() ? at + units : at, flows, options, templates, false);
            at += units;
        }
    }

    @ParameterizedTest
    @EnumSource(SequenceUnit.class)
    void r34WhateverTheNumbersCountIsFoundOutAndNothingIsMissing(SequenceUnit counts) {
        send(counts, 100, 1000);
        assertThat(sequence.unit()).isEqualTo(counts);
        isMissing(0);
        assertThat(sequence.resets()).isZero();
    }

    @Test
    void r34SoftflowdCountsItsOwnFlowsAndNoOptions() {
        int[] flows = {30, 30, 22, 30, 30, 30, 5, 30, 30, 30, 30, 30, 11, 30, 30, 30, 30, 2, 30, 9};
        int sent = 0;
        for (int i = 0; i < flows.length; i++) {
            sent += flows[i];
            message(sent, flows[i], i % 16 == 0 ? 1 : 0, i % 16 == 0 ? 4 : 0, false);
        }
        assertThat(sequence.unit()).isEqualTo(SequenceUnit.FLOWS_OWN);
        isMissing(0);
        message(sent + 7 + 10, 10);
        isMissing(7);
        message(sent + 7, 7);
        isMissing(0);
    }

    @Test
    void r34AnExporterThatCountsRightAndLosesMuchIsNotDoubted() {
        int at = 0;
        for (int i = 0; i < 400; i++) {
            int flows = 1 + i * 7 % 5;
            int options = i % 6 == 3 ? 2 : 0;
            if (i % 3 != 1 || i == 0) {
                message(at, flows, options, i % 5 == 2 ? 3 : 0, false);
            }
            at += flows + options;
        }
        assertThat(sequence.unit()).isEqualTo(SequenceUnit.RECORDS);
        assertThat(sequence.missing()).isPositive();
    }

    @Test
    void r34EverySecondMessageOfTheSameSizeIsLossAndNoOtherUnit() {
        sequence = new Sequence(FlowProtocol.NETFLOW_V9);
        var counts = new MessageCounts();
        counts.set(2, 0, 0, false);
        for (int i = 0; i < 100; i++) {
            sequence.onMessage(2 * i, counts, nowMs++);
        }
        assertThat(sequence.unit()).isEqualTo(SequenceUnit.DATAGRAMS);
        isMissing(99);
    }

    @Test
    void whatWasMissingBeforeTheDoubtStays() {
        message(0, 10);
        message(13, 10); // 3 missing
        message(23, 10);
        send(SequenceUnit.FLOWS_OWN, 60, 32);
        assertThat(sequence.unit()).isEqualTo(SequenceUnit.FLOWS_OWN);
        isMissing(3);
    }

    @Test
    void numbersThatNeverAdvanceTellNothingAndWhenTheyDoTheyCountAgain() {
        for (int i = 0; i < 40; i++) {
            message(0, 3);
        }
        assertThat(sequence.unit()).isEqualTo(SequenceUnit.NONE);
        assertThat(sequence.tellsDuplicates()).isFalse();
        isMissing(0);
        send(SequenceUnit.RECORDS, 60, 0);
        assertThat(sequence.unit()).isEqualTo(SequenceUnit.RECORDS);
        isMissing(0);
    }

    @Test
    void theGapsOfAnExporterAreReportedOldestFirst() {
        message(0, 1);
        message(2, 1);
        message(5, 1);
        assertThat(sequence.gaps()).extracting(SequenceGap::count).isEqualTo(List.of(1L, 2L));
    }
}
