package io.narwhal.cli;

import io.narwhal.base.Clock;
import io.narwhal.collect.FileImport;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/** One line on standard error that is written over as the import goes on; at a terminal only. */
final class ImportProgress implements FileImport.Watcher, ImportChain.Patience {
    private static final long EVERY_NANOS = 200_000_000;
    private static final double MIB = 1 << 20;
    private static final int WIDTH = 78;

    private final Console console;
    private final AtomicBoolean stopped;
    private final boolean terminal;
    private long toldNanos;
    private boolean shown;
    private String told = "";

    ImportProgress(Console console, AtomicBoolean stopped) {
        this.console = console;
        this.stopped = stopped;
        this.terminal = System.console() != null && System.console().isTerminal();
    }

    @Override
    public void progress(Path file, long bytes, long size, long datagrams) {
        String name = String.valueOf(file.getFileName());
        show(
                bytes == 0
                        ? String.format(Locale.ROOT, "%s: digest of %.0f MiB", name, size / MIB)
                        : String.format(
                                Locale.ROOT,
                                "%s: %d%%, %,d datagrams",
                                name,
                                100 * bytes / Math.max(1, size),
                                datagrams));
    }

    @Override
    public void waiting(String why) {
        trouble("waiting: " + why + "; free some space");
    }

    @Override
    public void trouble(String message) {
        if (!message.equals(told)) {
            told = message;
            clear();
            console.err().println("narwhal: " + message);
        }
    }

    @Override
    public boolean isStopped() {
        return stopped.get();
    }

    @Override
    public boolean goOn(long lagBytes) {
        show(String.format(Locale.ROOT, "accounting: %.1f MiB to go", lagBytes / MIB));
        return !stopped.get();
    }

    private void show(String line) {
        long now = Clock.system().monotonicNanos();
        if (terminal && (!shown || now - toldNanos > EVERY_NANOS)) {
            toldNanos = now;
            shown = true;
            String text = line.length() > WIDTH ? line.substring(0, WIDTH) : line;
            console.err().print("\r" + text + " ".repeat(WIDTH - text.length()));
            console.err().flush();
        }
    }

    /** Takes the line away. */
    void clear() {
        if (shown) {
            console.err().print("\r" + " ".repeat(WIDTH) + "\r");
            console.err().flush();
            shown = false;
        }
    }
}
