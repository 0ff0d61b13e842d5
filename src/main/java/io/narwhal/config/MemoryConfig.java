package io.narwhal.config;

/**
 * Heap of each kind of process, and what it may have beside.
 *
 * @param collectorBytes of each collector
 * @param accountingBytes of the accounting component
 * @param outputBytes of each output
 * @param transferBytes of the component that serves this node's journals, and of the one that pulls
 * @param besideHeapBytes what a process may have for itself beside its heap, before it is started
 *     again
 */
public record MemoryConfig(
        long collectorBytes,
        long accountingBytes,
        long outputBytes,
        long transferBytes,
        long besideHeapBytes) {}
