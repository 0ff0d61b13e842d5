package io.narwhal.wire;

import io.narwhal.base.Check;

/**
 * What a {@link FlowDecoder} keeps at most.
 *
 * @param templatesPerExporter templates of one (address, port, version, domain); one more is
 *     refused
 * @param fieldsPerTemplate fields of one template, scope fields included; a longer one is refused
 * @param exporters (address, port, version, domain); datagrams of one more are rejected
 * @param heldBytes bytes of all data sets that wait for their templates; a set beyond it is
 *     rejected
 * @param heldMs how long a data set waits for its template, by arrival, in milliseconds
 * @param exporterIdleMs how long an exporter is silent, by arrival, before it makes room for a new
 *     one when there are too many
 * @param totalFlows flows of one exporter whose last totals are kept; the one that was silent for
 *     longest gives way
 * @param stateBytes what all exporters together may make it remember as templates, totals, sampling
 *     rates and sFlow data sources; beyond it new templates are refused, and the rest as if its own
 *     limit were reached
 */
public record DecoderLimits(
        int templatesPerExporter,
        int fieldsPerTemplate,
        int exporters,
        long heldBytes,
        long heldMs,
        long exporterIdleMs,
        int totalFlows,
        long stateBytes) {
    /**
     * 1,024 templates of 512 fields, 10,000 exporters, 64 MiB held for an hour; an hour of silence;
     * 65,536 totals; 128 MiB of all together.
     */
    public static final DecoderLimits DEFAULTS =
            new DecoderLimits(
                    1024, 512, 10_000, 64L << 20, 3_600_000, 3_600_000, 65_536, 128L << 20);

    /** All limits are positive. */
    public DecoderLimits {
        Check.that(
                templatesPerExporter > 0
                        && fieldsPerTemplate > 0
                        && exporters > 0
                        && heldBytes > 0
                        && heldMs > 0
                        && exporterIdleMs > 0
                        && totalFlows > 0
                        && stateBytes > 0,
                "limits of the decoder are positive");
    }
}
