package io.narwhal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Fragments are put together whatever their order, within limits, and none is lost uncounted. */
class ReassemblyTest {
    private static final byte[] WHOLE = Captures.udp(1, 2, Captures.v5(1, 3, 0));

    private final Counts counts = new Counts();
    private final Reassembly reassembly = new Reassembly(counts);

    private static Reassembly.Key key(int identification) {
        return new Reassembly.Key(0, 1, 0, 2, identification, 17);
    }

    private byte[] add(int identification, int from, int to, long micros) {
        return reassembly.add(
                key(identification), WHOLE, from, to - from, from, to < WHOLE.length, micros);
    }

    @Test
    void everyOrderOfFragmentsGivesTheDatagram() {
        int[][] pieces = {{0, 40}, {40, 48}, {48, 96}, {96, WHOLE.length}};
        for (List<Integer> order : orders(List.of(0, 1, 2, 3))) {
            for (int i = 0; i < 4; i++) {
                int[] piece = pieces[order.get(i)];
                byte[] joined = add(7, piece[0], piece[1], i);
                assertThat(joined).as("%s, piece %s", order, i).isEqualTo(i < 3 ? null : WHOLE);
            }
        }
        assertThat(counts.byLabel()).isEqualTo(Map.of("fragment-joined", 3L * 24));
    }

    private static List<List<Integer>> orders(List<Integer> of) {
        if (of.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Integer>> all = new ArrayList<>();
        for (Integer first : of) {
            List<Integer> rest = new ArrayList<>(of);
            rest.remove(first);
            for (List<Integer> order : orders(rest)) {
                List<Integer> one = new ArrayList<>(List.of(first));
                one.addAll(order);
                all.add(one);
            }
        }
        return all;
    }

    @Test
    void datagramsThatComeTogetherAreToldApart() {
        add(1, 0, 40, 0);
        add(2, 40, WHOLE.length, 0);
        assertThat(add(1, 40, WHOLE.length, 0)).isEqualTo(WHOLE);
        assertThat(add(2, 0, 40, 0)).isEqualTo(WHOLE);
    }

    @Test
    void aFragmentThatComesTwiceChangesNothing() {
        add(1, 0, 40, 0);
        add(1, 0, 40, 1);
        assertThat(add(1, 40, WHOLE.length, 2)).isEqualTo(WHOLE);
        assertThat(counts.byLabel())
                .isEqualTo(Map.of("fragment-joined", 1L, "fragment-doubled", 1L));
    }

    @Test
    void fragmentsThatOverlapDiscardTheDatagram() {
        add(1, 0, 40, 0);
        assertThat(add(1, 32, 64, 1)).isNull();
        assertThat(add(1, 40, WHOLE.length, 2)).isNull();
        byte[] other = WHOLE.clone();
        other[3] ^= 1;
        add(2, 0, 40, 3);
        assertThat(reassembly.add(key(2), other, 0, 40, 0, true, 4)).isNull();
        add(3, 40, WHOLE.length, 5);
        assertThat(reassembly.add(key(3), new byte[500], 0, 480, 40, true, 6)).isNull();
        reassembly.end();
        assertThat(counts.byLabel())
                .isEqualTo(Map.of("fragments-overlap", 6L, "fragment-alone", 1L));
    }

    @Test
    void anotherEndIsAContradiction() {
        add(1, 96, 120, 0);
        assertThat(reassembly.add(key(1), WHOLE, 0, 40, 0, false, 1)).isNull();
        assertThat(counts.byLabel()).isEqualTo(Map.of("fragments-overlap", 2L));
    }

    @Test
    void whatWaitsTooLongOrToTheEndIsCounted() {
        add(1, 0, 40, 0);
        add(2, 0, 40, Reassembly.WAIT_MICROS);
        assertThat(counts.total()).isZero();
        add(2, 40, 48, Reassembly.WAIT_MICROS + 1);
        assertThat(counts.of(Fate.FRAGMENT_ALONE)).isEqualTo(1);
        reassembly.end();
        assertThat(counts.of(Fate.FRAGMENT_ALONE)).isEqualTo(3);
    }

    @Test
    void noMoreThanTheLimitWaits() {
        for (int i = 0; i <= Reassembly.WAITING_MAX; i++) {
            add(i, 0, 40, i);
        }
        assertThat(counts.byLabel()).isEqualTo(Map.of("fragment-limit", 1L));
        assertThat(add(0, 40, WHOLE.length, 999)).isNull(); // the oldest was given up
        assertThat(add(5, 40, WHOLE.length, 999)).isEqualTo(WHOLE);
    }

    @Test
    void noMoreBytesThanTheLimitWait() {
        byte[] large = new byte[65_528];
        long fit = Reassembly.WAITING_BYTES_MAX / large.length;
        for (int i = 0; i < fit + 1; i++) {
            reassembly.add(key(i), large, 0, large.length, 0, true, i);
        }
        assertThat(counts.of(Fate.FRAGMENT_LIMIT)).isEqualTo(1);
    }

    @Test
    void impossibleFragmentsAreMalformed() {
        reassembly.add(key(1), WHOLE, 0, 41, 0, true, 0);
        reassembly.add(key(1), WHOLE, 0, 0, 8, false, 0);
        reassembly.add(key(1), WHOLE, 0, 48, 65_528, false, 0);
        assertThat(counts.byLabel()).isEqualTo(Map.of("malformed", 3L));
        assertThat(Arrays.stream(Fate.values()).map(Fate::label)).doesNotHaveDuplicates();
    }
}
