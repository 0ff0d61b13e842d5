package io.narwhal.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.generate.FakeRadiusServer.Fate;
import io.narwhal.generate.FakeRadiusServer.Request;
import io.narwhal.radius.Status;

import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What devices report (R9: interims are cumulative), and how they send it again (R30). */
class RadiusSourceTest {
    private static final long START_MS = 1_767_225_600_000L;
    private static final InetSocketAddress NOWHERE = new InetSocketAddress("127.0.0.1", 9);
    private static final Fate AT_ONCE = _ -> 3;

    private static RadiusPlan.Builder plan() {
        return RadiusPlan.to(NOWHERE).sessions(300).startMs(START_MS);
    }

    private record Run(RadiusTruth truth, FakeRadiusServer server) {
        List<RadiusTruth.Session> sessions() {
            List<RadiusTruth.Session> all = new ArrayList<>();
            truth.forEachSession(all::add);
            return all;
        }
    }

    private static Run run(RadiusPlan.Builder builder, Fate fate) {
        RadiusPlan plan = builder.build();
        var server = new FakeRadiusServer(RadiusSource.sources(plan).size(), fate);
        return run(plan, server);
    }

    private static Run run(RadiusPlan plan, FakeRadiusServer server) {
        try (var source = new RadiusSource(plan, FakeRadiusServer.SECRET, server, server)) {
            return new Run(source.run(_ -> {}), server);
        }
    }

    @Test
    void theTruthIsWhatTheServerReceived() {
        Run run = run(plan().nas(3).interims(5).subscribers(40), AT_ONCE);

        Map<String, List<Request>> received = run.server.bySession();
        assertThat(run.sessions()).hasSize(300);
        assertThat(received).hasSize(300);
        for (RadiusTruth.Session session : run.sessions()) {
            List<Request> reports = received.get(session.id());
            assertThat(reports).hasSize(7);
            Request last = reports.getLast();
            assertThat(last.nas()).isEqualTo(session.nas());
            assertThat(last.subscriber()).isEqualTo(session.subscriber());
            assertThat(session.stopped()).isTrue();
            assertThat(session.answered())
                    .isEqualTo(session.sent())
                    .isEqualTo(
                            new RadiusTruth.Reported(
                                    7,
                                    last.up(),
                                    last.upPackets(),
                                    last.down(),
                                    last.downPackets()));
        }
        assertThat(run.truth.totals())
                .isEqualTo(new RadiusTruth.Totals(300, 2100, 2100, 0, 0, 0, 2100, 0, 0, 0, 0));
        assertThat(run.truth.latency())
                .isEqualTo(new RadiusTruth.Latency(3_000, 3_000, 3_000, 3_000));
    }

    @Test
    void aSessionIsAStartThenGrowingInterimsThenAStop() {
        Run run = run(plan(), AT_ONCE);

        boolean wide = false;
        boolean idle = false;
        for (List<Request> reports : run.server.bySession().values()) {
            assertThat(reports)
                    .extracting(Request::status)
                    .containsExactly(
                            Status.START,
                            Status.INTERIM,
                            Status.INTERIM,
                            Status.INTERIM,
                            Status.INTERIM,
                            Status.STOP);
            assertThat(reports.getFirst().up()).isEqualTo(-1);
            for (int i = 1; i < reports.size(); i++) {
                Request before = reports.get(i - 1);
                Request now = reports.get(i);
                assertThat(now.up()).isGreaterThanOrEqualTo(before.up());
                assertThat(now.down()).isGreaterThanOrEqualTo(before.down());
                assertThat(now.downPackets()).isGreaterThanOrEqualTo(before.downPackets());
                assertThat(now.eventMs() - before.eventMs()).isBetween(299_000L, 301_000L);
                assertThat(now.addresses()).isEqualTo(3);
                wide |= now.up() >>> 32 > 0;
                idle |= i > 1 && now.up() == before.up();
            }
        }
        assertThat(wide).as("some counters need gigawords").isTrue();
        assertThat(idle).as("some reports tell of nothing new").isTrue();
    }

    @Test
    void aRequestGoesOnlyWhenTheOneBeforeItWasAnswered() {
        Run run = run(plan().outstanding(20).interims(2), request -> 1 + request.identifier() % 7);

        assertThat(run.server.outstandingMax).isEqualTo(20);
        Map<String, Long> free = new HashMap<>();
        for (Request request : run.server.requests) {
            assertThat(request.atMs())
                    .isGreaterThanOrEqualTo(free.getOrDefault(request.session(), 0L));
            free.put(request.session(), request.atMs() + 1 + request.identifier() % 7);
        }
    }

    @Test
    void withoutGigawordsCountersWrapAndTheTruthDoesNot() {
        Run run = run(plan().gigawords(false).interims(20), AT_ONCE);

        int wraps = 0;
        for (RadiusTruth.Session session : run.sessions()) {
            long up = 0;
            long before = 0;
            for (Request request : run.server.bySession().get(session.id())) {
                long told = Math.max(0, request.up());
                assertThat(told).isLessThanOrEqualTo(0xffff_ffffL);
                wraps += told < before ? 1 : 0;
                up += told - before & 0xffff_ffffL;
                before = told;
            }
            assertThat(session.answered().upOctets()).isEqualTo(up);
        }
        assertThat(wraps).isPositive();
    }

    @Test
    void whatIsNotAnsweredIsSentAgainUntilItIs() {
        Run run = run(plan(), request -> request.copies() < 3 ? FakeRadiusServer.NEVER : 2);

        assertThat(run.truth.totals().answered()).isEqualTo(1_800);
        assertThat(run.truth.totals().retransmitted()).isEqualTo(3 * 1_800);
        assertThat(run.truth.latency().p50()).isBetween(3_002_000L, 3_100_000L);
        assertThat(run.sessions()).allMatch(RadiusTruth.Session::stopped);
    }

    @Test
    void aChangedDelayMakesANewIdentifierAndTheSameDelayTheSamePacket() {
        for (var delay : RadiusPlan.Delay.values()) {
            Run run =
                    run(
                            plan().delay(delay),
                            request -> request.copies() < 2 ? FakeRadiusServer.NEVER : 2);
            Map<Long, Request> first = new HashMap<>();
            int changed = 0;
            int same = 0;
            for (Request request : run.server.requests) {
                Request before = first.put(request.fingerprint(), request);
                if (before == null) {
                    assertThat(request.delay()).isZero();
                } else if (request.delay() == before.delay()) {
                    assertThat(request.authenticator()).isEqualTo(before.authenticator());
                    assertThat(request.identifier()).isEqualTo(before.identifier());
                    same++;
                } else {
                    assertThat(request.delay())
                            .isGreaterThan(before.delay())
                            .isLessThanOrEqualTo(3);
                    assertThat(request.authenticator()).isNotEqualTo(before.authenticator());
                    assertThat(request.identifier()).isNotEqualTo(before.identifier());
                    changed++;
                }
            }
            assertThat(changed > 0).as("%s", delay).isEqualTo(delay != RadiusPlan.Delay.STAYS);
            assertThat(same > 0).as("%s", delay).isEqualTo(delay != RadiusPlan.Delay.CHANGES);
        }
    }

    @Test
    void anAnswerToAnEarlierCopyCountsToo() {
        Run run = run(plan().delay(RadiusPlan.Delay.CHANGES), _ -> 2_500);

        assertThat(run.truth.totals().answered()).isEqualTo(1_800);
        assertThat(run.truth.latency().max()).isEqualTo(2_500_000);
        assertThat(run.truth.totals().retransmitted()).isEqualTo(2 * 1_800);
        assertThat(run.truth.totals().falseAnswers()).isZero();
        assertThat(run.truth.totals().lateAnswers()).isPositive();
    }

    @Test
    void whatIsNeverAnsweredIsGivenUpWhenThePlanSaysSo() {
        Run run =
                run(
                        plan().sessions(40).retries(2),
                        r -> r.status() == Status.STOP ? FakeRadiusServer.NEVER : 1);

        assertThat(run.truth.totals().givenUp()).isEqualTo(40);
        assertThat(run.truth.totals().retransmitted()).isEqualTo(80);
        for (RadiusTruth.Session session : run.sessions()) {
            assertThat(session.stopped()).isFalse();
            assertThat(session.answered().reports()).isEqualTo(5);
            assertThat(session.sent().reports()).isEqualTo(6);
            assertThat(session.sent().upOctets())
                    .isGreaterThanOrEqualTo(session.answered().upOctets());
        }
    }

    @Test
    void anAnswerWithAWrongAuthenticatorIsCountedAndIgnored() {
        RadiusPlan plan = plan().sessions(10).retries(1).build();
        var server = new FakeRadiusServer(4, AT_ONCE);
        server.falsify = true;
        Run run = run(plan, server);

        assertThat(run.truth.totals().answered()).isZero();
        assertThat(run.truth.totals().falseAnswers()).isEqualTo(2 * 60);
        assertThat(run.sessions())
                .allMatch(s -> s.answered().equals(new RadiusTruth.Reported(0, 0, 0, 0, 0)));
    }

    @Test
    void answersThatAreNoneDoNoHarm() {
        RadiusPlan plan = plan().sessions(10).build();
        var server = new FakeRadiusServer(4, AT_ONCE);
        server.answer(0, new byte[0]);
        server.answer(1, new byte[19]);
        server.answer(2, new byte[4_096]);
        Run run = run(plan, server);

        assertThat(run.truth.totals().falseAnswers()).isEqualTo(3);
        assertThat(run.truth.totals().answered()).isEqualTo(60);
    }

    @Test
    void duplicatesOnPurposeRepeatWhatWasAnsweredAndAddNothing() {
        Run plain = run(plan(), AT_ONCE);
        for (var delay : RadiusPlan.Delay.values()) {
            Run run = run(plan().duplicatePercent(30).delay(delay), AT_ONCE);

            RadiusTruth.Totals totals = run.truth.totals();
            assertThat(totals.duplicates()).isBetween(400L, 600L);
            assertThat(totals.answeredDuplicates()).isEqualTo(totals.duplicates());
            assertThat(totals.datagrams()).isEqualTo(1_800 + totals.duplicates());
            assertThat(run.sessions()).isEqualTo(plain.sessions());
            Set<Long> known = new HashSet<>();
            long again = 0;
            for (Request request : run.server.requests) {
                again += known.add(request.fingerprint()) ? 0 : 1;
            }
            assertThat(again).isEqualTo(totals.duplicates());
        }
    }

    @Test
    void someDuplicatesComeBehindTheSessionsNextRequest() {
        Run run = run(plan().duplicatePercent(30), AT_ONCE);

        Map<String, Long> newest = new HashMap<>();
        long late = 0;
        for (Request request : run.server.requests) {
            if (request.copies() == 0) {
                newest.put(request.session(), request.fingerprint());
            } else if (newest.get(request.session()) != request.fingerprint()) {
                late++;
            }
        }
        assertThat(late).isBetween(100L, run.truth.totals().duplicates() - 100);
    }

    @Test
    void theSamePlanMakesTheSameBytesAndAnotherSeedOthers() {
        Run first = run(plan().duplicatePercent(10), AT_ONCE);
        Run again = run(plan().duplicatePercent(10), AT_ONCE);
        Run other = run(plan().duplicatePercent(10).seed(2), AT_ONCE);

        assertThat(again.server.packets).containsExactlyElementsOf(first.server.packets);
        assertThat(again.sessions()).isEqualTo(first.sessions());
        assertThat(other.sessions()).isNotEqualTo(first.sessions());
    }

    @Test
    void theSessionsAreTheSameHoweverTheyAreAnswered() {
        Run quick = run(plan(), AT_ONCE);
        Run slow =
                run(
                        plan().outstanding(7),
                        r -> r.copies() < r.identifier() % 3 ? FakeRadiusServer.NEVER : 40);

        assertThat(slow.sessions()).isEqualTo(quick.sessions());
        assertThat(slow.truth.totals().retransmitted()).isPositive();
    }

    @Test
    void manyOutstandingHaveMoreIdentifiersThanASocketHas() {
        Run run = run(plan().sessions(2_000).nas(1).outstanding(1_000).interims(0), AT_ONCE);

        assertThat(run.server.sockets()).isEqualTo(8);
        assertThat(run.server.outstandingMax).isEqualTo(1_000);
        assertThat(run.truth.totals().answered()).isEqualTo(4_000);
    }

    @Test
    void aRateSpreadsRequestsEvenly() {
        Run run = run(plan().requestsPerSecond(500), AT_ONCE);

        Map<Long, Integer> bySecond = new HashMap<>();
        run.server.requests.forEach(r -> bySecond.merge(r.atMs() / 1_000, 1, Integer::sum));
        assertThat(bySecond.values()).hasSize(4).allMatch(count -> count <= 501);
    }

    @Test
    void aDurationBeginsNothingMoreAndAwaitsWhatIsOut() {
        Run run = run(plan().sessions(0).durationMs(10_000), _ -> 20);

        RadiusTruth.Totals totals = run.truth.totals();
        assertThat(totals.answered()).isEqualTo(totals.requests()).isBetween(31_000L, 33_000L);
        assertThat(run.sessions()).anyMatch(s -> !s.stopped()).anyMatch(s -> s.stopped());
        assertThat(run.sessions()).allMatch(s -> s.sent().equals(s.answered()));
    }

    @Test
    void finishingAwaitsWhatIsOutAndStoppingDoesNot() {
        for (boolean stops : new boolean[] {false, true}) {
            RadiusPlan plan = plan().sessions(1_000_000).build();
            var here = new ArrayList<RadiusSource>();
            var server =
                    new FakeRadiusServer(
                            4,
                            request -> {
                                if (request.session().endsWith("00000100")) {
                                    if (stops) {
                                        here.getFirst().stop();
                                    } else {
                                        here.getFirst().finish();
                                    }
                                }
                                // Longer than the source waits without looking up.
                                return 500;
                            });
            try (var source = new RadiusSource(plan, FakeRadiusServer.SECRET, server, server)) {
                here.add(source);
                RadiusTruth.Totals totals = source.run(_ -> {}).totals();
                assertThat(totals.sessions()).isBetween(256L, 1_000L);
                assertThat(totals.requests() - totals.answered()).isEqualTo(stops ? 64 : 0);
            }
        }
    }

    @Test
    void datagramsThatTheSystemDoesNotTakeAreCountedAndNotSent() {
        RadiusPlan plan = plan().sessions(5).retries(1).build();
        var server = new FakeRadiusServer(4, AT_ONCE);
        server.deaf = true;
        Run run = run(plan, server);

        assertThat(run.truth.totals().datagrams()).isZero();
        assertThat(run.truth.totals().notTaken()).isEqualTo(2 * 30);
    }

    @Test
    void theJsonHasTotalsAndEverySession() {
        Run run = run(plan().sessions(2), AT_ONCE);

        var out = new StringBuilder();
        run.truth.writeJson(out);
        assertThat(out.toString())
                .contains("\"requests\": 12,", "\"latency_us\": {\"p50\": 3000,")
                .contains("\"session_id\": \"6955b90000000001\", \"subscriber\": \"user000001")
                .contains("\"nas\": \"nas-2\", \"stopped\": true, \"answered\": {\"reports\": 6");
    }

    @Test
    void latenciesAreExactWhenSmallAndCloseWhenLarge() {
        var latencies = new Latencies();
        for (long micros = 1; micros <= 100_000; micros++) {
            latencies.add(micros * 1_000);
        }
        assertThat(latencies.perMille(1)).isBetween(100L, 101L);
        assertThat(latencies.perMille(500)).isBetween(50_000L, 50_800L);
        assertThat(latencies.perMille(990)).isBetween(99_000L, 100_000L);
        assertThat(latencies.max()).isEqualTo(100_000);
        latencies.add(Long.MAX_VALUE);
        assertThat(latencies.perMille(1_000)).isEqualTo(Long.MAX_VALUE / 1_000);
        assertThat(new Latencies().perMille(500)).isZero();
    }

    @Test
    void impossiblePlansAreRefusedByName() {
        assertThatThrownBy(() -> plan().outstanding(0).build())
                .hasMessage("outstanding is 0; it can be 1 to 16384");
        assertThatThrownBy(() -> plan().sessions(0).build()).hasMessageContaining("duration");
        assertThatThrownBy(() -> plan().nas(201).build()).hasMessageContaining("nas is 201");
        assertThatThrownBy(() -> plan().duplicatePercent(101).build())
                .hasMessageContaining("duplicatePercent is 101");
    }
}
