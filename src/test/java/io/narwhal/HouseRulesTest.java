package io.narwhal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import javax.lang.model.element.Modifier;
import javax.tools.ToolProvider;

/**
 * The rules of the house, held against the sources. Layers, rooms and what each room may touch are
 * read out of ARCHITECTURE.md, so that the page cannot say one thing and the code do another.
 */
class HouseRulesTest {
    private static final String ROOT = "io.narwhal";

    /** Made from the wire contract by protoc; it keeps to its own rules. */
    private static final String GENERATED = "io/narwhal/remote/v1/";

    private static final Path MAIN = Path.of("src", "main", "java");
    private static final Path TEST = Path.of("src", "test", "java");
    private static final Set<String> NOT_OURS = Set.of(".git", "target", "narwhal-data", ".idea");
    private static final int PAGE_LINES_MIN = 3;

    /** A row of ARCHITECTURE.md's table. */
    private record Room(int layer, String name, Set<String> mayTouch) {}

    /** The words of the table's last column, and the calls and types that they stand for. */
    private static final Map<String, Predicate<String>> TOUCHES = new LinkedHashMap<>();

    static {
        TOUCHES.put(
                "files",
                anyOf(
                        "java.nio.file.Files.",
                        "java.nio.file.FileSystems.",
                        "java.nio.channels.FileChannel.",
                        "java.nio.channels.AsynchronousFileChannel.",
                        "java.io.RandomAccessFile.",
                        "java.io.FileReader.",
                        "java.io.FileWriter.",
                        "java.io.FileInputStream.",
                        "java.io.File."));
        TOUCHES.put("console", anyOf("java.io.FileOutputStream.", "java.lang.System.in"));
        TOUCHES.put(
                "sockets",
                anyOf(
                        "java.net.Socket.",
                        "java.net.ServerSocket.",
                        "java.net.DatagramSocket.",
                        "java.net.MulticastSocket.",
                        "java.net.http.",
                        "java.net.InetAddress.getByName",
                        "java.net.InetAddress.getAllByName",
                        "java.net.InetAddress.getLocalHost",
                        "java.net.NetworkInterface.",
                        "java.nio.channels.DatagramChannel.",
                        "java.nio.channels.SocketChannel.",
                        "java.nio.channels.ServerSocketChannel.",
                        "java.nio.channels.Selector.",
                        "io.grpc.netty."));
        TOUCHES.put(
                "time",
                name ->
                        name.startsWith("java.time.") && name.endsWith(".now")
                                || name.equals("java.util.Date.<init>")
                                || name.startsWith("java.time.Clock.system")
                                || name.equals("java.lang.System.currentTimeMillis")
                                || name.equals("java.lang.System.nanoTime")
                                || name.equals("java.lang.Thread.sleep")
                                || name.startsWith("java.util.concurrent.locks.LockSupport.park"));
        TOUCHES.put(
                "randomness",
                anyOf(
                        "java.util.Random.",
                        "java.util.SplittableRandom.",
                        "java.util.random.",
                        "java.util.concurrent.ThreadLocalRandom.",
                        "java.security.SecureRandom.",
                        "java.util.UUID.randomUUID",
                        "java.lang.Math.random"));
        TOUCHES.put(
                "processes",
                anyOf(
                        "java.lang.ProcessBuilder.",
                        "java.lang.ProcessHandle.",
                        "java.lang.Runtime.exec"));
        TOUCHES.put(
                "exit",
                anyOf(
                        "java.lang.System.exit",
                        "java.lang.Runtime.exit",
                        "java.lang.Runtime.halt",
                        "java.lang.Runtime.addShutdownHook"));
        TOUCHES.put("environment", anyOf("java.lang.System.getenv"));
        TOUCHES.put(
                "native code",
                anyOf(
                        "java.lang.foreign.Linker.",
                        "java.lang.foreign.SymbolLookup.",
                        "java.lang.System.load",
                        "java.lang.Runtime.load"));
    }

    private static List<Room> rooms;
    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        rooms = roomsOf(text(Path.of("ARCHITECTURE.md")));
        classes =
                new ClassFileImporter()
                        .withImportOption(location -> !location.contains(GENERATED))
                        .importPath(Path.of("target", "classes"));
    }

    private static Predicate<String> anyOf(String... prefixes) {
        return name -> Arrays.stream(prefixes).anyMatch(name::startsWith);
    }

    private static List<Room> roomsOf(String page) {
        return Pattern.compile(
                        "^\\| (\\d+) \\| `([a-z]+)` \\| [^|]+ \\| ([^|]*) \\|$", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .map(
                        row ->
                                new Room(
                                        Integer.parseInt(row.group(1)),
                                        row.group(2),
                                        words(row.group(3))))
                .toList();
    }

    private static Set<String> words(String cell) {
        return Arrays.stream(cell.split(","))
                .map(String::strip)
                .filter(word -> !word.equals("nothing"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theTableNamesEveryRoomOnceAndNoOther() {
        assertThat(rooms.stream().map(Room::name))
                .containsExactlyInAnyOrderElementsOf(directoriesOf(MAIN.resolve("io/narwhal")));
        assertThat(rooms.stream().flatMap(room -> room.mayTouch().stream()))
                .isSubsetOf(TOUCHES.keySet());
    }

    private static List<String> directoriesOf(Path directory) {
        try (var entries = Files.list(directory)) {
            return entries.filter(Files::isDirectory)
                    .map(entry -> entry.getFileName().toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aRoomImportsFromLowerLayersOnly() {
        Map<String, Integer> layers = new TreeMap<>();
        rooms.forEach(room -> layers.put(room.name(), room.layer()));
        Set<String> wrong = new TreeSet<>();
        for (JavaClass from : classes) {
            for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                String here = roomOf(from);
                String there = roomOf(dependency.getTargetClass().getBaseComponentType());
                if (!there.isEmpty()
                        && !here.equals(there)
                        && layers.get(there) >= layers.get(here)) {
                    wrong.add(
                            from.getName()
                                    + " (layer "
                                    + layers.get(here)
                                    + ") depends on "
                                    + dependency.getTargetClass().getName()
                                    + " (layer "
                                    + layers.get(there)
                                    + ")");
                }
            }
        }
        assertThat(classes).hasSizeGreaterThan(rooms.size());
        assertThat(wrong).isEmpty();
    }

    private static String roomOf(JavaClass type) {
        String name = type.getPackageName();
        if (!name.startsWith(ROOT + ".")) {
            return "";
        }
        String room = name.substring(ROOT.length() + 1);
        int dot = room.indexOf('.');
        return dot < 0 ? room : room.substring(0, dot);
    }

    @Test
    void aRoomTouchesOfTheMachineWhatTheTableGrantsAndIsGrantedNoMore() {
        Map<String, Set<String>> granted = new TreeMap<>();
        rooms.forEach(room -> granted.put(room.name(), room.mayTouch()));
        Map<String, Set<String>> used = new TreeMap<>();
        Set<String> wrong = new TreeSet<>();
        for (JavaClass type : classes) {
            for (String target : targetsOf(type)) {
                TOUCHES.forEach(
                        (word, matches) -> {
                            if (matches.test(target)) {
                                used.computeIfAbsent(roomOf(type), _ -> new TreeSet<>()).add(word);
                                if (!granted.get(roomOf(type)).contains(word)) {
                                    wrong.add(type.getName() + " calls " + target + ": " + word);
                                }
                            }
                        });
            }
        }
        assertThat(wrong).isEmpty();
        granted.values().removeIf(Set::isEmpty);
        assertThat(used).isEqualTo(granted);
    }

    /** What a class calls, reads or refers to by {@code ::}, as {@code type.member}. */
    private static Set<String> targetsOf(JavaClass type) {
        Set<String> targets = new TreeSet<>();
        for (JavaAccess<?> access : type.getAccessesFromSelf()) {
            targets.add(name(access.getTarget()));
        }
        type.getMethodReferencesFromSelf().forEach(one -> targets.add(name(one.getTarget())));
        type.getConstructorReferencesFromSelf().forEach(one -> targets.add(name(one.getTarget())));
        return targets;
    }

    private static String name(AccessTarget target) {
        return target.getOwner().getName() + "." + target.getName();
    }

    @Test
    void everyRoomHasAPageAndIsNullMarked() {
        List<String> wrong = new ArrayList<>();
        for (Room room : rooms) {
            Path file =
                    MAIN.resolve("io/narwhal").resolve(room.name()).resolve("package-info.java");
            String page = Files.exists(file) ? text(file) : "";
            if (!page.contains("@NullMarked")) {
                wrong.add(file + " has no @NullMarked");
            }
            if (page.lines().filter(line -> line.matches(" \\* .*\\w.*")).count()
                    < PAGE_LINES_MIN) {
                wrong.add(file + " does not say what the room is");
            }
            if (!page.contains("Constraints:")) {
                wrong.add(file + " does not name the room's constraints");
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyPublicTypeIsDocumented() throws IOException {
        List<String> wrong = new ArrayList<>();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            var task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    manager,
                                    null,
                                    List.of("-proc:none"),
                                    null,
                                    manager.getJavaFileObjectsFromPaths(javaFilesIn(MAIN)));
            DocTrees comments = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new PublicTypes(comments, wrong).scan(unit, null);
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** Finds public types without a comment; what stands in a hidden type is hidden too. */
    private static final class PublicTypes extends TreePathScanner<Void, Void> {
        private final DocTrees comments;
        private final List<String> undocumented;

        PublicTypes(DocTrees comments, List<String> undocumented) {
            this.comments = comments;
            this.undocumented = undocumented;
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            TreePath path = getCurrentPath();
            boolean isPublic =
                    type.getModifiers().getFlags().contains(Modifier.PUBLIC)
                            || path.getParentPath().getLeaf() instanceof ClassTree outer
                                    && outer.getKind() == ClassTree.Kind.INTERFACE;
            if (!isPublic) {
                return null;
            }
            if (comments.getDocComment(path) == null) {
                String file = path.getCompilationUnit().getSourceFile().getName();
                undocumented.add(file + ": " + type.getSimpleName() + " has no comment");
            }
            return super.visitClass(type, nothing);
        }
    }

    /** With {@code -Dformat.apply} the files are rewritten instead. */
    @Test
    void everyJavaFileIsFormatted() {
        boolean apply = System.getProperty("format.apply") != null;
        List<Path> files = new ArrayList<>(javaFilesIn(MAIN));
        files.addAll(javaFilesIn(TEST));
        List<String> wrong =
                files.parallelStream()
                        .filter(file -> !isFormatted(file, apply))
                        .map(Path::toString)
                        .sorted()
                        .toList();

        assertThat(wrong)
                .as("format them: ./mvnw -q test -Dtest=HouseRulesTest -Dformat.apply")
                .isEmpty();
    }

    private static boolean isFormatted(Path file, boolean apply) {
        String before = text(file);
        try {
            String after =
                    new Formatter(
                                    JavaFormatterOptions.builder()
                                            .style(JavaFormatterOptions.Style.AOSP)
                                            .build())
                            .formatSourceAndFixImports(before);
            if (apply && !after.equals(before)) {
                Files.writeString(file, after);
            }
            return apply || after.equals(before);
        } catch (FormatterException e) {
            throw new AssertionError(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void noFileHasAWordThatDoesNotBelongThere() {
        // In two parts each, or this file would be the first to be found.
        Map<Pattern, String> words = new LinkedHashMap<>();
        words.put(Pattern.compile("\\bTO" + "DO\\b|\\bFIX" + "ME\\b|\\bXX" + "X\\b"), "unfinished");
        words.put(
                Pattern.compile("(?<![\\w.$-])/(?:wo" + "rk|ho" + "me|ro" + "ot|Us" + "ers)/\\w"),
                "a path of somebody's machine");
        Set<String> wrong = new TreeSet<>();
        for (Path file : ourFiles()) {
            if (file.getFileName().toString().startsWith("mvnw")) {
                continue; // Maven's own
            }
            String text = text(file);
            words.forEach(
                    (word, what) ->
                            word.matcher(text)
                                    .results()
                                    .forEach(
                                            at ->
                                                    wrong.add(
                                                            where(file, text, at)
                                                                    + ": "
                                                                    + what
                                                                    + ": "
                                                                    + at.group())));
        }
        assertThat(wrong).isEmpty();
    }

    private static String where(Path file, String text, MatchResult at) {
        long line = text.substring(0, at.start()).lines().count();
        return file + ":" + Math.max(1, line);
    }

    @Test
    void noTypeIsNamedForWantOfAName() {
        Pattern wrong = Pattern.compile(".*(Util|Utils|Helper|Helpers|Impl|Manager2|Misc)\\.java");
        List<Path> files = new ArrayList<>(javaFilesIn(MAIN));
        files.addAll(javaFilesIn(TEST));
        assertThat(files).noneMatch(file -> wrong.matcher(file.toString()).matches());
    }

    @Test
    void everyLinkBetweenPagesLeadsSomewhere() {
        List<String> wrong = new ArrayList<>();
        for (Path file : ourFiles()) {
            if (file.toString().endsWith(".md")) {
                Pattern.compile("\\]\\(([^)\\s]+)\\)")
                        .matcher(text(file))
                        .results()
                        .map(link -> link.group(1))
                        .filter(link -> !link.matches("[a-z]+:.*"))
                        .filter(link -> !leads(file, link))
                        .forEach(link -> wrong.add(file + " links to " + link));
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static boolean leads(Path from, String link) {
        String[] parts = link.split("#", 2);
        Path directory = from.toAbsolutePath().getParent();
        Path to = parts[0].isEmpty() ? from : directory.resolve(parts[0]).normalize();
        if (!Files.exists(to)) {
            return false;
        }
        return parts.length == 1 || anchorsOf(text(to)).contains(parts[1]);
    }

    private static Set<String> anchorsOf(String page) {
        return Pattern.compile("^#+ (.+)$", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .map(
                        heading ->
                                heading.group(1)
                                        .toLowerCase(Locale.ROOT)
                                        .replaceAll("[^a-z0-9 _-]", "")
                                        .strip()
                                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void everyPageThatIsMentionedExists() {
        Set<String> wrong = new TreeSet<>();
        for (Path file : ourFiles()) {
            Pattern.compile("(?<![\\w/.])docs/[\\w/-]+\\.md")
                    .matcher(text(file))
                    .results()
                    .map(MatchResult::group)
                    .filter(page -> !Files.exists(Path.of(page)))
                    .forEach(page -> wrong.add(file + " mentions " + page));
        }
        assertThat(wrong).isEmpty();
    }

    private static List<Path> javaFilesIn(Path directory) {
        return filesIn(directory).stream()
                .filter(file -> file.toString().endsWith(".java"))
                .toList();
    }

    /** Text files of the project. */
    private static List<Path> ourFiles() {
        return filesIn(Path.of("")).stream()
                .filter(file -> !file.toString().matches(".*\\.(pcap|png|bin|jar)"))
                .toList();
    }

    private static List<Path> filesIn(Path directory) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(
                    directory,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(
                                Path entered, BasicFileAttributes attributes) {
                            Path name = entered.getFileName();
                            return name != null && NOT_OURS.contains(name.toString())
                                    ? FileVisitResult.SKIP_SUBTREE
                                    : FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(
                                Path file, BasicFileAttributes attributes) {
                            files.add(file);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort(null);
        return files;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new AssertionError(file + " is not UTF-8", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
