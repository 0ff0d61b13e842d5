package io.narwhal.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.Stream;

/** Whom a manager pulls first. */
class ManagerTest {
    @Test
    void theFullestIsPulledFirstThenTheOldest() {
        PullOrder full = new PullOrder(90, 5, "z");
        PullOrder old = new PullOrder(10, 1, "y");
        PullOrder young = new PullOrder(10, 2, "a");
        PullOrder empty = new PullOrder(10, 0, "b");
        assertThat(Stream.of(empty, young, old, full).sorted().toList())
                .isEqualTo(List.of(full, old, young, empty));
    }
}
