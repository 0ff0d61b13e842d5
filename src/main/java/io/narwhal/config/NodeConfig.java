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
 * @param collectors in file order; none in a node {@link #withoutCollectors}, or in one that pulls
 * @param enhance what is added to records
 * @param elements absolute paths of tables of information elements, in file order; they could be
 *     read when the configuration was loaded
 * @param usage in file order; none only in a node that serves its journals and accounts nothing
 * @param sampling rates that exporters do not tell, in file order: the first that fits holds
 * @param outputs in file order; none only in a node that serves its journals
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
 * @param serve who may pull this node's journals; null: nobody
 * @param pull the agents whose journals this node pulls, in file order
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
        RestartConfig restart,
        @Nullable ServeConfig serve,
        List<PullConfig> pull) {
    /** The name that no collector and no output may take, as the accounting component has it. */
    public static final String ACCOUNTING = "accounting";

    /** The lane of what came out of files instead of a collector; none may be called so either. */
    public static final String IMPORT = "import";

    /** The lane of corrections, which outputs deliver like usage; none may be called so either. */
    public static final String REPROCESS = "reprocess";

    /** The component that serves this node's journals to managers. */
    public static final String SERVE = "serve";

    /** The component that pulls from agents, and the lane of what it pulled as received. */
    public static final String PULL = "pull";

    /** The lane of the usage that was pulled. */
    public static final String PULLED = "pulled";

    /** What is known of transfers, in the data directory. */
    public static final String TRANSFER = "transfer";

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
                    REPROCESS,
                    SERVE,
                    PULL,
                    PULLED,
                    TRANSFER);

    public NodeConfig {
        collectors = List.copyOf(collectors);
        elements = List.copyOf(elements);
        usage = List.copyOf(usage);
        sampling = List.copyOf(sampling);
        outputs = List.copyOf(outputs);
        pull = List.copyOf(pull);
    }

    /**
     * The lanes of accounting, whose journals hold what was received: one for each collector, the
     * one of what was pulled, and the one of imported files.
     */
    public List<String> lanes() {
        return Stream.of(
                        collectors.stream().map(CollectorConfig::name),
                        pulls(PullConfig.Journal.RECEIVED) ? Stream.of(PULL) : Stream.<String>of(),
                        Stream.of(IMPORT))
                .flatMap(names -> names)
                .toList();
    }

    /**
     * The lanes whose usage outputs deliver: those of accounting, the one of corrections, and the
     * one of usage that was pulled.
     */
    public List<String> usageLanes() {
        return Stream.of(
                        lanes().stream(),
                        Stream.of(REPROCESS),
                        pulls(PullConfig.Journal.USAGE) ? Stream.of(PULLED) : Stream.<String>of())
                .flatMap(names -> names)
                .toList();
    }

    /** Whether some link pulls this kind of journal. */
    public boolean pulls(PullConfig.Journal journal) {
        return pull.stream().anyMatch(link -> link.journal() == journal);
    }

    /** Whether this node accounts what it receives; otherwise it only serves it to managers. */
    public boolean hasAccounting() {
        return !usage.isEmpty();
    }

    /**
     * The output whose ledger commands read: the first. A node without outputs has none by this
     * name, and so an empty one.
     */
    public String ledger() {
        return outputs.isEmpty() ? "ledger" : outputs.getFirst().name();
    }

    /** The readers, for managers, that journals wait for; none on a node that serves nobody. */
    public List<String> servedReaders() {
        return serve == null ? List.of() : serve.readerNames();
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
                restart,
                serve,
                pull);
    }

    /** The collectors that receive datagrams, in file order; the others listen for connections. */
    public List<CollectorConfig> datagramCollectors() {
        return collectors.stream().filter(one -> !one.transport().isSession()).toList();
    }
}
