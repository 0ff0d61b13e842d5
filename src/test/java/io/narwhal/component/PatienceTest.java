package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narwhal.base.Clock;
import io.narwhal.base.DiskFull;
import io.narwhal.base.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;

/** R27: a full disk is waited out, unless the component is told to end. */
class PatienceTest {
    private static final Path PAGE = Path.of("/run/page");

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private Duty duty;
    private int tries;

    @BeforeEach
    void aRunningComponent() {
        disk.createDirectories(PAGE.getParent());
        duty = new Duty(ComponentPage.open(disk, PAGE), Clock.system());
        duty.become(Phase.RUNNING, "");
    }

    private DiskFull full() {
        return new DiskFull("cannot write", PAGE, null);
    }

    @Test
    void aStepIsTriedAgainUntilThereIsRoom() {
        Patience.until(
                duty,
                () -> {
                    tries++;
                    if (tries < 3) {
                        throw full();
                    }
                    assertThat(duty.phase()).isEqualTo(Phase.WAITING);
                });
        assertThat(tries).isEqualTo(3);
        assertThat(duty.phase()).isEqualTo(Phase.RUNNING);
    }

    @Test
    void whoIsToldToStopWaitsNoLongerAndCanEndInOrder() {
        Runnable step =
                () -> {
                    if (++tries == 2) {
                        duty.stop();
                    }
                    throw full();
                };
        assertThatThrownBy(() -> Patience.until(duty, step))
                .isInstanceOf(Patience.Interrupted.class)
                .hasMessageContaining("cannot write /run/page");
        assertThat(tries).isEqualTo(2);
        assertThat(duty.phase().mayBecome(Phase.STOPPING)).isTrue();
    }
}
