package io.narwhal.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.StateReader;
import io.narwhal.base.StateWriter;

import org.junit.jupiter.api.Test;

import java.util.BitSet;

final class DictionaryTest {
    private static final int MANY = 1 << 16;

    @Test
    void keepsWhatIsUsedInItsOrderAndForgetsTheRest() {
        var dictionary = new Dictionary();
        int a = dictionary.number("a");
        int b = dictionary.number("b");
        int c = dictionary.number("c");
        var used = new BitSet();
        used.set(a);
        used.set(c);

        int[] numbers = dictionary.tidy(used);

        assertThat(dictionary.size()).isEqualTo(3);
        assertThat(dictionary.text(numbers[a])).isEqualTo("a");
        assertThat(dictionary.text(numbers[c])).isEqualTo("c");
        assertThat(numbers[a]).isLessThan(numbers[c]);
        assertThat(numbers[0]).isZero();
        assertThat(numbers[b]).isZero();
        assertThat(dictionary.number("b")).as("given anew").isEqualTo(3);
    }

    @Test
    void isCrowdedOnlyWhenManyTextsCameSinceItWasTidied() {
        var dictionary = new Dictionary();
        for (int i = 1; i < MANY; i++) {
            dictionary.number("text " + i);
        }
        assertThat(dictionary.isCrowded()).isFalse();
        dictionary.number("one more");
        assertThat(dictionary.isCrowded()).isTrue();

        var all = new BitSet();
        all.set(0, dictionary.size());
        dictionary.tidy(all);
        assertThat(dictionary.isCrowded()).as("all are in use").isFalse();
    }

    @Test
    void afterARestartItIsCrowdedAtTheSamePlace() {
        var dictionary = new Dictionary();
        for (int i = 1; i <= MANY; i++) {
            dictionary.number("text " + i);
        }
        var all = new BitSet();
        all.set(0, dictionary.size());
        dictionary.tidy(all);
        var state = new StateWriter(64);
        dictionary.snapshot(state);
        Dictionary restored = Dictionary.restore(new StateReader(state.toBytes()));

        int more = 0;
        while (!dictionary.isCrowded()) {
            dictionary.number("more " + more);
            restored.number("more " + more);
            more++;
            assertThat(restored.isCrowded()).isEqualTo(dictionary.isCrowded());
        }
        assertThat(more).isGreaterThan(MANY);
    }
}
