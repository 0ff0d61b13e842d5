package io.narwhal.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGINT and SIGTERM end what runs in order while this is open, so that what was done is still
 * told. It waits for the telling, which ends with {@link #close}, and not for the thread, which at
 * its end waits for this one.
 */
final class StopOnSignal implements AutoCloseable {
    private static final int WAIT_SECONDS = 10;

    private final CountDownLatch told = new CountDownLatch(1);
    private final Thread hook;

    StopOnSignal(Runnable stop) {
        hook = new Thread(() -> stopAndWait(stop), "stop-generating");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void stopAndWait(Runnable stop) {
        stop.run();
        try {
            boolean _ = told.await(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        told.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is stopping already, by a signal; the hook has been released.
        }
    }
}
