package io.narwhal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Field;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Traffic with known truth, and hostile bytes. Each failure names its seed; {@code -Dsim.seed}
 * repeats one.
 */
class SessionsOracleTest {
    private static final long SEED = Long.getLong("sim.seed", 20_261_122);

    private static Desk desk() {
        return new Desk(new SessionLimits(100_000, 86_400_000, 7_200_000));
    }

    /** R9, R29, R30, R60, pitfalls 7 to 10. */
    @RepeatedTest(20)
    void eachSessionSumsToTheLastCounterThatCame(RepetitionInfo repetition) {
        long seed = SEED + repetition.getCurrentRepetition();
        var lives = new Lives(seed);
        Desk desk = desk();
        for (Lives.Delivery delivery : lives.deliveries()) {
            desk.put(delivery.arrival(), delivery.bytes());
        }
        desk.check();
        Map<String, long[]> sums = new TreeMap<>();
        for (Desk.Row row : desk.rows) {
            long[] sum = sums.computeIfAbsent(row.nas() + "/" + row.id(), key -> new long[2]);
            sum[row.direction() == Field.UP ? 0 : 1] += row.octets();
        }
        lives.truth()
                .forEach(
                        (key, octets) ->
                                assertThat(sums.getOrDefault(key, new long[2]))
                                        .as("seed %d: %s", seed, key)
                                        .containsExactly(octets));
        assertThat(desk.books.rejected().records()).isZero();
        assertThat(desk.counted()).as("seed %d", seed).isEqualTo(lives.sessions());
    }

    /** R29: a restart between any two requests changes neither rows nor state. */
    @Test
    void aRestartAtEveryStepChangesNothing() {
        var lives = new Lives(SEED);
        Desk plain = desk();
        Desk restarted = desk();
        int step = 0;
        for (Lives.Delivery delivery : lives.deliveries()) {
            plain.put(delivery.arrival(), delivery.bytes());
            restarted.put(delivery.arrival(), delivery.bytes());
            if (++step % 3 == 0) {
                plain.watermark(delivery.arrival());
                restarted.watermark(delivery.arrival());
            }
            if (step % 29 == 0 || step < 100) {
                restarted.restart();
            }
        }
        plain.sessions.flush();
        restarted.sessions.flush();
        assertThat(restarted.rows).isEqualTo(plain.rows);
        assertThat(restarted.state()).isEqualTo(plain.state());
        assertThat(restarted.sessions.clients()).isEqualTo(plain.sessions.clients());
        assertThat(restarted.all()).isEqualTo(plain.all());
    }

    @Test
    void equalStatesGiveEqualBytesWhateverTheWay() {
        var lives = new Lives(SEED);
        Desk one = desk();
        Desk other = desk();
        for (Lives.Delivery delivery : lives.deliveries()) {
            one.put(delivery.arrival(), delivery.bytes());
            other.put(delivery.arrival(), delivery.bytes());
        }
        other.restart();
        one.sessions.flush();
        other.sessions.flush();
        assertThat(other.state()).isEqualTo(one.state());
    }

    @RepeatedTest(6)
    void hostileBytesAreBookedAndBreakNothing(RepetitionInfo repetition) {
        long seed = SEED * 31 + repetition.getCurrentRepetition();
        System.out.println("hostile bytes: seed " + seed);
        var random = new Random(seed);
        var lives = new Lives(seed);
        Desk desk = new Desk(new SessionLimits(300, 3_600_000, 600_000));
        double arrival = 0;
        for (Lives.Delivery delivery : lives.deliveries()) {
            arrival = delivery.arrival();
            byte[] bytes = random.nextInt(10) == 0 ? noise(random) : delivery.bytes().clone();
            for (int change = random.nextInt(3); change > 0 && bytes.length > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            desk.put(arrival, bytes);
            if (random.nextInt(50) == 0) {
                desk.check();
                desk.watermark(arrival).restart();
            }
        }
        desk.check();
        desk.watermark(arrival + 1e7).watermark(arrival + 2e7);
        assertThat(desk.sessions.size()).as("seed %d", seed).isZero();
    }

    private static byte[] noise(Random random) {
        byte[] bytes = new byte[random.nextInt(100)];
        random.nextBytes(bytes);
        if (bytes.length >= 20 && random.nextBoolean()) {
            bytes[0] = 4;
            bytes[2] = 0;
            bytes[3] = (byte) bytes.length;
        }
        return bytes;
    }
}
