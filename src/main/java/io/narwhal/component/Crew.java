package io.narwhal.component;

import io.narwhal.base.Check;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The threads that run the shards of a step. The caller's thread works too, so a crew of one has no
 * thread of its own. Who runs which shard is left to chance, as shards share nothing.
 */
public final class Crew implements AutoCloseable {
    /** One thread: the caller's. */
    public static final Crew ALONE = new Crew(1);

    private final int threads;
    private final @Nullable ExecutorService others;

    /** A crew of so many threads. */
    public Crew(int threads) {
        Check.that(threads >= 1, "a crew has at least one thread, not %d", threads);
        this.threads = threads;
        this.others =
                threads == 1
                        ? null
                        : Executors.newFixedThreadPool(
                                threads - 1,
                                Thread.ofPlatform().daemon().name("shards-", 1).factory());
    }

    /** Threads, the caller's included. */
    public int threads() {
        return threads;
    }

    /**
     * Runs all tasks and waits for them; the first ones are begun first.
     *
     * @throws RuntimeException what a task threw, after all have ended
     */
    void run(List<? extends Runnable> tasks) {
        int helpers = Math.min(threads, tasks.size()) - 1;
        if (others == null || helpers <= 0) {
            tasks.forEach(Runnable::run);
            return;
        }
        var next = new AtomicInteger();
        var failure = new AtomicReference<@Nullable Throwable>();
        var done = new CountDownLatch(helpers);
        List<Runnable> all = new ArrayList<>(tasks);
        for (int i = 0; i < helpers; i++) {
            others.execute(
                    () -> {
                        work(all, next, failure);
                        done.countDown();
                    });
        }
        work(all, next, failure);
        await(done);
        rethrow(failure.get());
    }

    private static void work(
            List<Runnable> tasks,
            AtomicInteger next,
            AtomicReference<@Nullable Throwable> failure) {
        for (int i = next.getAndIncrement(); i < tasks.size(); i = next.getAndIncrement()) {
            try {
                tasks.get(i).run();
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    private static void await(CountDownLatch done) {
        boolean interrupted = false;
        while (done.getCount() > 0) {
            try {
                done.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void rethrow(@Nullable Throwable thrown) {
        switch (thrown) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException("a shard failed", thrown);
        }
    }

    @Override
    public void close() {
        if (others != null) {
            others.shutdown();
        }
    }
}
