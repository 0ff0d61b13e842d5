package io.narwhal.config;

/**
 * Bounds on what exporters may ask of us.
 *
 * @param templatesPerExporter templates kept for one exporter
 * @param fieldsPerTemplate fields of one template
 * @param exporters exporters told apart
 * @param exporterIdleMs how long an exporter is silent before it makes room for a new one when
 *     there are too many
 * @param openKeys keys of all bins that are open at once
 * @param totalFlows flows of one exporter whose last total counters are kept
 * @param exporterStateBytes what all exporters together may make us remember
 * @param sessions sessions of one collector's RADIUS clients that are known, open and closed
 * @param heldLines lines of one collector's files that are held because they cannot be read
 * @param copies datagrams of agents that are remembered, to know what several of them supplied
 */
public record LimitsConfig(
        int templatesPerExporter,
        int fieldsPerTemplate,
        int exporters,
        long exporterIdleMs,
        int openKeys,
        int totalFlows,
        long exporterStateBytes,
        int sessions,
        int heldLines,
        int copies) {}
