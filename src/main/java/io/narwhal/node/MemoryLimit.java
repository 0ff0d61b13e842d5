package io.narwhal.node;

import io.narwhal.component.ComponentProcess;
import io.narwhal.component.Kind;
import io.narwhal.config.MemoryConfig;

/**
 * How much memory a process may have for itself before it is started again. Its heap cannot outgrow
 * what is configured; what is beside it can, and would take the whole host down with it. Pages of
 * files do not count: the kernel takes them back when it needs them.
 */
final class MemoryLimit {
    /** The collector of garbage keeps books of its own, at most this share of the heap. */
    private static final int HEAP_SHARE = 4;

    private MemoryLimit() {}

    /** The limit of a component of that kind, in bytes. */
    static long bytes(MemoryConfig memory, Kind kind) {
        long heap =
                switch (kind) {
                    case COLLECTOR -> memory.collectorBytes();
                    case ACCOUNTING -> memory.accountingBytes();
                    case OUTPUT -> memory.outputBytes() + ComponentProcess.OUTPUT_MEMORY_BYTES;
                    case MANAGER, AGENT -> memory.transferBytes();
                };
        return heap + heap / HEAP_SHARE + memory.besideHeapBytes();
    }
}
