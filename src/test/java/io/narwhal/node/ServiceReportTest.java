package io.narwhal.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.FakeServices;
import io.narwhal.base.ServiceManager;

import org.junit.jupiter.api.Test;

/** R21: what systemd is told of the node, and when. */
class ServiceReportTest {
    private static final long WATCHDOG_MS = 8_000;

    private final FakeServices services = new FakeServices(WATCHDOG_MS);
    private final ServiceReport report = new ServiceReport(services, 0);

    @Test
    void itIsReadyOnceWhenEveryComponentRuns() {
        report.look(100, false, "2 of 3 components run");
        report.look(200, true, "3 components run");
        report.look(300, true, "3 components run");
        assertThat(services.told())
                .containsExactly(
                        "STATUS=2 of 3 components run", "READY=1\nSTATUS=3 components run");
    }

    @Test
    void itIsReadyAfterAMinuteAlthoughAComponentDoesNotRun() {
        report.look(ServiceReport.READY_MS_MAX - 1, false, "2 of 3 components run");
        report.look(ServiceReport.READY_MS_MAX, false, "2 of 3 components run");
        assertThat(services.told()).hasSize(2);
        assertThat(services.told().getLast()).isEqualTo("READY=1");
    }

    @Test
    void theWatchdogHearsOfItFourTimesInItsTime() {
        int heard = 0;
        for (long now = 0; now < WATCHDOG_MS; now += 100) {
            services.told().clear();
            report.look(now, false, "");
            heard += services.told().contains("WATCHDOG=1") ? 1 : 0;
        }
        assertThat(heard).isEqualTo(3);
        report.look(WATCHDOG_MS, false, "");
        assertThat(services.told()).containsExactly("WATCHDOG=1");
    }

    @Test
    void aChangeOfStatusIsNoReasonToSkipTheWatchdog() {
        for (long now = 0; now <= WATCHDOG_MS / 4; now += 100) {
            report.look(now, false, "at " + now);
        }
        assertThat(services.told().getLast()).isEqualTo("STATUS=at 2000\nWATCHDOG=1");
    }

    @Test
    void whatWasNotHeardIsSaidAgain() {
        services.setDeaf(true);
        report.look(100, true, "3 components run");
        services.setDeaf(false);
        report.look(200, true, "3 components run");
        assertThat(services.told()).containsExactly("READY=1\nSTATUS=3 components run");
    }

    @Test
    void aMessageOfManyLinesIsOneShortLine() {
        report.look(0, false, "waiting:\n\tdisk full " + "x".repeat(1_000));
        assertThat(services.told().getFirst())
                .startsWith("STATUS=waiting: disk full xxx")
                .hasSizeLessThan(250)
                .doesNotContain("\n");
    }

    @Test
    void theStopIsToldBeforeItIsMade() {
        report.stopping();
        assertThat(services.told()).containsExactly("STOPPING=1\nSTATUS=stopping");
    }

    @Test
    void withoutAServiceManagerNothingHappens() {
        var silent = new ServiceReport(ServiceManager.none(), 0);
        silent.look(WATCHDOG_MS, true, "3 components run");
        silent.stopping();
        assertThat(services.told()).isEmpty();
    }
}
