package io.narwhal.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Field;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Holds docs/operations/configuration.md against the loader, and every YAML in the documents. */
final class ConfigDocumentTest {
    private static final Path PAGE = Path.of("docs/operations/configuration.md");
    private static final Path TLS = Path.of("src/test/resources/tls");
    private static final Path TRANSFER_TLS = Path.of("src/test/resources/transfer-tls");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\\n(.*?)^```");

    /** Names that stand for NAME when a key is put into a file. */
    private static final Map<String, String> NAMES =
            Map.of(
                    "collectors",
                    "flows",
                    "usage",
                    "by-pair",
                    "sampling",
                    "core",
                    "outputs",
                    "ledger",
                    "pull",
                    "edge-1");

    @TempDir private Path directory;

    /** A row of the page's tables. */
    private record Row(String key, String type, String defaultText, String range, String example) {
        static Row parse(String line) {
            List<String> cells =
                    Arrays.stream(line.split("\\|"))
                            .map(cell -> cell.strip().replace("`", ""))
                            .toList();
            return new Row(cells.get(1), cells.get(2), cells.get(3), cells.get(4), cells.get(5));
        }

        static Row of(Key key) {
            return new Row(
                    key.path(), key.type().label(), key.defaultText(), key.range(), key.example());
        }
    }

    private static List<Row> rows() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `"))
                .map(Row::parse)
                .toList();
    }

    @Test
    void thePageListsEveryKeyOfTheLoaderAndNoOther() throws IOException {
        assertThat(rows())
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Key.values()).map(Row::of).toList());
    }

    @Test
    void thePageListsEveryKeyField() throws IOException {
        String labels =
                Field.keys().stream()
                        .map(field -> "`" + field.label() + "`")
                        .collect(Collectors.joining(", "));

        assertThat(Files.readString(PAGE)).contains("can be keyed by are " + labels + ".");
    }

    static Stream<Key> keysWithDefault() {
        return Arrays.stream(Key.values())
                .filter(key -> !key.isRequired() && !key.defaultText().equals(Key.NONE))
                .filter(key -> key != Key.NODE);
    }

    @ParameterizedTest
    @MethodSource("keysWithDefault")
    void theDocumentedDefaultIsAccepted(Key key) throws IOException {
        assertAccepted(key, key.defaultText());
    }

    @ParameterizedTest
    @EnumSource(Key.class)
    void theDocumentedExampleIsAccepted(Key key) throws IOException {
        assertAccepted(key, key.example());
    }

    static Stream<String> yamlBlocks() throws IOException {
        List<String> blocks = new ArrayList<>();
        for (Path page : pages()) {
            var matcher = BLOCK.matcher(Files.readString(page));
            while (matcher.find()) {
                blocks.add("# from " + page + "\n" + matcher.group(1));
            }
        }
        return blocks.stream();
    }

    @ParameterizedTest
    @MethodSource("yamlBlocks")
    void everyYamlInTheDocumentsLoads(String block) throws IOException {
        assertThat(load(block)).isInstanceOf(Loaded.Valid.class);
    }

    private void assertAccepted(Key key, String value) throws IOException {
        Map<String, Object> file = minimal();
        if (key.path().startsWith("collectors.NAME.tls")) {
            put(file, "collectors.NAME.transport".split("\\."), "tls");
            put(file, "collectors.NAME.tls.certificate".split("\\."), "./edge.pem");
            put(file, "collectors.NAME.tls.key".split("\\."), "./edge.key");
            put(file, "collectors.NAME.tls.ca".split("\\."), "./ca.pem");
        }
        if (key.path().startsWith("serve.")) {
            put(file, "serve.listen".split("\\."), "\"127.0.0.1:4747\"");
            put(file, "serve.managers".split("\\."), "[m1, m2]");
            transferTls(file, key, "serve.tls");
        }
        if (key.path().startsWith("pull.")) {
            put(file, "pull.NAME.address".split("\\."), "\"127.0.0.1:4747\"");
            transferTls(file, key, "pull.NAME.tls");
        }
        if (key.path().matches("collectors\\.NAME\\.(clients.*|dictionaries)")
                || value.equals("radius")) {
            put(file, "collectors.NAME.protocol".split("\\."), "radius");
            put(file, "collectors.NAME.clients".split("\\."), clients(key, value));
        }
        if (isOfFiles(key) || value.equals("files")) {
            files(file, key, value);
        } else if (!key.path().startsWith("collectors.NAME.clients.")) {
            put(file, key.path().split("\\."), value);
        }
        Loaded loaded = load(flow(file));
        assertThat(loaded)
                .as("%s: %s in %s", key.path(), value, flow(file))
                .isInstanceOf(Loaded.Valid.class);
    }

    private static void transferTls(Map<String, Object> file, Key key, String tls) {
        if (!key.label().equals("directory")) {
            // A list of revoked certificates is that of its authority.
            boolean lists = key.label().equals("revoked");
            put(
                    file,
                    (tls + ".certificate").split("\\."),
                    lists ? "tls/certificate.pem" : "./edge.pem");
            put(file, (tls + ".key").split("\\."), lists ? "tls/key.pem" : "./edge.key");
            put(file, (tls + ".ca").split("\\."), lists ? "tls/ca.pem" : "./ca.pem");
        }
    }

    private static boolean isOfFiles(Key key) {
        return key.path().startsWith("collectors.NAME.fields") || key.name().startsWith("FILES_");
    }

    private static void files(Map<String, Object> file, Key key, String value) {
        Map<String, Object> flows = new LinkedHashMap<>();
        flows.put("protocol", "files");
        flows.put("directory", "./in");
        String field = key == Key.FIELD_FORMAT || key == Key.FIELD_ZONE ? "end" : "octets";
        flows.put(
                "fields",
                new LinkedHashMap<>(Map.of(field, new LinkedHashMap<>(Map.of("column", "1")))));
        file.put("collectors", new LinkedHashMap<>(Map.of("flows", flows)));
        put(file, key.path().replace("FIELD", field).split("\\."), value);
    }

    /** A list cannot be put into a file key by key. */
    private static String clients(Key key, String value) {
        String address = key == Key.CLIENT_ADDRESS ? value : "192.0.2.1";
        String file = key == Key.CLIENT_SECRET ? value : "./radius.secret";
        return "[ { address: %s, secret-file: %s } ]".formatted(address, file);
    }

    private Loaded load(String text) throws IOException {
        Files.writeString(directory.resolve("radius.secret"), "0123456789abcdef\n");
        Files.writeString(directory.resolve("dictionary.acme"), "VENDOR acme 32473\n");
        Files.writeString(directory.resolve("customers.csv"), "prefix,customer\n");
        Files.writeString(directory.resolve("elements.csv"), "enterprise,element,name,type\n");
        for (String pem : List.of("edge.pem", "edge.key", "ca.pem")) {
            Files.write(directory.resolve(pem), Files.readAllBytes(TLS.resolve(pem)));
        }
        Files.write(
                directory.resolve("revoked.pem"),
                Files.readAllBytes(TRANSFER_TLS.resolve("revoked.pem")));
        Path tls = Files.createDirectories(directory.resolve("tls"));
        for (String pem : List.of("certificate.pem", "key.pem", "ca.pem")) {
            Files.write(tls.resolve(pem), Files.readAllBytes(TRANSFER_TLS.resolve(pem)));
        }
        return ConfigLoader.load(directory.resolve("narwhal.yaml"), text);
    }

    private static List<Path> pages() throws IOException {
        try (var docs = Files.walk(Path.of("docs"))) {
            return Stream.concat(docs, Stream.of(Path.of("README.md")))
                    .filter(page -> page.toString().endsWith(".md") && Files.exists(page))
                    .sorted()
                    .toList();
        }
    }

    private static Map<String, Object> minimal() {
        Map<String, Object> flows = new LinkedHashMap<>();
        flows.put("protocol", "netflow");
        flows.put("listen", "\"[::]:2055\"");
        Map<String, Object> byPair = new LinkedHashMap<>(Map.of("keys", "[src_addr]"));
        Map<String, Object> ledger = new LinkedHashMap<>(Map.of("type", "parquet"));
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("collectors", new LinkedHashMap<>(Map.of("flows", flows)));
        file.put("usage", new LinkedHashMap<>(Map.of("by-pair", byPair)));
        Map<String, Object> core = new LinkedHashMap<>();
        core.put("exporter", "192.0.2.1");
        core.put("rate", "10");
        file.put("sampling", new LinkedHashMap<>(Map.of("core", core)));
        file.put("outputs", new LinkedHashMap<>(Map.of("ledger", ledger)));
        return file;
    }

    @SuppressWarnings("unchecked")
    private static void put(Map<String, Object> file, String[] path, String value) {
        Map<String, Object> at = file;
        for (int i = 0; i < path.length - 1; i++) {
            String step = path[i].equals("NAME") ? NAMES.get(path[i - 1]) : path[i];
            at = (Map<String, Object>) at.computeIfAbsent(step, _ -> new LinkedHashMap<>());
        }
        at.put(path[path.length - 1], value);
    }

    private static String flow(Map<?, ?> map) {
        return map.entrySet().stream()
                .map(
                        entry ->
                                entry.getKey()
                                        + ": "
                                        + (entry.getValue() instanceof Map<?, ?> inner
                                                ? flow(inner)
                                                : entry.getValue()))
                .collect(Collectors.joining(", ", "{ ", " }"));
    }
}
