package io.narwhal.config;

import io.narwhal.record.UsageDefinition;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * All that one host's node needs to know. The components are the keys of the file, in its order;
 * docs/operations/configuration.md has the page for operators.
 *
 * @param source the text that this was read from
 * @param node name of this host's node
 * @param data absolute directory of journals, checkpoints and ledgers
 * @param collectors at least one, in file order; none in a node {@link #withoutCollectors}
 * @param enhance what is added to records
 * @param elements absolute paths of tables of information elements, in file order; they could be
 *     read when the configuration was loaded
 * @param usage at least one, in file order
 * @param sampling rates that exporters do not tell, in file order: the first that fits holds
 * @param outputs at least one, in file order
 * @param admin where to serve pages, if anywhere; this release serves none
 * @param journals sizes and ages of the journals
 * @param accounting how accounting works
 * @param checkpoint how often components save their context
 * @param commit how often journals are forced
 * @param held what waits for its template
 * @param sessions how long sessions are known
 * @param limits bounds on what exporters may ask of us
 * @param memory heap of each kind of process
 * @param hangAfterMs how long a component may be silent before it is started again
 * @param restart back-off when a component keeps dying
 */
public record NodeConfig(
        ConfigSource source,
        String node,
        Path data,
        List<CollectorConfig> collectors,
        EnhanceConfig enhance,
        List<Path> elements,
        List<UsageDefinition> usage,
        List<SamplingConfig> sampling,
        List<OutputConfig> outputs,
        @Nullable AdminConfig admin,
        JournalsConfig journals,
        AccountingConfig accounting,
        CheckpointConfig checkpoint,
        CommitConfig commit,
        HeldConfig held,
        SessionsConfig sessions,
        LimitsConfig limits,
        MemoryConfig memory,
        long hangAfterMs,
        RestartConfig restart) {
    /** The name that no collector and no output may take, as the accounting component has it. */
    public static final String ACCOUNTING = "accounting";

    /** The lane of what came out of files instead of a collector; none may be called so either. */
    public static final String IMPORT = "import";

    /** The lane of corrections, which outputs deliver like usage; none may be called so either. */
    public static final String REPROCESS = "reprocess";

    /** Further names that none may take: the node manager's, and those of the data directory. */
    static final List<String> RESERVED =
            List.of(
                    "manager",
                    "node",
                    "run",
                    "journal",
                    "checkpoint",
                    "held",
                    "log",
                    "tmp",
                    IMPORT,
                    REPROCESS);

    public NodeConfig {
        collectors = List.copyOf(collectors);
        elements = List.copyOf(elements);
        usage = List.copyOf(usage);
        sampling = List.copyOf(sampling);
        outputs = List.copyOf(outputs);
    }

    /** The lanes of accounting: one for each collector, and the one of imported files. */
    public List<String> lanes() {
        return Stream.concat(collectors.stream().map(CollectorConfig::name), Stream.of(IMPORT))
                .toList();
    }

    /** The lanes whose usage outputs deliver: those of accounting, and the one of corrections. */
    public List<String> usageLanes() {
        return Stream.concat(lanes().stream(), Stream.of(REPROCESS)).toList();
    }

    /** The same node with its intake closed. */
    public NodeConfig withoutCollectors() {
        return new NodeConfig(
                source,
                node,
                data,
                List.of(),
                enhance,
                elements,
                usage,
                sampling,
                outputs,
                admin,
                journals,
                accounting,
                checkpoint,
                commit,
                held,
                sessions,
                limits,
                memory,
                hangAfterMs,
                restart);
    }

    /** The collectors that receive datagrams, in file order; the others listen for connections. */
    public List<CollectorConfig> datagramCollectors() {
        return collectors.stream().filter(one -> !one.transport().isSession()).toList();
    }
}
