package io.narwhal.base;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Waits for the end of processes, whether they are children of this one or not. */
final class LinuxEnds {
    private static final int POLL_BYTES = 8; // struct pollfd

    private LinuxEnds() {}

    /**
     * Returns when one of them ends or has ended, at the latest after this long. A number that has
     * come again meanwhile is waited for in vain, which is why the time is bounded.
     */
    static void await(List<Long> pids, long millis) {
        List<Integer> descriptors = new ArrayList<>();
        try {
            for (long pid : pids) {
                int descriptor = Native.openProcess(pid);
                if (descriptor == -Native.ESRCH) {
                    return;
                }
                if (descriptor >= 0) {
                    descriptors.add(descriptor);
                }
            }
            poll(descriptors, millis);
        } finally {
            descriptors.forEach(Native::close);
        }
    }

    // Without any, as where a container forbids the call, this sleeps.
    private static void poll(List<Integer> descriptors, long millis) {
        if (descriptors.isEmpty()) {
            LockSupport.parkNanos(millis * 1_000_000);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment polled = arena.allocate((long) descriptors.size() * POLL_BYTES, 8);
            for (int i = 0; i < descriptors.size(); i++) {
                long at = (long) i * POLL_BYTES;
                polled.set(JAVA_INT, at, descriptors.get(i));
                polled.set(JAVA_SHORT, at + 4, Native.POLLIN);
            }
            Native.poll(polled, descriptors.size(), (int) millis);
        }
    }
}
