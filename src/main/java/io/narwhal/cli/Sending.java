package io.narwhal.cli;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** A source of traffic that sends in a thread of its own, and at last tells what it sent. */
final class Sending<T> {
    private final AtomicReference<@Nullable T> truth = new AtomicReference<>();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private final Thread thread;

    private Sending(String name, Supplier<T> source) {
        this.thread = Thread.ofPlatform().name(name).unstarted(() -> send(source));
    }

    static <T> Sending<T> begin(String name, Supplier<T> source) {
        var sending = new Sending<>(name, source);
        sending.thread.start();
        return sending;
    }

    private void send(Supplier<T> source) {
        try {
            truth.set(source.get());
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    /** Whether it has ended, well or not. */
    boolean isOver() {
        return truth.get() != null || failure.get() != null;
    }

    /** Waits until it has ended. */
    void await() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted", e));
        }
    }

    /** What was sent, after the end; what stopped it is thrown. */
    T result() {
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        T sent = truth.get();
        if (sent == null) {
            throw new TrialRun.Interrupted();
        }
        return sent;
    }
}
