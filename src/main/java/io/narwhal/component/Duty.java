package io.narwhal.component;

import io.narwhal.base.Clock;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a running component is told and tells: whether to go on, and how it is. */
public final class Duty {
    private final ComponentPage page;
    private final Clock clock;
    private final @Nullable RecoveryDiary diary;
    private final AtomicBoolean stop = new AtomicBoolean();

    /** The duty of the process that owns this page. */
    public Duty(ComponentPage page, Clock clock) {
        this(page, clock, null);
    }

    /** Of a process that writes down how it came back. */
    Duty(ComponentPage page, Clock clock, @Nullable RecoveryDiary diary) {
        this.page = page;
        this.clock = clock;
        this.diary = diary;
    }

    /** Everything is open: the component comes back by these. */
    void opened(List<? extends RecoveryDiary.Part> parts) {
        if (diary != null) {
            diary.opened(parts);
        }
    }

    /** Writes down what has become known of the recovery since; called again and again. */
    void tellRecovery() {
        if (diary != null) {
            diary.look();
        }
    }

    /** Asks the component to end in order; from any thread. */
    public void stop() {
        stop.set(true);
    }

    /** What is wanted now. */
    public Command command() {
        return stop.get() ? Command.STOP : page.command();
    }

    /** Says that the component is alive and not stuck. */
    public void beat() {
        page.beat();
    }

    /** In which phase the component is. */
    public Phase phase() {
        return page.phase();
    }

    /** Says in which phase the component is. */
    public void become(Phase phase, String message) {
        page.become(phase, message);
    }

    /** Says how many items were processed. */
    public void setRecords(long records) {
        page.setRecords(records);
    }

    /** Waits a while, or until it is interrupted. */
    public void idle(long millis) {
        clock.sleepMillis(millis);
    }
}
