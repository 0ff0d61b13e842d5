package io.narwhal.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Our own clock steps, by up to hours back and forth, while devices whose clocks are right report
 * sessions in order, each report until it is answered, some again: usage is what was told (R9,
 * R29). {@code -Dsim.seed} replays one.
 */
class SessionsClockTest {
    private static final long SEED = Long.getLong("sim.seed", -1);
    private static final int SEEDS = 3_000;
    private static final int HOURS_SECONDS = 6 * 3_600;
    private static final long DAY_MS = 86_400_000;

    @Test
    void whateverOurClockDoesUsageIsWhatWasToldAndEveryRequestCountsOnce() {
        if (SEED >= 0) {
            run(SEED);
            return;
        }
        for (long seed = 0; seed < SEEDS; seed++) {
            run(seed);
        }
    }

    private static void run(long seed) {
        var random = new Random(seed);
        var desk = new Desk(new SessionLimits(1_000, 31 * DAY_MS, 3 * DAY_MS));
        // From report to report by the stamps, and by the time that really passes between them.
        int interval = 10 + random.nextInt(600);
        int apart = random.nextBoolean() ? interval : 1 + random.nextInt(interval);
        List<Supplier<Packet>> sent = new ArrayList<>();
        long ahead = 0;
        long used = 0;
        int reports = 2 + random.nextInt(7);
        int copies = 0;
        for (int report = 0; report < reports; report++) {
            if (random.nextInt(3) == 0) {
                ahead = random.nextInt(2 * HOURS_SECONDS) - HOURS_SECONDS;
            }
            boolean idle = report == 0 || random.nextInt(4) == 0;
            used += idle ? 0 : 1 + random.nextInt(1_000);
            sent.add(report(report, reports, (long) report * interval, used));
            desk.send((long) report * apart + ahead, sent.getLast().get());
            while (random.nextInt(4) == 0) {
                if (random.nextInt(2) == 0) {
                    ahead = random.nextInt(2 * HOURS_SECONDS) - HOURS_SECONDS;
                }
                desk.send(
                        (long) report * apart + ahead + 1,
                        sent.get(random.nextInt(sent.size())).get());
                copies++;
            }
        }
        String which = "-Dsim.seed=" + seed + " " + desk.states();
        assertThat(desk.up()).as("%s", which).isEqualTo(used);
        assertThat(desk.books.duplicate().records()).as("%s", which).isEqualTo(copies);
        assertThat(desk.books.accounted().records()).as("%s", which).isEqualTo(reports);
    }

    private static Supplier<Packet> report(int report, int reports, long seconds, long used) {
        return () -> {
            Packet packet =
                    report == 0
                            ? Packet.start("s1")
                            : report == reports - 1 ? Packet.stop("s1") : Packet.interim("s1");
            packet = packet.user("alice").at(Desk.ZERO + seconds);
            return report == 0 ? packet : packet.lasted(seconds).octets(used, 0);
        };
    }
}
