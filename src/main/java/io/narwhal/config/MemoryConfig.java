package io.narwhal.config;

/**
 * Heap of each kind of process.
 *
 * @param collectorBytes of each collector
 * @param accountingBytes of the accounting component
 * @param outputBytes of each output
 */
public record MemoryConfig(long collectorBytes, long accountingBytes, long outputBytes) {}
