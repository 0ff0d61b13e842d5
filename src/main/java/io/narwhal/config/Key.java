package io.narwhal.config;

import io.narwhal.base.Check;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Every key of the file. {@code NAME} in a path stands for a name that the user chooses. The
 * defaults, ranges and examples are in the user's own notation, and stand likewise in
 * docs/operations/configuration.md.
 */
enum Key {
    NODE("node", Type.NAME, "host name", "edge-1"),
    DATA("data", Type.PATH, "./data", "/var/lib/narwhal"),
    COLLECTORS(
            "collectors",
            Type.NAMED,
            Key.REQUIRED,
            "{ flows: { protocol: netflow, listen: \"[::]:2055\" } }"),
    COLLECTOR_PROTOCOL("collectors.NAME.protocol", Type.CHOICE, Key.REQUIRED, "netflow"),
    COLLECTOR_LISTEN("collectors.NAME.listen", Type.LISTENS, Key.REQUIRED, "\"[::]:2055\""),
    COLLECTOR_SOCKETS("collectors.NAME.sockets", Type.COUNT, "1", "1", "32", "4"),
    COLLECTOR_RECEIVE_BUFFER(
            "collectors.NAME.receive-buffer", Type.SIZE, "32MiB", "64KiB", "1GiB", "64MiB"),
    COLLECTOR_TRANSPORT("collectors.NAME.transport", Type.CHOICE, "udp", "tcp"),
    COLLECTOR_SESSIONS("collectors.NAME.sessions", Type.COUNT, "1024", "1", "2000", "200"),
    COLLECTOR_TLS(
            "collectors.NAME.tls",
            Type.SECTION,
            Key.NONE,
            "{ certificate: ./edge.pem, key: ./edge.key, ca: ./ca.pem }"),
    COLLECTOR_TLS_CERTIFICATE(
            "collectors.NAME.tls.certificate", Type.FILE, Key.REQUIRED, "./edge.pem"),
    COLLECTOR_TLS_KEY("collectors.NAME.tls.key", Type.FILE, Key.REQUIRED, "./edge.key"),
    COLLECTOR_TLS_CA("collectors.NAME.tls.ca", Type.FILE, Key.NONE, "./ca.pem"),
    COLLECTOR_TLS_REQUIRE_CLIENT(
            "collectors.NAME.tls.require-client", Type.CHOICE, "true", "false"),
    COLLECTOR_CLIENTS(
            "collectors.NAME.clients",
            Type.SECTIONS,
            Key.NONE,
            "[ { address: 192.0.2.0/24, secret-file: ./radius.secret } ]"),
    CLIENT_ADDRESS("collectors.NAME.clients.address", Type.PREFIX, Key.REQUIRED, "192.0.2.0/24"),
    CLIENT_SECRET(
            "collectors.NAME.clients.secret-file", Type.FILE, Key.REQUIRED, "./radius.secret"),
    COLLECTOR_DICTIONARIES(
            "collectors.NAME.dictionaries", Type.FILES, Key.NONE, "./dictionary.acme"),
    FILES_DIRECTORY("collectors.NAME.directory", Type.PATH, Key.REQUIRED, "./in"),
    FILES_FILES("collectors.NAME.files", Type.TEXT, "\"*\"", "usage-*.csv"),
    FILES_FORMAT("collectors.NAME.format", Type.CHOICE, "csv", "json"),
    FILES_FIELDS(
            "collectors.NAME.fields",
            Type.COLUMNS,
            Key.REQUIRED,
            "{ subscriber: user, octets: { column: volume, unit: KiB }, end: time }"),
    FIELD_COLUMN("collectors.NAME.fields.FIELD.column", Type.TEXTS, Key.NONE, "volume"),
    FIELD_VALUE("collectors.NAME.fields.FIELD.value", Type.TEXT, Key.NONE, "0"),
    FIELD_UNIT("collectors.NAME.fields.FIELD.unit", Type.TEXT, Key.NONE, "KiB"),
    FIELD_FORMAT("collectors.NAME.fields.FIELD.format", Type.TEXT, "iso", "dd.MM.yyyy HH:mm:ss"),
    FIELD_ZONE("collectors.NAME.fields.FIELD.zone", Type.TEXT, "UTC", "Europe/Berlin"),
    FILES_HEADER("collectors.NAME.header", Type.CHOICE, "true", "false"),
    FILES_SEPARATOR("collectors.NAME.separator", Type.TEXT, "\",\"", "\";\""),
    FILES_QUOTE("collectors.NAME.quote", Type.TEXT, "'\"'", "none"),
    FILES_SETTLE("collectors.NAME.settle", Type.DURATION, "10s", "100ms", "1d", "1m"),
    FILES_DONE("collectors.NAME.done", Type.CHOICE, "keep", "move"),
    FILES_LARGEST("collectors.NAME.largest", Type.SIZE, "16GiB", "1KiB", "1TiB", "1GiB"),
    FILES_REMEMBER("collectors.NAME.remember", Type.DURATION, "400d", "1d", "36600d", "3660d"),
    ENHANCE("enhance", Type.SECTION, Key.NONE, "{ customers: { table: ./customers.csv } }"),
    CUSTOMERS("enhance.customers", Type.SECTION, Key.NONE, "{ table: ./customers.csv }"),
    CUSTOMERS_TABLE("enhance.customers.table", Type.FILE, Key.REQUIRED, "./customers.csv"),
    SUBSCRIBERS("enhance.subscribers", Type.SECTION, Key.NONE, "{ wait: 1m }"),
    SUBSCRIBERS_WAIT("enhance.subscribers.wait", Type.DURATION, "30s", "0s", "1d", "1m"),
    SUBSCRIBERS_KEEP("enhance.subscribers.keep", Type.DURATION, "24h", "0s", "366d", "7d"),
    ELEMENTS("elements", Type.FILES, Key.NONE, "./elements.csv"),
    USAGE("usage", Type.NAMED, Key.REQUIRED, "{ by-pair: { keys: [src_addr, dst_addr] } }"),
    USAGE_KEYS("usage.NAME.keys", Type.FIELDS, Key.REQUIRED, "[src_addr, dst_addr]"),
    USAGE_BIN("usage.NAME.bin", Type.DURATION, "5m", "1s", "366d", "1m"),
    USAGE_CLOSE_AFTER("usage.NAME.close-after", Type.DURATION, "5m", "0s", "366d", "15m"),
    USAGE_SCALED("usage.NAME.scaled", Type.CHOICE, "false", "true"),
    USAGE_RECORDS("usage.NAME.records", Type.CHOICE, "auto", "sessions"),
    SAMPLING("sampling", Type.NAMED, Key.NONE, "{ core: { exporter: 192.0.2.1, rate: 1000 } }"),
    SAMPLING_EXPORTER("sampling.NAME.exporter", Type.PREFIX, Key.REQUIRED, "192.0.2.0/24"),
    SAMPLING_RATE("sampling.NAME.rate", Type.COUNT, Key.REQUIRED, "1", "4294967295", "1000"),
    SAMPLING_INTERFACE("sampling.NAME.interface", Type.COUNT, "0", "0", "4294967295", "3"),
    SAMPLING_WHEN("sampling.NAME.when", Type.CHOICE, "unknown", "always"),
    OUTPUTS("outputs", Type.NAMED, "{ ledger: { type: parquet } }", "{ bills: { type: parquet } }"),
    OUTPUT_TYPE("outputs.NAME.type", Type.CHOICE, Key.REQUIRED, "parquet"),
    SERVE(
            "serve",
            Type.SECTION,
            Key.NONE,
            "{ listen: \"127.0.0.1:4747\", managers: [central], tls: none }"),
    SERVE_LISTEN("serve.listen", Type.LISTEN, Key.REQUIRED, "\"[::]:4747\""),
    SERVE_MANAGERS("serve.managers", Type.NAMES, Key.REQUIRED, "[central]"),
    SERVE_GROUPS("serve.groups", Type.GROUPS, Key.NONE, "{ pair: [m1, m2] }"),
    SERVE_FAILOVER("serve.failover-after", Type.DURATION, "30s", "1s", "1d", "2m"),
    SERVE_TLS(
            "serve.tls",
            Type.TLS,
            Key.REQUIRED,
            "{ certificate: ./edge.pem, key: ./edge.key, ca: ./ca.pem }"),
    SERVE_TLS_CERTIFICATE("serve.tls.certificate", Type.FILE, Key.REQUIRED, "./edge.pem"),
    SERVE_TLS_KEY("serve.tls.key", Type.FILE, Key.REQUIRED, "./edge.key"),
    SERVE_TLS_CA("serve.tls.ca", Type.FILE, Key.REQUIRED, "./ca.pem"),
    SERVE_TLS_REVOKED("serve.tls.revoked", Type.FILE, Key.NONE, "./revoked.pem"),
    SERVE_TLS_DIRECTORY("serve.tls.directory", Type.PATH, Key.NONE, "./tls"),
    PULL("pull", Type.NAMED, Key.NONE, "{ edge-1: { address: \"127.0.0.1:4747\", tls: none } }"),
    PULL_ADDRESS("pull.NAME.address", Type.PEER, Key.REQUIRED, "\"edge-1:4747\""),
    PULL_JOURNAL("pull.NAME.journal", Type.CHOICE, "received", "usage"),
    PULL_SESSIONS("pull.NAME.sessions", Type.NAMES, Key.NONE, "[acct]"),
    PULL_EVERY("pull.NAME.every", Type.DURATION, "10s", "100ms", "1d", "1m"),
    PULL_THRESHOLDS("pull.NAME.thresholds", Type.SECTION, Key.NONE, "{ fill: 50% }"),
    PULL_FILL("pull.NAME.thresholds.fill", Type.PERCENT, "75%", "0%", "100%", "50%"),
    PULL_CLEAR("pull.NAME.thresholds.clear", Type.PERCENT, "50%", "0%", "99%", "40%"),
    PULL_RECORDS("pull.NAME.thresholds.records", Type.COUNT, "0", "0", "1000000000", "100000"),
    PULL_AGE("pull.NAME.thresholds.age", Type.DURATION, "0s", "0s", "366d", "1m"),
    PULL_RETRY("pull.NAME.thresholds.retry", Type.DURATION, "5s", "100ms", "1h", "1s"),
    PULL_CREDIT("pull.NAME.credit", Type.SECTION, Key.NONE, "{ records: 50000 }"),
    PULL_CREDIT_RECORDS("pull.NAME.credit.records", Type.COUNT, "200000", "1", "10000000", "50000"),
    PULL_CREDIT_BYTES("pull.NAME.credit.bytes", Type.SIZE, "16MiB", "512KiB", "64MiB", "4MiB"),
    PULL_IDENTITY("pull.NAME.identity", Type.NAME, Key.NONE, "edge-1"),
    PULL_TLS(
            "pull.NAME.tls",
            Type.TLS,
            Key.REQUIRED,
            "{ certificate: ./edge.pem, key: ./edge.key, ca: ./ca.pem }"),
    PULL_TLS_CERTIFICATE("pull.NAME.tls.certificate", Type.FILE, Key.REQUIRED, "./edge.pem"),
    PULL_TLS_KEY("pull.NAME.tls.key", Type.FILE, Key.REQUIRED, "./edge.key"),
    PULL_TLS_CA("pull.NAME.tls.ca", Type.FILE, Key.REQUIRED, "./ca.pem"),
    PULL_TLS_REVOKED("pull.NAME.tls.revoked", Type.FILE, Key.NONE, "./revoked.pem"),
    PULL_TLS_DIRECTORY("pull.NAME.tls.directory", Type.PATH, Key.NONE, "./tls"),
    ADMIN("admin", Type.SECTION, Key.NONE, "{ listen: \"127.0.0.1:8080\" }"),
    ADMIN_LISTEN("admin.listen", Type.LISTEN, Key.REQUIRED, "\"127.0.0.1:8080\""),
    JOURNALS("journals", Type.SECTION, Key.NONE, "{ received: { retention: 30d } }"),
    JOURNALS_RECEIVED("journals.received", Type.SECTION, Key.NONE, "{ retention: 30d }"),
    RECEIVED_SEGMENT("journals.received.segment", Type.SIZE, "128MiB", "16MiB", "1GiB", "256MiB"),
    RECEIVED_RETENTION("journals.received.retention", Type.DURATION, "7d", "0s", "3660d", "30d"),
    RECEIVED_CAPACITY("journals.received.capacity", Type.SIZE, "0", "0", "1024TiB", "500GiB"),
    RECEIVED_COMPRESS("journals.received.compress", Type.CHOICE, "none", "zstd"),
    JOURNALS_USAGE("journals.usage", Type.SECTION, Key.NONE, "{ retention: 30d }"),
    USAGE_SEGMENT("journals.usage.segment", Type.SIZE, "128MiB", "16MiB", "1GiB", "256MiB"),
    USAGE_RETENTION("journals.usage.retention", Type.DURATION, "7d", "0s", "3660d", "30d"),
    USAGE_CAPACITY("journals.usage.capacity", Type.SIZE, "0", "0", "1024TiB", "500GiB"),
    ACCOUNTING("accounting", Type.SECTION, Key.NONE, "{ threads: 4 }"),
    ACCOUNTING_THREADS("accounting.threads", Type.COUNT, "0", "0", "32", "4"),
    CHECKPOINT("checkpoint", Type.SECTION, Key.NONE, "{ every: 5s }"),
    CHECKPOINT_EVERY("checkpoint.every", Type.DURATION, "1s", "10ms", "10m", "5s"),
    CHECKPOINT_RECOVERY("checkpoint.recovery", Type.DURATION, "2s", "500ms", "1h", "10s"),
    COMMIT("commit", Type.SECTION, Key.NONE, "{ every: 50ms }"),
    COMMIT_EVERY("commit.every", Type.DURATION, "20ms", "1ms", "10s", "50ms"),
    HELD("held", Type.SECTION, Key.NONE, "{ for: 2h }"),
    HELD_MEMORY("held.memory", Type.SIZE, "64MiB", "1MiB", "64GiB", "256MiB"),
    HELD_FOR("held.for", Type.DURATION, "1h", "1s", "30d", "2h"),
    SESSIONS("sessions", Type.SECTION, Key.NONE, "{ keep: 7d }"),
    SESSIONS_KEEP("sessions.keep", Type.DURATION, "3d", "1m", "366d", "7d"),
    SESSIONS_EXPIRE("sessions.expire", Type.DURATION, "31d", "1m", "3660d", "90d"),
    LIMITS("limits", Type.SECTION, Key.NONE, "{ exporters: 50000 }"),
    LIMITS_TEMPLATES("limits.templates-per-exporter", Type.COUNT, "1024", "1", "1000000", "4096"),
    LIMITS_FIELDS("limits.fields-per-template", Type.COUNT, "512", "1", "65535", "128"),
    LIMITS_EXPORTERS("limits.exporters", Type.COUNT, "10000", "1", "10000000", "50000"),
    LIMITS_IDLE("limits.exporter-idle", Type.DURATION, "1h", "1s", "366d", "6h"),
    LIMITS_OPEN_KEYS("limits.open-keys", Type.COUNT, "2000000", "1", "10000000", "8000000"),
    LIMITS_TOTAL_FLOWS("limits.total-flows", Type.COUNT, "65536", "1", "100000000", "1000000"),
    LIMITS_EXPORTER_STATE("limits.exporter-state", Type.SIZE, "128MiB", "1MiB", "64GiB", "512MiB"),
    LIMITS_SESSIONS("limits.sessions", Type.COUNT, "250000", "1", "100000000", "1000000"),
    LIMITS_HELD_LINES("limits.held-lines", Type.COUNT, "10000", "1", "1000000", "100000"),
    LIMITS_COPIES("limits.copies", Type.COUNT, "2000000", "1", "100000000", "8000000"),
    MEMORY("memory", Type.SECTION, Key.NONE, "{ accounting: 4GiB }"),
    MEMORY_COLLECTOR("memory.collector", Type.SIZE, "64MiB", "32MiB", "1TiB", "128MiB"),
    MEMORY_ACCOUNTING("memory.accounting", Type.SIZE, "1GiB", "64MiB", "16TiB", "4GiB"),
    MEMORY_OUTPUT("memory.output", Type.SIZE, "512MiB", "64MiB", "16TiB", "1GiB"),
    MEMORY_TRANSFER("memory.transfer", Type.SIZE, "192MiB", "64MiB", "1TiB", "512MiB"),
    MEMORY_BESIDE("memory.beside-heap", Type.SIZE, "512MiB", "128MiB", "1TiB", "1GiB"),
    HANG_AFTER("hang-after", Type.DURATION, "10s", "1s", "1h", "30s"),
    RESTART("restart", Type.SECTION, Key.NONE, "{ delay-max: 30s }"),
    RESTART_DELAY("restart.delay", Type.DURATION, "100ms", "1ms", "10m", "500ms"),
    RESTART_DELAY_MAX("restart.delay-max", Type.DURATION, "5s", "1ms", "1h", "30s");

    /** Default of a key that must be there. */
    static final String REQUIRED = "required";

    /** Default of a section that may be left out, as all in it may. */
    static final String NONE = "none";

    /** The grammar of names. */
    static final String NAME_PATTERN = "[a-z0-9][a-z0-9-]{0,62}";

    /** What a value looks like. */
    enum Type {
        /** {@link #NAME_PATTERN}. */
        NAME("name"),
        /** Relative to the configuration file's directory. */
        PATH("path"),
        /** As {@link #PATH}, of a file that can be read. */
        FILE("file"),
        /** One or a list of {@link #FILE}. */
        FILES("file or list of files"),
        /** One of {@link Key#choices}. */
        CHOICE("choice"),
        /** An address, with or without a prefix length. */
        PREFIX("prefix"),
        /** host:port. */
        LISTEN("address"),
        /** One or a list of host:port. */
        LISTENS("address or list of addresses"),
        /** host:port of another host. */
        PEER("address of a host"),
        /** One or a list of {@link #NAME}. */
        NAMES("name or list of names"),
        /** A mapping of names to {@link #NAMES}. */
        GROUPS("names and lists of names"),
        /** A mapping of further keys, a directory, or none. */
        TLS("section, directory or none"),
        /** A number and the sign. */
        PERCENT("percentage"),
        /** Labels of key fields. */
        FIELDS("list of fields"),
        /** Milliseconds with a unit. */
        DURATION("duration"),
        /** Bytes with or without a unit. */
        SIZE("size"),
        /** A number. */
        COUNT("number"),
        /** Characters. */
        TEXT("text"),
        /** One or a list of {@link #TEXT}. */
        TEXTS("text or list of texts"),
        /** A mapping of fields to columns, or to sections. */
        COLUMNS("fields and their columns"),
        /** A mapping of further keys. */
        SECTION("section"),
        /** A list of mappings of further keys. */
        SECTIONS("list of sections"),
        /** A mapping of names to sections. */
        NAMED("named sections");

        private final String label;

        Type(String label) {
            this.label = label;
        }

        /** As in the documents. */
        String label() {
            return label;
        }
    }

    private final String path;
    private final Type type;
    private final String defaultText;
    private final String minText;
    private final String maxText;
    private final String example;

    Key(String path, Type type, String defaultText, String example) {
        this(path, type, defaultText, "", "", example);
    }

    Key(String path, Type type, String defaultText, String min, String max, String example) {
        this.path = path;
        this.type = type;
        this.defaultText = defaultText;
        this.minText = min;
        this.maxText = max;
        this.example = example;
    }

    String path() {
        return path;
    }

    /** The last part of the path: the key as it stands in the file. */
    String label() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    Type type() {
        return type;
    }

    String defaultText() {
        return defaultText;
    }

    boolean isRequired() {
        return defaultText.equals(REQUIRED);
    }

    String example() {
        return example;
    }

    /** What a key of type CHOICE may be. */
    List<String> choices() {
        return switch (this) {
            case COLLECTOR_PROTOCOL -> List.of("netflow", "ipfix", "sflow", "radius", "files");
            case COLLECTOR_TRANSPORT -> List.of("udp", "tcp", "tls");
            case PULL_JOURNAL -> List.of("received", "usage");
            case COLLECTOR_TLS_REQUIRE_CLIENT -> List.of("true", "false");
            case FILES_FORMAT -> List.of("csv", "json");
            case FILES_HEADER -> List.of("true", "false");
            case FILES_DONE -> List.of("keep", "move");
            case OUTPUT_TYPE -> List.of("parquet");
            case USAGE_SCALED -> List.of("false", "true");
            case USAGE_RECORDS -> List.of("auto", "flows", "sessions", "all");
            case SAMPLING_WHEN -> List.of("unknown", "always");
            case RECEIVED_COMPRESS -> List.of("none", "zstd");
            default -> List.of();
        };
    }

    /** The values that are allowed, as the documents say it. */
    String range() {
        return switch (type) {
            case NAME, NAMES, GROUPS -> NAME_PATTERN;
            case CHOICE -> String.join(", ", choices());
            case LISTEN, LISTENS, PEER -> "ports 1 to 65535";
            case FIELDS -> "key fields, each once";
            case DURATION, SIZE, COUNT, PERCENT -> minText + " to " + maxText;
            case PATH, FILE, FILES, PREFIX, TEXT, TEXTS -> "any";
            case SECTION, SECTIONS, NAMED, COLUMNS, TLS -> "see below";
        };
    }

    /**
     * Default of a DURATION in ms, of a SIZE in bytes, of a COUNT, of a PERCENT; 0 where there is
     * none.
     */
    long defaultValue() {
        return isRequired() ? 0 : known(defaultText);
    }

    /** Least value allowed, in the unit of {@link #defaultValue}. */
    long min() {
        return known(minText);
    }

    /** Greatest value allowed, in the unit of {@link #defaultValue}. */
    long max() {
        return known(maxText);
    }

    /** The value of a DURATION, SIZE, COUNT or PERCENT as written; empty when it is not one. */
    OptionalLong parse(String text) {
        return switch (type) {
            case DURATION -> Quantity.durationMs(text);
            case SIZE -> Quantity.sizeBytes(text);
            case COUNT -> Quantity.count(text);
            case PERCENT -> Quantity.percent(text);
            case NAME,
                    PATH,
                    FILE,
                    FILES,
                    CHOICE,
                    PREFIX,
                    LISTEN,
                    LISTENS,
                    PEER,
                    NAMES,
                    GROUPS,
                    TLS,
                    FIELDS,
                    TEXT,
                    TEXTS,
                    COLUMNS,
                    SECTION,
                    SECTIONS,
                    NAMED ->
                    OptionalLong.empty();
        };
    }

    /** The keys directly inside the section of that path; the root's path is empty. */
    static List<Key> inside(String section) {
        String prefix = section.isEmpty() ? "" : section + ".";
        return Arrays.stream(values())
                .filter(key -> key.path.startsWith(prefix))
                .filter(key -> key.path.indexOf('.', prefix.length()) < 0)
                .toList();
    }

    private long known(String text) {
        OptionalLong value = parse(text);
        Check.that(value.isPresent(), "%s: '%s' is a %s", path, text, type.label);
        return value.getAsLong();
    }
}
