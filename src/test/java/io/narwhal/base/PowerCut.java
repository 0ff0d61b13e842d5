package io.narwhal.base;

/** The moment at which a {@link SimulatedDisk} was told to stop: nothing after it is done. */
public final class PowerCut extends RuntimeException {
    PowerCut(long operation, String what) {
        super("cut at operation " + operation + ": " + what);
    }
}
