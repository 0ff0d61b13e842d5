package io.narwhal.base;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets a process that is asked to end (SIGTERM, SIGINT) finish its work first, and end with the
 * exit code of that work instead of the signal's.
 */
public final class OrderlyEnd {
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicInteger exitCode = new AtomicInteger(1);

    private OrderlyEnd() {}

    /**
     * Watches for the signal.
     *
     * @param stop asks the work to end, from another thread
     */
    public static OrderlyEnd on(Runnable stop) {
        var end = new OrderlyEnd();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end.finish(stop), "stop"));
        return end;
    }

    /** Says that the work is over: to be called last, whether the work succeeded or not. */
    public void over(int code) {
        exitCode.set(code);
        over.countDown();
    }

    private void finish(Runnable stop) {
        if (over.getCount() == 0) {
            return; // the process ends of itself, with its own exit code
        }
        stop.run();
        boolean interrupted = true;
        while (interrupted) {
            try {
                over.await();
                interrupted = false;
            } catch (InterruptedException e) {
                // nobody interrupts this thread but to hurry us; the work decides when it is over
            }
        }
        Runtime.getRuntime().halt(exitCode.get());
    }
}
