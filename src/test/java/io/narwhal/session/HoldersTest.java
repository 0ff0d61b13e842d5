package io.narwhal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;
import io.narwhal.record.Addresses;
import io.narwhal.record.Books;
import io.narwhal.record.Dictionary;
import io.narwhal.record.RecordBlock;
import io.narwhal.record.Source;
import io.narwhal.record.Transport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Who held an address at a time, however late and in whatever order it was told. */
class HoldersTest {
    private static final long OPEN = Long.MAX_VALUE;
    private static final long KEEP_MS = 1_000_000;

    private final Holders holders = new Holders(KEEP_MS, 1_000);
    private final SessionWatcher acct = holders.watcher("acct");

    private static Session.Held address(String text) {
        var inet = InetAddress.ofLiteral(text);
        return new Session.Held(Addresses.high(inet), Addresses.low(inet), 128);
    }

    private static Session.Held prefix(String text, int bits) {
        Session.Held whole = address(text);
        return new Session.Held(whole.high(), whole.low(), bits);
    }

    private static Session session(String who, long startMs, long endMs, Session.Held... held) {
        return new Session(
                0,
                0,
                "nas-1",
                "id-" + who,
                who,
                endMs == OPEN ? Session.State.OPEN : Session.State.STOPPED,
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

    private String at(String address, long timeMs) {
        Session.Held held = address(address);
        return name(holders.lookup().find(held.high(), held.low(), timeMs));
    }

    private static String name(Holders.@Nullable Holder holder) {
        return holder == null ? "" : holder.subscriber();
    }

    @Test
    void aSessionHoldsItsAddressFromStartToEnd() {
        acct.onSession(1, session("ann", 100, 200, address("10.0.0.1")));
        assertThat(at("10.0.0.1", 99)).isEmpty();
        assertThat(at("10.0.0.1", 100)).isEqualTo("ann");
        assertThat(at("10.0.0.1", 199)).isEqualTo("ann");
        assertThat(at("10.0.0.1", 200)).isEmpty();
        assertThat(at("10.0.0.2", 150)).isEmpty();
    }

    @Test
    void aHolderHasSessionAndAccessServerToo() {
        acct.onSession(1, session("ann", 100, OPEN, address("10.0.0.1")));
        Session.Held held = address("10.0.0.1");
        assertThat(holders.lookup().find(held.high(), held.low(), 100))
                .isEqualTo(new Holders.Holder("ann", "id-ann", "nas-1", 100, OPEN));
    }

    @Test
    void aLateStartAndALateStopCountFromWhenTheyHappened() {
        acct.onSession(1, session("ann", 100, OPEN, address("10.0.0.1")));
        assertThat(at("10.0.0.1", 5_000)).isEqualTo("ann");
        acct.onSession(2, session("bob", 700, OPEN, address("10.0.0.1")));
        assertThat(at("10.0.0.1", 650)).isEqualTo("ann");
        acct.onSession(1, session("ann", 100, 600, address("10.0.0.1")));
        assertThat(at("10.0.0.1", 599)).isEqualTo("ann");
        assertThat(at("10.0.0.1", 650)).isEmpty();
        assertThat(at("10.0.0.1", 700)).isEqualTo("bob");
    }

    @Test
    void anAddressGivenAwayEndsTheHoldOfASessionWhoseStopWasLost() {
        acct.onSession(1, session("ann", 100, OPEN, address("10.0.0.1")));
        acct.onSession(2, session("bob", 500, 600, address("10.0.0.1")));
        assertThat(at("10.0.0.1", 499)).isEqualTo("ann");
        assertThat(at("10.0.0.1", 500)).isEqualTo("bob");
        assertThat(at("10.0.0.1", 600)).isEmpty();
    }

    @Test
    void ofTwoCollectorsTheLatestStartCounts() {
        holders.watcher("wifi").onSession(1, session("bob", 300, OPEN, address("10.0.0.1")));
        acct.onSession(1, session("ann", 100, OPEN, address("10.0.0.1")));
        assertThat(at("10.0.0.1", 299)).isEqualTo("ann");
        assertThat(at("10.0.0.1", 300)).isEqualTo("bob");
        holders.retain(List.of("acct"));
        assertThat(at("10.0.0.1", 300)).isEqualTo("ann");
        assertThat(holders.size()).isEqualTo(1);
    }

    @Test
    void theLongestPrefixThatIsHeldWins() {
        acct.onSession(1, session("home", 0, OPEN, prefix("2001:db8:1::", 56)));
        acct.onSession(2, session("flat", 100, 200, prefix("2001:db8:1:7::", 64)));
        acct.onSession(3, session("host", 120, 130, address("2001:db8:1:7::9")));
        assertThat(at("2001:db8:1:7::9", 125)).isEqualTo("host");
        assertThat(at("2001:db8:1:7::9", 150)).isEqualTo("flat");
        assertThat(at("2001:db8:1:7::9", 250)).isEqualTo("home");
        assertThat(at("2001:db8:1:7::8", 125)).isEqualTo("flat");
        assertThat(at("2001:db8:1:ff::1", 125)).isEqualTo("home");
        assertThat(at("2001:db8:1:100::1", 125)).isEmpty();
    }

    @Test
    void oneSessionHoldsSeveralAddresses() {
        acct.onSession(1, session("ann", 0, OPEN, address("10.0.0.1"), prefix("2001:db8::", 48)));
        assertThat(at("10.0.0.1", 1)).isEqualTo("ann");
        assertThat(at("2001:db8::1", 1)).isEqualTo("ann");
        acct.onSession(1, session("ann", 0, OPEN, prefix("2001:db8::", 48)));
        assertThat(at("10.0.0.1", 1)).isEmpty();
        assertThat(at("2001:db8::1", 1)).isEqualTo("ann");
    }

    @Test
    void whoEndedIsKnownForAWhileAndThenForgotten() {
        acct.onSession(1, session("ann", 100, 60_000, address("10.0.0.1")));
        acct.onForgotten(1);
        holders.onWatermark(60_000 + KEEP_MS - 1);
        assertThat(at("10.0.0.1", 100)).isEqualTo("ann");
        holders.onWatermark(60_000 + KEEP_MS + 60_000);
        assertThat(at("10.0.0.1", 100)).isEmpty();
        assertThat(holders.size()).isZero();
    }

    /** Else the flows of its successor's time would be charged to it one day later. */
    @Test
    void aSessionWhoseStopWasLostIsForgottenWithTheOneThatSupersededIt() {
        acct.onSession(1, session("ann", 100, OPEN, address("10.0.0.1")));
        acct.onSession(2, session("bob", 500, 600, address("10.0.0.1")));
        holders.onWatermark(KEEP_MS + 120_000);
        assertThat(at("10.0.0.1", 550)).isEmpty();
        assertThat(at("10.0.0.1", 700)).isEmpty();
        assertThat(holders.size()).isZero();
    }

    @Test
    void withoutRoomThoseGoFirstThatEndedFirstAndOpenOnesStay() {
        var few = new Holders(KEEP_MS, 16);
        SessionWatcher watcher = few.watcher("acct");
        for (int i = 0; i < 40; i++) {
            long endMs = i % 2 == 0 && i < 20 ? OPEN : 1_000 + i;
            watcher.onSession(i, session("s" + i, i, endMs, address("10.0.0." + i)));
            assertThat(few.size()).isLessThanOrEqualTo(16);
        }
        assertThat(few.refused()).isEqualTo(40 - few.size());
        for (int i = 0; i < 20; i += 2) {
            Session.Held held = address("10.0.0." + i);
            assertThat(name(few.lookup().find(held.high(), held.low(), 5_000))).isEqualTo("s" + i);
        }
    }

    /** Against the rule as it is said, told in any order, with restarts in between. */
    @Test
    void answersAreThoseOfTheRuleWhateverTheOrder() {
        long seed = Long.getLong("sim.seed", 1);
        System.out.println("HoldersTest: -Dsim.seed=" + seed);
        var random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            List<Session> truth = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                truth.add(random(random, i));
            }
            var tested = new Holders(KEEP_MS, 1_000);
            SessionWatcher watcher = tested.watcher("acct");
            // Some are first told otherwise, as when a Stop has not come yet; all in any order.
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < truth.size(); i++) {
                order.add(i);
                order.add(i);
            }
            Collections.shuffle(order, random);
            SortedMap<Integer, Integer> told = new TreeMap<>();
            for (int i : order) {
                boolean last = told.merge(i, 1, Integer::sum) == 2;
                watcher.onSession(i, last ? truth.get(i) : random(random, i));
                if (random.nextInt(20) == 0) {
                    tested = restored(tested);
                    watcher = tested.watcher("acct");
                }
            }
            for (int i = 0; i < 300; i++) {
                Session.Held asked = held(random, 128);
                long timeMs = random.nextInt(120);
                assertThat(name(tested.lookup().find(asked.high(), asked.low(), timeMs)))
                        .as("seed %d, round %d, %s at %d", seed, round, asked, timeMs)
                        .isEqualTo(naive(truth, asked, timeMs));
            }
        }
    }

    private static Session random(Random random, int number) {
        long startMs = random.nextInt(100);
        long endMs = random.nextInt(3) == 0 ? OPEN : startMs + random.nextInt(40);
        Session.Held[] held = new Session.Held[random.nextInt(3)];
        for (int i = 0; i < held.length; i++) {
            held[i] = held(random, 122 + random.nextInt(7));
        }
        return session("s" + number, startMs, endMs, held);
    }

    private static Session.Held held(Random random, int bits) {
        long low = Addresses.ofIpv4(0x0a000000 | random.nextInt(16));
        return new Session.Held(0, low & -1L << 128 - bits, bits);
    }

    private static String naive(List<Session> truth, Session.Held asked, long timeMs) {
        for (int bits = 128; bits >= 0; bits--) {
            int length = bits;
            var latest =
                    IntStream.range(0, truth.size())
                            .filter(i -> holds(truth.get(i), asked, length))
                            .filter(i -> truth.get(i).startMs() <= timeMs)
                            .boxed()
                            .max(
                                    Comparator.<Integer>comparingLong(i -> truth.get(i).startMs())
                                            .thenComparingInt(i -> i));
            if (latest.isPresent() && timeMs < truth.get(latest.get()).endMs()) {
                return truth.get(latest.get()).subscriber();
            }
        }
        return "";
    }

    private static boolean holds(Session session, Session.Held asked, int bits) {
        return bits > 64
                && session.addresses().stream()
                        .anyMatch(
                                held ->
                                        held.bits() == bits
                                                && held.low() == (asked.low() & -1L << 128 - bits));
    }

    private static Holders restored(Holders before) {
        StateWriter bytes = written(before);
        var after = new Holders(KEEP_MS, 1_000);
        var in = new StateReader(bytes.toBytes());
        after.restore(in);
        in.expectEnd();
        assertThat(written(after).toBytes()).isEqualTo(bytes.toBytes());
        return after;
    }

    private static StateWriter written(Holders holders) {
        var bytes = new StateWriter(64);
        holders.snapshot(bytes);
        return bytes;
    }

    @Test
    void aFewThatEndedMakeNoRoom() {
        for (int i = 0; i < 1_000; i++) {
            var held = new Session.Held(1, i, 128);
            acct.onSession(i, session("s" + i, i, i < 15 ? i + 1 : OPEN, held));
        }
        acct.onSession(1_000, session("more", 0, OPEN, address("192.0.2.1")));
        assertThat(holders.size()).isEqualTo(1_000);
        assertThat(holders.refused()).isEqualTo(1);
        acct.onSession(15, session("s15", 15, 16, new Session.Held(1, 15, 128)));
        acct.onSession(1_001, session("more", 0, OPEN, address("192.0.2.1")));
        assertThat(at("192.0.2.1", 5)).isEqualTo("more");
        assertThat(holders.size()).isEqualTo(1_000 - 3 + 1);
        assertThat(holders.refused()).isEqualTo(1 + 3);
    }

    @Test
    void aRestartBringsNobodyBackWhoWasForgotten() {
        var limits = new SessionLimits(10, 100 * KEEP_MS, 100 * KEEP_MS);
        Sessions sessions = sessions(limits, holders);
        byte[] stop = Packet.stop("s1").address("192.0.2.1").build();
        var source = new Source().set(0, Addresses.ofIpv4(0x0a000001), 1024, 0, Transport.UDP);
        sessions.onRequest(stop, 0, stop.length, source, 1_000_000);
        sessions.flush();
        assertThat(holders.size()).isEqualTo(1);
        holders.onWatermark(2 * KEEP_MS);
        assertThat(holders.size()).isZero();

        var out = new StateWriter(0);
        sessions.snapshot(out);
        holders.snapshot(out);
        var in = new StateReader(out.toBytes());
        var restored = new Holders(KEEP_MS, 1_000);
        Sessions again = sessions(limits, restored);
        again.restore(in);
        restored.restore(in);
        assertThat(restored.size()).isZero();
        var same = new StateWriter(0);
        again.snapshot(same);
        restored.snapshot(same);
        assertThat(same.toBytes()).isEqualTo(out.toBytes());
    }

    private static Sessions sessions(SessionLimits limits, Holders holders) {
        return new Sessions(
                limits,
                RecordBlock.ofAllFields(),
                new Dictionary(),
                _ -> {},
                new Books(),
                holders.watcher("acct"));
    }

    @Test
    void aDeviceMayGiveAllItsSessionsTheSameAddress() {
        int sessions = 20_000;
        var many = new Holders(KEEP_MS, sessions);
        SessionWatcher device = many.watcher("acct");
        for (int i = 0; i < sessions; i++) {
            device.onSession(i, session("s" + i, 2L * i, OPEN, address("192.0.2.1")));
        }
        for (int i = 0; i < sessions; i++) {
            device.onSession(i, session("s" + i, 2L * i, 2L * i + 1, address("192.0.2.1")));
        }
        Session.Held held = address("192.0.2.1");
        var lookup = many.lookup();
        assertThat(lookup.find(held.high(), held.low(), 2 * 777))
                .extracting(Holders.Holder::subscriber)
                .isEqualTo("s777");
        assertThat(lookup.find(held.high(), held.low(), 2 * 777 + 1)).isNull();
        many.onWatermark(KEEP_MS + sessions);
        assertThat(many.size()).isEqualTo(sessions / 2);
        many.onWatermark(KEEP_MS + 60_000 + 2 * sessions);
        assertThat(many.size()).isZero();
    }
}
