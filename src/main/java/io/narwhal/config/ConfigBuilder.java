package io.narwhal.config;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.config.Section.Placed;
import io.narwhal.config.Yaml.Place;
import io.narwhal.record.EndKey;
import io.narwhal.record.Field;
import io.narwhal.record.Transport;
import io.narwhal.record.UsageDefinition;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** From sections to records, with the checks that concern more than one key. */
final class ConfigBuilder {
    /** What a session has, too. */
    private static final Set<Field> SESSION_FIELDS =
            EnumSet.of(
                    Field.EXPORTER,
                    Field.CUSTOMER,
                    Field.SUBSCRIBER,
                    Field.SESSION_ID,
                    Field.NAS,
                    Field.DIRECTION);

    private final Disk disk;
    private final ConfigSource source;
    private final Path directory;
    private final Problems problems;

    /** Component names in use and where they were given. */
    private final Map<String, Place> names = new LinkedHashMap<>();

    private final List<Placed<Listen>> ports = new ArrayList<>();
    private boolean hasFlows;
    private boolean hasSessions;
    private int socketsOfAll;
    private final List<Placed<Listen>> streamPorts = new ArrayList<>();
    private final FilesCheck files;
    private final TransferCheck transfer;

    ConfigBuilder(Disk disk, ConfigSource source, Problems problems) {
        this.disk = disk;
        this.source = source;
        this.problems = problems;
        Path absolute = source.file().toAbsolutePath();
        Path parent = absolute.getParent();
        this.directory = parent == null ? absolute : parent;
        this.files = new FilesCheck(disk, problems, this::path);
        this.transfer = new TransferCheck(disk, problems, this::path, this::resolved);
    }

    /** The configuration; worth something only if no problem was reported meanwhile. */
    NodeConfig build(Section root) {
        List<CollectorConfig> collectors =
                !root.has(Key.COLLECTORS) && root.has(Key.PULL)
                        ? List.of()
                        : root.named(Key.COLLECTORS).stream().map(this::collector).toList();
        @Nullable ServeConfig serve = transfer.serve(root, streamPorts);
        reportCollisions(ports);
        reportCollisions(streamPorts); // TCP's ports are others than UDP's
        String node = root.name(Key.NODE).orElseGet(() -> HostName.of(disk));
        List<PullConfig> pull = transfer.pull(root, node);
        hasSessions =
                collectors.stream().anyMatch(CollectorConfig::isCharged)
                        || pull.stream().anyMatch(link -> !link.sessions().isEmpty());
        // What is pulled may be anything.
        hasFlows = root.has(Key.PULL) || collectors.stream().anyMatch(one -> !one.isCharged());
        Section enhancements = root.section(Key.ENHANCE);
        boolean hasCustomers = enhancements.has(Key.CUSTOMERS);
        var subscribers = new SubscribersCheck(problems, collectors, pull);
        List<UsageDefinition> usage =
                serve != null && !root.has(Key.USAGE)
                        ? List.of()
                        : root.named(Key.USAGE).stream()
                                .map(s -> usage(s, hasCustomers, subscribers, collectors))
                                .toList();
        return new NodeConfig(
                source,
                node,
                path(root, Key.DATA).map(Placed::value).orElse(directory),
                collectors,
                new EnhanceConfig(customers(enhancements), subscribers.config(enhancements, usage)),
                files(root, Key.ELEMENTS),
                usage,
                root.named(Key.SAMPLING).stream().map(ConfigBuilder::sampling).toList(),
                outputs(root, pull),
                admin(root),
                journals(root.section(Key.JOURNALS)),
                new AccountingConfig(
                        (int) root.section(Key.ACCOUNTING).quantity(Key.ACCOUNTING_THREADS)),
                new CheckpointConfig(
                        root.section(Key.CHECKPOINT).quantity(Key.CHECKPOINT_EVERY),
                        root.section(Key.CHECKPOINT).quantity(Key.CHECKPOINT_RECOVERY)),
                new CommitConfig(root.section(Key.COMMIT).quantity(Key.COMMIT_EVERY)),
                held(root.section(Key.HELD)),
                sessions(root.section(Key.SESSIONS)),
                limits(root.section(Key.LIMITS)),
                memory(root.section(Key.MEMORY)),
                root.quantity(Key.HANG_AFTER),
                restart(root.section(Key.RESTART)),
                serve,
                pull);
    }

    private CollectorConfig collector(Section section) {
        take(section);
        var protocol =
                CollectorConfig.Protocol.valueOf(
                        section.choice(Key.COLLECTOR_PROTOCOL).toUpperCase(Locale.ROOT));
        if (protocol == CollectorConfig.Protocol.FILES) {
            return new CollectorConfig(section.name(), files.read(section));
        }
        files.refuse(section);
        String transport = section.choice(Key.COLLECTOR_TRANSPORT);
        boolean streams = !transport.equals("udp");
        List<Placed<Listen>> listens = section.listens(Key.COLLECTOR_LISTEN);
        int sockets = (int) section.quantity(Key.COLLECTOR_SOCKETS);
        int before = socketsOfAll;
        socketsOfAll += streams ? 0 : sockets * listens.size();
        if (socketsOfAll > CollectorConfig.SOCKETS_MAX && before <= CollectorConfig.SOCKETS_MAX) {
            problems.error(
                    section.at(),
                    "the collectors up to this one have %d sockets; a node can have %d, so give"
                            + " some fewer 'sockets' or addresses",
                    socketsOfAll,
                    CollectorConfig.SOCKETS_MAX);
        }
        (streams ? streamPorts : ports).addAll(listens);
        long buffer = section.quantity(Key.COLLECTOR_RECEIVE_BUFFER);
        boolean wantsBuffer = section.has(Key.COLLECTOR_RECEIVE_BUFFER);
        var check = new TlsCheck(disk, problems, this::path);
        check.transport(section, protocol, transport);
        boolean hasTls = transport.equals("tls") && section.has(Key.COLLECTOR_TLS);
        return new CollectorConfig(
                section.name(),
                protocol,
                Transport.valueOf(transport.toUpperCase(Locale.ROOT)),
                listens.stream().map(Placed::value).toList(),
                sockets,
                streams && !wantsBuffer ? CollectorConfig.STREAM_BUFFER_BYTES : buffer,
                (int) section.quantity(Key.COLLECTOR_SESSIONS),
                hasTls ? check.files(section.section(Key.COLLECTOR_TLS)) : null,
                new RadiusCheck(disk, problems, this::path)
                        .read(section, protocol, transport, key -> files(section, key)),
                null);
    }

    private void reportCollisions(List<Placed<Listen>> ports) {
        for (var mine : ports) {
            for (var other : ports) {
                if (mine != other && mine.value().collides(other.value())) {
                    problems.error(
                            mine.at(),
                            "%s collides with %s at line %d; give each its own port",
                            mine.value(),
                            other.value(),
                            other.at().line());
                    break;
                }
            }
        }
    }

    private @Nullable CustomersConfig customers(Section section) {
        if (!section.has(Key.CUSTOMERS)) {
            return null;
        }
        return path(section.section(Key.CUSTOMERS), Key.CUSTOMERS_TABLE)
                .map(
                        table -> {
                            checkReadable(table);
                            return new CustomersConfig(table.value());
                        })
                .orElse(null);
    }

    /** The files of a FILES, absolute; each can be read, or it was reported. */
    private List<Path> files(Section section, Key key) {
        List<Path> files = new ArrayList<>();
        for (Placed<String> text : section.paths(key)) {
            resolved(text)
                    .ifPresent(
                            file -> {
                                checkReadable(file);
                                files.add(file.value());
                            });
        }
        return files;
    }

    private void checkReadable(Placed<Path> table) {
        try (var file = disk.open(table.value(), Disk.Mode.READ)) {
            // A directory opens well and fails at the first byte.
            file.read(ByteBuffer.allocate(1), 0);
        } catch (DiskFailure e) {
            problems.error(
                    table.at(),
                    "%s; mend the path or make the file readable",
                    String.valueOf(e.getMessage()));
        }
    }

    private UsageDefinition usage(
            Section section,
            boolean hasCustomers,
            SubscribersCheck subscribers,
            List<CollectorConfig> collectors) {
        List<Field> keys = section.fields(Key.USAGE_KEYS);
        subscribers.usage(section, keys);
        Optional<Field> orphan =
                keys.stream()
                        .filter(field -> needsCustomers(field, keys))
                        .filter(field -> collectors.stream().noneMatch(one -> one.tells(field)))
                        // A session has directions of its own.
                        .filter(field -> field != Field.DIRECTION || !hasSessions)
                        .findFirst();
        if (orphan.isPresent() && !hasCustomers) {
            problems.warn(
                    section.placeOf(Key.USAGE_KEYS),
                    "'%s' will be empty in every row, as there is no customers table; add"
                            + " enhance: %s",
                    orphan.get().label(),
                    Key.ENHANCE.example());
        }
        UsageDefinition.Counts counts = counts(section, keys);
        subscribers.pulled(section, keys, counts);
        return new UsageDefinition(
                section.name(),
                keys,
                section.quantity(Key.USAGE_BIN),
                section.quantity(Key.USAGE_CLOSE_AFTER),
                section.choice(Key.USAGE_SCALED).equals("true"),
                counts);
    }

    // The same octets may come in flows and in sessions: a usage that summed both would double.
    private UsageDefinition.Counts counts(Section section, List<Field> keys) {
        String said = section.choice(Key.USAGE_RECORDS);
        if (!said.equals("auto")) {
            return UsageDefinition.Counts.valueOf(said.toUpperCase(Locale.ROOT));
        }
        if (!SESSION_FIELDS.containsAll(keys)) {
            return UsageDefinition.Counts.FLOWS;
        }
        if (keys.contains(Field.SESSION_ID) || keys.contains(Field.NAS)) {
            return UsageDefinition.Counts.SESSIONS;
        }
        if (hasFlows && hasSessions && keys.contains(Field.SUBSCRIBER)) {
            problems.warn(
                    section.placeOf(Key.USAGE_KEYS),
                    "'%s' sums flows and not sessions, as both are collected; say which: records:"
                            + " flows, records: sessions, or records: all",
                    section.name());
        }
        return hasFlows || !hasSessions
                ? UsageDefinition.Counts.FLOWS
                : UsageDefinition.Counts.SESSIONS;
    }

    private static SamplingConfig sampling(Section section) {
        return new SamplingConfig(
                section.name(),
                section.prefix(Key.SAMPLING_EXPORTER),
                section.quantity(Key.SAMPLING_INTERFACE),
                section.quantity(Key.SAMPLING_RATE),
                section.choice(Key.SAMPLING_WHEN).equals("always"));
    }

    private static boolean needsCustomers(Field field, List<Field> keys) {
        return field == Field.CUSTOMER
                || field == Field.SRC_CUSTOMER
                || field == Field.DST_CUSTOMER
                || field == Field.DIRECTION && EndKey.of(keys).equals(List.of(EndKey.CUSTOMER));
    }

    private List<OutputConfig> outputs(Section root, List<PullConfig> pull) {
        boolean delivers =
                root.has(Key.USAGE)
                        || pull.stream().anyMatch(one -> one.journal() == PullConfig.Journal.USAGE);
        if (root.has(Key.SERVE) && (root.isEmpty(Key.OUTPUTS) || !delivers)) {
            transfer.warnOfIdle(root);
            return List.of();
        }
        if (!root.has(Key.OUTPUTS)) {
            return List.of(new OutputConfig("ledger", OutputConfig.Type.PARQUET));
        }
        return root.named(Key.OUTPUTS).stream().map(this::output).toList();
    }

    private OutputConfig output(Section section) {
        take(section);
        var type = section.choice(Key.OUTPUT_TYPE).toUpperCase(Locale.ROOT);
        return new OutputConfig(section.name(), OutputConfig.Type.valueOf(type));
    }

    /** Component names are directory names too, so one name is one component. */
    private void take(Section component) {
        String name = component.name();
        if (name.equals(NodeConfig.ACCOUNTING)) {
            problems.error(
                    component.at(),
                    "the name '%s' belongs to the accounting component; choose another",
                    name);
            return;
        }
        if (NodeConfig.RESERVED.contains(name)) {
            problems.error(
                    component.at(),
                    "the name '%s' is used in the data directory by the node itself; choose"
                            + " another",
                    name);
            return;
        }
        Place first = names.putIfAbsent(name, component.at());
        if (first != null) {
            problems.error(
                    component.at(),
                    "the name '%s' is taken at line %d; collectors and outputs share one space of"
                            + " names",
                    name,
                    first.line());
        }
    }

    private @Nullable AdminConfig admin(Section root) {
        if (!root.has(Key.ADMIN)) {
            return null;
        }
        problems.warn(
                root.placeOf(Key.ADMIN), "this release serves no pages; 'admin' has no effect");
        return root.section(Key.ADMIN).listens(Key.ADMIN_LISTEN).stream()
                .findFirst()
                .map(listen -> new AdminConfig(listen.value()))
                .orElse(null);
    }

    private JournalsConfig journals(Section section) {
        Section received = section.section(Key.JOURNALS_RECEIVED);
        String compress = received.choice(Key.RECEIVED_COMPRESS).toUpperCase(Locale.ROOT);
        return new JournalsConfig(
                journal(
                                received,
                                Key.RECEIVED_SEGMENT,
                                Key.RECEIVED_RETENTION,
                                Key.RECEIVED_CAPACITY)
                        .with(JournalSettings.Compression.valueOf(compress)),
                journal(
                        section.section(Key.JOURNALS_USAGE),
                        Key.USAGE_SEGMENT,
                        Key.USAGE_RETENTION,
                        Key.USAGE_CAPACITY));
    }

    private JournalSettings journal(Section section, Key segment, Key retention, Key capacity) {
        int before = problems.count();
        var settings =
                new JournalSettings(
                        section.quantity(segment),
                        section.quantity(retention),
                        section.quantity(capacity));
        // One segment is written while another is trimmed; with fewer, nothing could ever move.
        if (problems.count() == before
                && settings.capacityBytes() != 0
                && settings.capacityBytes() < 2 * settings.segmentBytes()) {
            problems.error(
                    section.placeOf(capacity),
                    "capacity must be 0 (as large as the disk allows) or at least two segments,"
                            + " which is %d bytes",
                    2 * settings.segmentBytes());
        }
        return settings;
    }

    private static HeldConfig held(Section section) {
        return new HeldConfig(section.quantity(Key.HELD_MEMORY), section.quantity(Key.HELD_FOR));
    }

    private static SessionsConfig sessions(Section section) {
        return new SessionsConfig(
                section.quantity(Key.SESSIONS_KEEP), section.quantity(Key.SESSIONS_EXPIRE));
    }

    private static LimitsConfig limits(Section section) {
        return new LimitsConfig(
                (int) section.quantity(Key.LIMITS_TEMPLATES),
                (int) section.quantity(Key.LIMITS_FIELDS),
                (int) section.quantity(Key.LIMITS_EXPORTERS),
                section.quantity(Key.LIMITS_IDLE),
                (int) section.quantity(Key.LIMITS_OPEN_KEYS),
                (int) section.quantity(Key.LIMITS_TOTAL_FLOWS),
                section.quantity(Key.LIMITS_EXPORTER_STATE),
                (int) section.quantity(Key.LIMITS_SESSIONS),
                (int) section.quantity(Key.LIMITS_HELD_LINES),
                (int) section.quantity(Key.LIMITS_COPIES));
    }

    private static MemoryConfig memory(Section section) {
        return new MemoryConfig(
                section.quantity(Key.MEMORY_COLLECTOR),
                section.quantity(Key.MEMORY_ACCOUNTING),
                section.quantity(Key.MEMORY_OUTPUT),
                section.quantity(Key.MEMORY_TRANSFER),
                section.quantity(Key.MEMORY_BESIDE));
    }

    private RestartConfig restart(Section section) {
        int before = problems.count();
        var restart =
                new RestartConfig(
                        section.quantity(Key.RESTART_DELAY),
                        section.quantity(Key.RESTART_DELAY_MAX));
        if (problems.count() == before && restart.delayMs() > restart.delayMaxMs()) {
            problems.error(
                    section.placeOf(Key.RESTART_DELAY),
                    "restart.delay (%d ms) must not be above restart.delay-max (%d ms)",
                    restart.delayMs(),
                    restart.delayMaxMs());
        }
        return restart;
    }

    /** An absolute path; the key's default when it is missing; empty when it is wrong. */
    private Optional<Placed<Path>> path(Section section, Key key) {
        if (!section.has(key) && !key.isRequired()) {
            return Optional.of(new Placed<>(resolve(key.defaultText()), section.at()));
        }
        return section.path(key).flatMap(this::resolved);
    }

    private Optional<Placed<Path>> resolved(Placed<String> text) {
        try {
            return Optional.of(new Placed<>(resolve(text.value()), text.at()));
        } catch (InvalidPathException e) {
            problems.error(text.at(), "is not a path: %s", e.getReason());
            return Optional.empty();
        }
    }

    private Path resolve(String text) {
        return directory.resolve(text).normalize();
    }
}
