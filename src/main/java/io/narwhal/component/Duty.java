package io.narwhal.component;

import io.narwhal.base.Clock;

import java.util.concurrent.atomic.AtomicBoolean;

/** What a running component is told and tells: whether to go on, and how it is. */
public final class Duty {
    private final ComponentPage page;
    private final Clock clock;
    private final AtomicBoolean stop = new AtomicBoolean();

    /** The duty of the process that owns this page. */
    public Duty(ComponentPage page, Clock clock) {
        this.page = page;
        this.clock = clock;
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
