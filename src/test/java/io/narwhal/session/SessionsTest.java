package io.narwhal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.radius.Attribute;
import io.narwhal.record.Addresses;
import io.narwhal.record.Reason;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Tally;
import io.narwhal.record.Transport;
import io.narwhal.session.Session.State;

import org.junit.jupiter.api.Test;

import java.util.Map;

/** The rules of docs/protocols/radius-sessions.md, one by one. */
class SessionsTest {
    private static final long Z = Desk.ZERO;
    private static final long GIB4 = 1L << 32;
    private final Desk desk = new Desk();

    private static Packet start() {
        return Packet.start("s1").user("alice");
    }

    private static Packet interim(long seconds, long input, long output) {
        return Packet.interim("s1").user("alice").lasted(seconds).octets(input, output);
    }

    private static Packet stop(long seconds, long input, long output) {
        return Packet.stop("s1").user("alice").lasted(seconds).octets(input, output);
    }

    // --- Differences ------------------------------------------------------------------------

    @Test
    void interimsAreCumulativeAndBecomeDifferencesSpreadOverTheirTime_R9() {
        desk.send(0, start().at(Z).address("192.0.2.7"));
        desk.send(60, interim(60, 100, 1000).packets(1, 2).at(Z + 60));
        desk.send(120, interim(120, 100, 1500).packets(1, 3).at(Z + 120));
        desk.send(130, stop(130, 150, 1500).packets(2, 3).at(Z + 130));

        assertThat(desk.rows)
                .containsExactly(
                        row(1, true, 0, 0, 0, 0),
                        row(1, false, 100, 1, 0, 60),
                        row(2, false, 1000, 2, 0, 60),
                        row(2, false, 500, 1, 60, 120),
                        row(1, false, 50, 1, 120, 130));
        assertThat(desk.states()).containsExactly(State.STOPPED);
        assertThat(desk.books.accounted().records()).isEqualTo(4);
    }

    private static Desk.Row row(
            int direction, boolean isCounted, long octets, long packets, long from, long to) {
        return new Desk.Row(
                "s1",
                "alice",
                "nas-1",
                direction,
                isCounted,
                octets,
                packets,
                from,
                to,
                direction == 1 ? "192.0.2.7" : "",
                direction == 2 ? "192.0.2.7" : "",
                "10.0.0.1");
    }

    @Test
    void aSessionFirstSeenByAnInterimBeganBeforeIt_R9() {
        desk.send(600, interim(500, 10, 20).at(Z + 600));
        assertThat(desk.rows.getFirst().start()).isEqualTo(100);
        assertThat(desk.rows.getFirst().isCounted()).isTrue();
        assertThat(desk.rows.getLast().octets()).isEqualTo(20);
        assertThat(desk.all().getFirst().startMs()).isEqualTo((Z + 100) * 1000);
    }

    @Test
    void aStopAloneIsAWholeSession_R9() {
        desk.send(600, stop(500, 10, 20).at(Z + 600));
        assertThat(desk.up() + desk.down()).isEqualTo(30);
        assertThat(desk.states()).containsExactly(State.STOPPED);
    }

    @Test
    void usageOfMoreThanAMonthIsChargedToTheLast31Days() {
        desk.send(0, interim(100 * 86_400, 10, 20).at(Z));
        assertThat(desk.rows.getFirst().start()).isEqualTo(-31 * 86_400);
        assertThat(desk.all().getFirst().startMs()).isEqualTo((Z - 100 * 86_400) * 1000);
    }

    @Test
    void aLostInterimIsInTheNextDifference() {
        desk.send(0, start().at(Z)).send(180, interim(180, 300, 0).at(Z + 180));
        assertThat(desk.up()).isEqualTo(300);
        assertThat(desk.rows.getLast().start()).isZero();
    }

    @Test
    void anInterimThatComesBehindALaterOneAddsNothing_R17() {
        desk.send(0, start().at(Z));
        desk.send(120, interim(120, 200, 2000).at(Z + 120));
        desk.send(121, interim(60, 100, 1000).at(Z + 60));
        assertThat(desk.up()).isEqualTo(200);
        assertThat(desk.down()).isEqualTo(2000);
        assertThat(desk.client().late()).isEqualTo(1);
        assertThat(desk.client().wraps() + desk.client().resets()).isZero();
    }

    @Test
    void theTotalIsTheGreatestCounterToldAlsoWhenThatComesLate() {
        desk.send(120, interim(120, 200, 2000).at(Z + 120));
        desk.send(121, interim(60, 250, 1000).at(Z + 60));
        assertThat(desk.up()).isEqualTo(250);
    }

    @Test
    void aStopWithoutOctetsKeepsWhatInterimsTold() {
        desk.send(60, interim(60, 100, 1000).at(Z + 60));
        desk.send(90, Packet.stop("s1").at(Z + 90).lasted(90));
        assertThat(desk.up()).isEqualTo(100);
        assertThat(desk.all().getFirst().inputOctets()).isEqualTo(100);
        assertThat(desk.states()).containsExactly(State.STOPPED);
    }

    // --- Times ------------------------------------------------------------------------------

    @Test
    void theTimeOfAnEventIsItsStampElseArrivalLessDelay_R60() {
        desk.send(100, start().delay(30));
        assertThat(desk.all().getFirst().startMs()).isEqualTo((Z + 70) * 1000);
        desk.send(200, Packet.start("s2").delay(30).at(Z + 150));
        assertThat(desk.all().get(1).startMs()).isEqualTo((Z + 150) * 1000);
    }

    @Test
    void aTimeThatCannotBeRightIsThatOfTheArrivalLessDelay_R60() {
        desk.send(100, start().delay(30).at(Z + 100 + 601));
        desk.send(100, Packet.start("s2").at(Z + 100 - 32 * 86_400));
        desk.send(100, Packet.start("s3").delay(0xffff_ffffL));
        desk.send(100, Packet.interim("s4").lasted(0xffff_fff0L).octets(1, 1));
        assertThat(desk.all().stream().map(s -> s.startMs() / 1000 - Z))
                .containsExactly(70L, 100L, 100L, 100L);
        assertThat(desk.client().clampedTimes()).isEqualTo(4);
    }

    // --- Once only --------------------------------------------------------------------------

    @Test
    void aRetransmissionWithANewDelayCountsOnce_R29_pitfall8() {
        desk.send(0, start().delay(0)).send(4, start().delay(4));
        desk.send(60, interim(60, 100, 0).delay(0)).send(65, interim(60, 100, 0).delay(5));
        desk.send(90, stop(90, 150, 0).delay(0)).send(99, stop(90, 150, 0).delay(9));
        assertThat(desk.up()).isEqualTo(150);
        assertThat(desk.counted()).isEqualTo(1);
        assertThat(desk.books.duplicate()).isEqualTo(tally(3));
        assertThat(desk.client().duplicates()).isEqualTo(3);
    }

    @Test
    void aRetransmissionIsKnownAcrossARestart_R29() {
        desk.send(60, stop(60, 100, 0).delay(0)).restart().send(99, stop(60, 100, 0).delay(39));
        assertThat(desk.up()).isEqualTo(100);
        assertThat(desk.books.duplicate().records()).isEqualTo(1);
    }

    @Test
    void theOriginalMayComeAfterItsCopy_R30() {
        desk.send(65, interim(60, 100, 0).delay(5)).send(66, interim(60, 100, 0).delay(0));
        assertThat(desk.up()).isEqualTo(100);
        assertThat(desk.books.duplicate().records()).isEqualTo(1);
    }

    @Test
    void aRetransmittedStopIsNoSessionAlsoWhenItsDelayIsAlwaysZero_pitfall8() {
        desk.send(0, start().delay(0)).send(60, stop(60, 100, 0).delay(0));
        desk.send(600, stop(60, 100, 0).delay(0));
        assertThat(desk.up()).isEqualTo(100);
        assertThat(desk.all()).hasSize(1);
    }

    @Test
    void aRequestThatFellOutOfTheWindowAddsNothing() {
        desk.send(0, start().at(Z));
        for (int i = 1; i <= Prints.LIMIT + 1; i++) {
            desk.send(60 * i, interim(60 * i, 100 * i, 0).at(Z + 60 * i));
        }
        desk.send(1100, interim(60, 100, 0).at(Z + 60));
        assertThat(desk.up()).isEqualTo(100 * (Prints.LIMIT + 1));
        assertThat(desk.books.duplicate().records()).isZero();
    }

    @Test
    void aStartThatIsTheSameButLongAfterUsageIsANewSession_pitfall9() {
        desk.send(0, start().delay(0)).send(600, interim(600, 100, 0).delay(0));
        desk.send(1200, start().delay(0)).send(1800, interim(600, 70, 0).delay(0));
        assertThat(desk.up()).isEqualTo(170);
        assertThat(desk.states()).containsExactly(State.REPLACED, State.OPEN);
    }

    @Test
    void aStartThatIsTheSameAndComesWhileNothingWasUsedIsADuplicate() {
        desk.send(0, start().delay(0)).send(600, start().delay(0));
        assertThat(desk.books.duplicate().records()).isEqualTo(1);
        assertThat(desk.all()).hasSize(1);
    }

    @Test
    void aStartThatIsTheSameIsADuplicateAlsoWhenOurClockWasSetRightMeanwhile_R29() {
        int behind = 7_200;
        desk.send(0, start().at(Z + behind)).send(60, interim(60, 100, 0).at(Z + behind + 60));
        desk.send(behind + 100, start().at(Z + behind));
        assertThat(desk.books.duplicate().records()).isEqualTo(1);
        assertThat(desk.up()).isEqualTo(100);
        assertThat(desk.states()).containsExactly(State.OPEN);
    }

    @Test
    void aSessionGoesOnWhileOurClockIsSetBackAndForth_R29() {
        int back = 7_200;
        desk.send(back, start().at(Z + back));
        desk.send(10, interim(300, 100, 0).at(Z + back + 300));
        desk.send(back + 20, interim(600, 150, 0).at(Z + back + 600));
        desk.send(30, stop(900, 170, 0).at(Z + back + 900));
        desk.send(back + 40, stop(900, 170, 0).at(Z + back + 900));
        assertThat(desk.up()).isEqualTo(170);
        assertThat(desk.states()).containsExactly(State.STOPPED);
        assertThat(desk.books.duplicate().records()).isEqualTo(1);
    }

    // --- Which session ----------------------------------------------------------------------

    @Test
    void aStopBeforeItsStartOpensNothing_pitfall10() {
        desk.send(61, stop(60, 100, 0).at(Z + 60)).send(62, start().at(Z));
        assertThat(desk.up()).isEqualTo(100);
        assertThat(desk.states()).containsExactly(State.STOPPED);
        assertThat(desk.counted()).isEqualTo(1);
    }

    @Test
    void aStopBeforeItsStartOpensNothingAlsoWithoutTimes_pitfall10() {
        desk.send(61, stop(60, 100, 0)).send(62, start());
        assertThat(desk.states()).containsExactly(State.STOPPED);
    }

    @Test
    void anInterimAfterTheStopOpensNothing_pitfall10() {
        desk.send(0, start().at(Z)).send(90, stop(90, 150, 0).at(Z + 90));
        desk.send(91, interim(60, 100, 0).at(Z + 60));
        assertThat(desk.up()).isEqualTo(150);
        assertThat(desk.states()).containsExactly(State.STOPPED);
    }

    @Test
    void anInterimAfterTheStopOpensNothingAlsoWithoutTimes_pitfall10() {
        desk.send(0, Packet.start("s1")).send(90, Packet.stop("s1").octets(150, 0));
        desk.send(120, Packet.interim("s1").octets(100, 0));
        assertThat(desk.up()).isEqualTo(150);
        assertThat(desk.states()).containsExactly(State.STOPPED);
    }

    @Test
    void anIdIsUsedAgainAfterAStop_pitfall9() {
        desk.send(0, start().at(Z)).send(60, stop(60, 100, 0).at(Z + 60));
        desk.send(70, start().at(Z + 70)).send(130, stop(60, 40, 0).at(Z + 130));
        assertThat(desk.up()).isEqualTo(140);
        assertThat(desk.counted()).isEqualTo(2);
    }

    @Test
    void anIdIsUsedAgainAndTheStartWasLost_pitfall9() {
        desk.send(0, start().at(Z)).send(60, stop(60, 100, 0).at(Z + 60));
        desk.send(130, interim(60, 40, 0).at(Z + 130));
        assertThat(desk.up()).isEqualTo(140);
        assertThat(desk.states()).containsExactly(State.STOPPED, State.OPEN);
    }

    @Test
    void anIdIsUsedAgainAtOnceAndTheStartWasLost_pitfall9() {
        desk.send(0, start().at(Z)).send(60, stop(60, 100, 0).at(Z + 60));
        desk.send(122, interim(60, 40, 0).at(Z + 122));
        assertThat(desk.up()).isEqualTo(140);
    }

    @Test
    void anIdIsUsedAgainAndNeitherStopNorStartCame_pitfall9() {
        desk.send(0, start().at(Z)).send(600, interim(600, 100, 0).at(Z + 600));
        desk.send(2000, interim(300, 400, 0).at(Z + 2000));
        assertThat(desk.up()).isEqualTo(500);
        assertThat(desk.states()).containsExactly(State.REPLACED, State.OPEN);
    }

    @Test
    void aStopThatComesAfterTheIdIsUsedAgainIsOfTheOldSession() {
        desk.send(0, start().at(Z)).send(60, interim(60, 100, 0).at(Z + 60));
        desk.send(100, start().at(Z + 100));
        desk.send(101, stop(90, 130, 0).at(Z + 90));
        desk.send(160, interim(60, 7, 0).at(Z + 160));
        assertThat(desk.up()).isEqualTo(137);
        assertThat(desk.states()).containsExactly(State.STOPPED, State.OPEN);
    }

    @Test
    void aStopInTheSecondInWhichTheIdIsUsedAgainIsOfTheOldSession() {
        desk.send(0, start().at(Z)).send(60, interim(60, 100, 0).at(Z + 60));
        desk.send(100, start().at(Z + 100)).send(101, stop(100, 130, 0).at(Z + 100));
        desk.send(160, interim(60, 7, 0).at(Z + 160));
        assertThat(desk.up()).isEqualTo(137);
        assertThat(desk.states()).containsExactly(State.STOPPED, State.OPEN);
    }

    @Test
    void aSecondStartWithAnAddressOfIpv6IsTheSameSession() {
        desk.send(0, start().at(Z).address("192.0.2.7"));
        desk.send(20, start().at(Z + 20).address("2001:db8::7"));
        assertThat(desk.all()).hasSize(1);
        assertThat(desk.all().getFirst().addresses()).hasSize(2);
        assertThat(desk.counted()).isEqualTo(1);
        assertThat(desk.rows).hasSize(1);
    }

    @Test
    void aStartThatIsLateTellsTheStart() {
        desk.send(60, interim(0, 10, 0).at(Z + 60)).send(61, start().at(Z + 2));
        assertThat(desk.all().getFirst().startMs()).isEqualTo((Z + 2) * 1000);
        assertThat(desk.all()).hasSize(1);
    }

    @Test
    void aDeviceWhoseSessionTimeStandsStillHasOneSession() {
        desk.send(0, start().at(Z));
        for (int i = 1; i < 10; i++) {
            desk.send(600 * i, interim(30, 100 * i, 0).at(Z + 600 * i));
        }
        assertThat(desk.up()).isEqualTo(900);
        assertThat(desk.all()).hasSize(1);
    }

    @Test
    void aClockThatIsSetBackOpensNothing() {
        desk.send(0, start().at(Z + 500)).send(60, interim(60, 100, 0).at(Z + 560));
        desk.send(120, interim(120, 150, 0).at(Z + 120)).send(180, stop(180, 170, 0).at(Z + 180));
        assertThat(desk.up()).isEqualTo(170);
        assertThat(desk.states()).containsExactly(State.STOPPED);
    }

    @Test
    void aStartWithoutATimeThatCameLateDoublesNothing() {
        desk.send(60, interim(60, 100, 0)).send(61, start()).send(120, interim(120, 150, 0));
        desk.send(180, stop(180, 170, 0));
        assertThat(desk.up()).isEqualTo(170);
        assertThat(desk.all()).hasSize(1);
    }

    @Test
    void anIdIsThatOfItsClientAndItsDevice() {
        desk.send(0, start().at(Z));
        desk.send(1, new Packet().nas("nas-2").integer(40, 1).text(44, "s1").at(Z));
        desk.source.set(0, Addresses.ofIpv4(0x0a000002), 9, 0, Transport.UDP);
        desk.send(2, start().at(Z));
        desk.source.set(0, Addresses.ofIpv4(0x0a000002), 10, 0, Transport.UDP);
        desk.send(3, start().at(Z));
        assertThat(desk.all()).hasSize(3);
        assertThat(desk.books.duplicate().records()).isEqualTo(1);
    }

    @Test
    void aDeviceWithoutANameHasThatOfItsAddress() {
        desk.send(0, new Packet().integer(40, 1).text(44, "s1"));
        assertThat(desk.client().nas()).isEqualTo("10.0.0.1");
    }

    // --- Wraps and resets -------------------------------------------------------------------

    @Test
    void gigawordsCount_pitfall7() {
        desk.send(60, stop(60, 0, 0).giga(0, 0).at(Z + 60));
        desk.send(60, Packet.stop("s2").lasted(60).giga(5 * GIB4 + 7, GIB4 + 1).at(Z + 60));
        assertThat(desk.up()).isEqualTo(5 * GIB4 + 7);
        assertThat(desk.down()).isEqualTo(GIB4 + 1);
    }

    @Test
    void aCounterWithoutGigawordsWraps_pitfall7() {
        desk.send(60, interim(60, 4_000_000_000L, 5).packets(4_000_000, 1).at(Z + 60));
        desk.send(120, interim(120, 100_000_000, 6).packets(4_400_000, 2).at(Z + 120));
        desk.send(180, stop(180, 100_000_010, 7).packets(4_400_001, 3).at(Z + 180));
        assertThat(desk.up()).isEqualTo(GIB4 + 100_000_010);
        assertThat(desk.down()).isEqualTo(7);
        assertThat(desk.client().wraps()).isEqualTo(1);
        assertThat(desk.client().resets()).isZero();
    }

    @Test
    void whatComesLateFromBeforeAWrapAddsNothing_pitfall7() {
        desk.send(60, interim(60, 3_000_000_000L, 0).at(Z + 60));
        desk.send(180, interim(180, 100_000_000, 0).at(Z + 180));
        desk.send(181, interim(120, 4_200_000_000L, 0).at(Z + 120));
        assertThat(desk.up()).isEqualTo(GIB4 + 100_000_000);
    }

    @Test
    void aCounterThatIsLowerWithFewerPacketsWasReset_pitfall7() {
        desk.send(60, interim(60, 4_000_000_000L, 500).packets(4_000_000, 5).at(Z + 60));
        desk.send(120, interim(120, 1000, 600).packets(10, 6).at(Z + 120));
        assertThat(desk.up()).isEqualTo(4_000_001_000L);
        // Counters begin anew in both directions at once.
        assertThat(desk.down()).isEqualTo(1100);
        assertThat(desk.client().resets()).isEqualTo(1);
        assertThat(desk.all().getFirst().inputOctets()).isEqualTo(4_000_001_000L);
        assertThat(desk.all().getFirst().outputPackets()).isEqualTo(11);
    }

    @Test
    void aWrapThatIsTooFastWasAReset_pitfall7() {
        desk.send(60, interim(60, 1000, 0).at(Z + 60)).send(61, interim(61, 900, 0).at(Z + 61));
        assertThat(desk.up()).isEqualTo(1900);
        assertThat(desk.client().resets()).isEqualTo(1);
    }

    @Test
    void aLowerCounterWithGigawordsAddsAllOfIt() {
        desk.send(60, Packet.interim("s1").lasted(60).giga(3 * GIB4, 9).at(Z + 60));
        desk.send(120, Packet.interim("s1").lasted(120).giga(GIB4, 4).at(Z + 120));
        assertThat(desk.up()).isEqualTo(4 * GIB4);
        assertThat(desk.down()).isEqualTo(13);
        assertThat(desk.client().resets()).isEqualTo(1);
    }

    @Test
    void aStopOfZerosAddsNothing() {
        desk.send(60, interim(60, 4_000_000_000L, 7).at(Z + 60));
        desk.send(120, stop(120, 0, 0).at(Z + 120));
        assertThat(desk.up()).isEqualTo(4_000_000_000L);
        assertThat(desk.down()).isEqualTo(7);
    }

    @Test
    void aStartOfZerosTellsNothing() {
        desk.send(0, start().octets(0, 0).packets(0, 0).at(Z));
        desk.send(3, start().octets(0, 0).packets(0, 0).address("2001:db8::7").at(Z + 3));
        desk.send(60, interim(60, 500, 7).packets(5, 1).at(Z + 60));
        desk.send(61, start().octets(0, 0).packets(0, 0).address("2001:db8::8").at(Z + 4));
        desk.send(120, interim(120, 600, 8).packets(6, 1).at(Z + 120));
        assertThat(desk.up()).isEqualTo(600);
        assertThat(desk.all()).hasSize(1);
        assertThat(desk.client().resets()).isZero();
    }

    @Test
    void gigawordsMayBeLeftOutWhileTheyAreZero() {
        desk.send(60, Packet.interim("s1").lasted(60).octets(4_000_000_000L, 0).at(Z + 60));
        desk.send(120, Packet.interim("s1").lasted(120).giga(GIB4 + 5, 0).at(Z + 120));
        assertThat(desk.up()).isEqualTo(GIB4 + 5);
        assertThat(desk.client().wraps() + desk.client().resets()).isZero();
    }

    @Test
    void gigawordsThatAStopLeavesOutAreThoseKnown() {
        desk.send(60, Packet.interim("s1").lasted(60).giga(3 * GIB4 + 50, 9).at(Z + 60));
        desk.send(120, Packet.stop("s1").lasted(120).octets(70, 10).at(Z + 120));
        assertThat(desk.up()).isEqualTo(3 * GIB4 + 70);
        assertThat(desk.down()).isEqualTo(10);
    }

    @Test
    void packetsWrapWhereTheOctetsCarryThem() {
        desk.send(60, Packet.interim("s1").lasted(60).giga(0, 0).packets(4_294_967_000L, 9));
        desk.send(120, Packet.interim("s1").lasted(120).giga(1_000_000, 0).packets(704, 8));
        assertThat(desk.books.accounted().packets()).isEqualTo(4_294_967_000L + 9 + 1000);
        assertThat(desk.client().wraps()).isEqualTo(1);
    }

    @Test
    void withoutAnyTimeALowerCounterWithinSecondsWasOvertaken() {
        desk.send(60, Packet.interim("s1").octets(4_000, 0));
        desk.send(61, Packet.interim("s1").octets(3_000, 0));
        assertThat(desk.up()).isEqualTo(4_000);
    }

    // --- Boots ------------------------------------------------------------------------------

    @Test
    void accountingOnEndsTheSessionsOfItsDeviceOnly_pitfall9() {
        desk.send(0, start().at(Z)).send(1, Packet.start("s2").at(Z + 1));
        desk.send(2, new Packet().nas("nas-2").integer(40, 1).text(44, "s3").at(Z + 2));
        desk.send(60, interim(60, 100, 0).at(Z + 60));
        desk.send(90, Packet.on().at(Z + 90));
        assertThat(desk.states())
                .containsExactly(State.NAS_RESTARTED, State.NAS_RESTARTED, State.OPEN);
        assertThat(desk.all().getFirst().endMs()).isEqualTo((Z + 60) * 1000);
        assertThat(desk.client().boots()).isEqualTo(1);
        assertThat(desk.books.accounted().records()).isEqualTo(5);
    }

    @Test
    void accountingOnThatComesAgainEndsNothing_pitfall9() {
        desk.send(0, Packet.on().at(Z)).send(1, start().at(Z + 1)).send(2, Packet.on().at(Z));
        desk.send(13, Packet.off().delay(0)).send(14, Packet.start("s2").at(Z + 14));
        desk.send(18, Packet.off().delay(5)).send(19, Packet.off().delay(6));
        assertThat(desk.states()).containsExactly(State.NAS_RESTARTED, State.OPEN);
        assertThat(desk.books.duplicate().records()).isEqualTo(3);
    }

    @Test
    void accountingOnThatComesLateEndsOnlyWhatBeganBeforeIt() {
        desk.send(0, start().at(Z)).send(100, Packet.start("s2").at(Z + 100));
        desk.send(101, Packet.on().at(Z + 50));
        assertThat(desk.states()).containsExactly(State.NAS_RESTARTED, State.OPEN);
    }

    @Test
    void accountingOnWithoutATimeMayHaveBeenOvertaken() {
        desk.send(0, Packet.start("old")).send(600, start()).send(601, Packet.on());
        desk.send(602, start()).send(660, interim(60, 100, 0)).send(725, interim(120, 150, 0));
        assertThat(desk.states()).containsExactly(State.NAS_RESTARTED, State.OPEN);
        assertThat(desk.up()).isEqualTo(150);
    }

    @Test
    void anIdIsUsedAgainAfterABoot_pitfall9() {
        desk.send(0, start().at(Z)).send(60, interim(60, 100, 0).at(Z + 60));
        desk.send(90, Packet.on().at(Z + 90)).send(95, start().at(Z + 95));
        desk.send(155, interim(60, 100, 0).at(Z + 155));
        desk.send(156, stop(80, 130, 0).at(Z + 80)); // late, of before the boot
        assertThat(desk.up()).isEqualTo(230);
        assertThat(desk.states()).containsExactly(State.STOPPED, State.OPEN);
        assertThat(desk.counted()).isEqualTo(2);
    }

    @Test
    void anIdIsUsedAgainAfterABootAndTheStartWasLost_pitfall9() {
        desk.send(0, start().at(Z)).send(60, interim(60, 100, 0).at(Z + 60));
        desk.send(61, Packet.on().at(Z + 61));
        desk.send(700, interim(600, 170, 0).at(Z + 700));
        assertThat(desk.up()).isEqualTo(270);
    }

    @Test
    void whatIsLateFromBeforeABootIsNotOpen_pitfall9() {
        desk.send(90, Packet.on().at(Z + 90)).send(91, interim(60, 100, 0).at(Z + 80));
        assertThat(desk.states()).containsExactly(State.NAS_RESTARTED);
        desk.send(92, Packet.start("s2").at(Z + 70));
        assertThat(desk.states()).containsOnly(State.NAS_RESTARTED);
    }

    @Test
    void aSessionThatOutlivesABootGoesOn() {
        desk.send(0, start().at(Z)).send(60, interim(60, 100, 0).at(Z + 60));
        desk.send(90, Packet.on().at(Z + 90)).send(120, interim(120, 150, 0).at(Z + 120));
        assertThat(desk.up()).isEqualTo(150);
        assertThat(desk.states()).containsExactly(State.OPEN);
    }

    // --- Time goes on -----------------------------------------------------------------------

    @Test
    void aSilentSessionExpiresAndRevives() {
        desk.send(0, start().at(Z)).send(60, interim(60, 100, 0).at(Z + 60));
        desk.watermark(60 + 7199);
        assertThat(desk.states()).containsExactly(State.OPEN);
        desk.watermark(60 + 7200);
        assertThat(desk.states()).containsExactly(State.EXPIRED);
        desk.send(8000, interim(8000, 180, 0).at(Z + 8000));
        assertThat(desk.states()).containsExactly(State.OPEN);
        assertThat(desk.up()).isEqualTo(180);
        assertThat(desk.counted()).isEqualTo(1);
    }

    @Test
    void aSessionThatRepeatsItselfDoesNotExpire() {
        desk.send(0, Packet.start("s1")).send(60, Packet.interim("s1").octets(1, 1));
        desk.send(7000, Packet.interim("s1").octets(1, 1)).watermark(60 + 7200);
        assertThat(desk.states()).containsExactly(State.OPEN);
    }

    @Test
    void aClosedSessionIsForgottenInTime() {
        desk.send(60, stop(60, 100, 0).at(Z + 60)).watermark(60 + 86_399);
        assertThat(desk.sessions.size()).isEqualTo(1);
        desk.watermark(60 + 86_400);
        assertThat(desk.sessions.size()).isZero();
        assertThat(desk.seen).containsExactly("1 s1 STOPPED", "1 forgotten");
    }

    @Test
    void aClosedSessionThatIsHeardOfIsKnownForLonger_R29() {
        desk.send(0, interim(60, 100, 0).at(Z)).watermark(7200);
        desk.send(90_000, stop(80, 130, 0).at(Z + 20)).watermark(7200 + 86_400);
        desk.send(94_000, stop(80, 130, 0).at(Z + 20).delay(4000));
        assertThat(desk.up()).isEqualTo(130);
        assertThat(desk.books.duplicate().records()).isEqualTo(1);
    }

    @Test
    void anExpiredSessionIsForgottenAfterItExpired() {
        desk.send(0, start().at(Z)).watermark(7200).watermark(7200 + 86_399);
        assertThat(desk.sessions.size()).isEqualTo(1);
        desk.watermark(7200 + 86_400);
        assertThat(desk.sessions.size()).isZero();
    }

    // --- Limits and rejections --------------------------------------------------------------

    @Test
    void whatFindsNoRoomIsRejectedAndNothingKnownIsForgotten() {
        desk.sessions.setRoom(1);
        desk.send(0, start().at(Z)).send(1, Packet.start("s2").at(Z));
        desk.send(60, stop(60, 100, 0).at(Z + 60)).send(61, stop(60, 100, 0).at(Z + 60));
        assertThat(desk.books.rejected(Reason.SESSION_LIMIT)).isEqualTo(tally(1));
        assertThat(desk.up()).isEqualTo(100);
        assertThat(desk.client().rejected()).isEqualTo(Map.of(Reason.SESSION_LIMIT, 1L));
        desk.sessions.setRoom(1);
        desk.send(70, Packet.start("s2").at(Z));
        assertThat(desk.sessions.size()).isEqualTo(2);
    }

    @Test
    void ofOneIdTheLastFewSessionsAreKnown() {
        for (int i = 0; i < 12; i++) {
            desk.send(100 * i, start().at(Z + 100 * i));
            desk.send(100 * i + 60, stop(60, 10 + i, 0).at(Z + 100 * i + 60));
        }
        assertThat(desk.sessions.size()).isEqualTo(Sessions.SESSIONS_OF_ID_MAX);
        desk.send(2000, stop(60, 10, 0).at(Z + 60)); // of the first, which is forgotten
        assertThat(desk.books.rejected(Reason.SESSION_LIMIT).records()).isEqualTo(1);
        assertThat(desk.up()).isEqualTo(12 * 10 + 66);
    }

    @Test
    void whatSaysTooLittleIsRejected() {
        desk.send(0, new byte[] {4, 0, 0, 20}).send(0, new byte[0]);
        desk.send(0, new Packet().text(Attribute.ACCT_SESSION_ID, "s1"));
        desk.send(0, Packet.of(1)).send(0, Packet.of(1).text(Attribute.ACCT_SESSION_ID, ""));
        desk.send(0, Packet.of(9).text(Attribute.ACCT_SESSION_ID, "s1"));
        desk.send(0, Packet.of(15)).send(0, Packet.of(300));
        assertThat(desk.books.rejected(Reason.MALFORMED)).isEqualTo(tally(2));
        assertThat(desk.books.rejected(Reason.INCOMPLETE)).isEqualTo(tally(3));
        assertThat(desk.books.rejected(Reason.UNKNOWN_STATUS)).isEqualTo(tally(3));
        assertThat(desk.sessions.size()).isZero();
    }

    @Test
    void whatTheCollectorRefusedIsBooked() {
        desk.sessions.onRefusal(
                new ReceivedBlock.Refusal(Reason.BAD_AUTHENTICATOR, 3, 300), desk.source);
        desk.check();
        assertThat(desk.books.rejected(Reason.BAD_AUTHENTICATOR).records()).isEqualTo(3);
        assertThat(desk.sessions.clients().getFirst().rejected())
                .isEqualTo(Map.of(Reason.BAD_AUTHENTICATOR, 3L));
    }

    @Test
    void strangersAreAddedUpWhenThereAreTooMany() {
        for (int i = 0; i < 2 * Devices.SENDERS_MAX; i++) {
            desk.source.set(0, Addresses.ofIpv4(i), 1, 0, Transport.UDP);
            desk.sessions.onRefusal(
                    new ReceivedBlock.Refusal(Reason.UNKNOWN_CLIENT, 1, 100), desk.source);
        }
        desk.source.set(0, Addresses.ofIpv4(-5), 1, 0, Transport.UDP);
        desk.sessions.onRefusal(
                new ReceivedBlock.Refusal(Reason.BAD_AUTHENTICATOR, 1, 100), desk.source);
        var clients = desk.sessions.clients();
        assertThat(clients).hasSize(Devices.SENDERS_MAX / 2 + 2);
        assertThat(clients.getLast().client()).isEqualTo("others");
        assertThat(clients.getLast().requests()).isEqualTo(2 * Devices.SENDERS_MAX - 512);
        desk.restart();
        assertThat(desk.sessions.clients()).isEqualTo(clients);
    }

    @Test
    void devicesWithoutSessionsMakeRoom() {
        for (int i = 0; i <= Devices.DEVICES_MAX; i++) {
            desk.send(i, new Packet().nas("nas-" + i).integer(40, 7));
        }
        var clients = desk.sessions.clients();
        assertThat(clients).hasSize(Devices.DEVICES_MAX / 2 + 2);
        assertThat(clients.getLast().retired()).isEqualTo(Devices.DEVICES_MAX / 2);
        assertThat(clients.stream().mapToLong(ClientReport::boots).sum())
                .isEqualTo(Devices.DEVICES_MAX + 1);
    }

    @Test
    void devicesWithSessionsMakeRoomOnceOneHasNone() {
        var many = new Desk(new SessionLimits(100_000, 86_400_000, 7_200_000));
        many.put(-9_000, Packet.stop("s1").nas("first").build());
        for (int i = 1; i < Devices.DEVICES_MAX; i++) {
            many.put(0, Packet.stop("s1").nas("nas-" + i).build());
        }
        many.put(1, Packet.stop("s1").nas("late").build());
        many.put(2, Packet.stop("s2").nas("late").build());
        assertThat(many.books.rejected(Reason.SESSION_LIMIT)).isEqualTo(tally(2));
        many.watermark(86_400 - 9_000);
        many.put(86_400, Packet.stop("s1").nas("late").build());
        assertThat(many.books.rejected(Reason.SESSION_LIMIT)).isEqualTo(tally(2));
        assertThat(many.sessions.clients().getLast().retired()).isEqualTo(1);
    }

    // --- The watcher ------------------------------------------------------------------------

    @Test
    void theWatcherHearsOfWhoHoldsWhatButNotOfCounters() {
        desk.send(0, start().at(Z)).send(60, interim(60, 100, 0).at(Z + 60));
        desk.send(120, interim(120, 200, 0).at(Z + 120).address("192.0.2.7"));
        desk.send(180, stop(180, 200, 0).at(Z + 180));
        assertThat(desk.seen).containsExactly("1 s1 OPEN", "1 s1 OPEN", "1 s1 STOPPED");
        desk.restart();
        assertThat(desk.seen).as("what the watcher knows is its own to restore").hasSize(3);
        desk.send(200, Packet.start("s2").at(Z + 200));
        assertThat(desk.seen).endsWith("2 s2 OPEN");
    }

    @Test
    void anIdThatIsNoTextIsShownInHexadecimal() {
        desk.send(0, Packet.of(1).bytes(Attribute.ACCT_SESSION_ID, new byte[] {(byte) 0xff, 1}));
        desk.send(0, Packet.of(1).bytes(Attribute.ACCT_SESSION_ID, new byte[] {(byte) 0xfe, 1}));
        assertThat(desk.all().stream().map(Session::sessionId)).containsExactly("0xff01", "0xfe01");
    }

    private static Tally tally(long records) {
        var tally = new Tally();
        tally.add(records, 0, 0);
        return tally;
    }
}
