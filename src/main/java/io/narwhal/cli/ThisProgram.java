package io.narwhal.cli;

import io.narwhal.base.Disk;
import io.narwhal.base.SteppedClock;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How this very program is started once more, as another process. */
final class ThisProgram {
    private static final String ARCHIVES = "narwhal.archives";

    /** What this process was told, and whatever it starts must be told, too. */
    private static final List<String> HANDED_ON = List.of(ARCHIVES, SteppedClock.PROPERTY);

    private ThisProgram() {}

    /** The command line, up to the program's own arguments. */
    static List<String> command(List<String> jvmOptions) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        command.add("-Xlog:disable");
        command.addAll(jvmOptions);
        for (String property : HANDED_ON) {
            Optional.ofNullable(System.getProperty(property))
                    .ifPresent(value -> command.add("-D" + property + "=" + value));
        }
        command.addAll(classes());
        return command;
    }

    // The jar names its libraries; from loose classes (tests) every place must be named.
    private static List<String> classes() {
        String classPath = System.getProperty("java.class.path");
        return classPath.endsWith(".jar")
                        && !classPath.contains(System.getProperty("path.separator"))
                ? List.of("-jar", classPath)
                : List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        Main.class.getName());
    }

    /**
     * The option by which the JVM takes prepared classes of that name: ./narwhal makes them when it
     * builds, and they halve the time until a process runs. While they are being prepared, the
     * option by which it writes them when it ends.
     */
    static Optional<String> classArchive(String name) {
        boolean prepare = Boolean.getBoolean("narwhal.archives.prepare");
        return archives()
                .map(directory -> Path.of(directory, name + ".jsa"))
                .map(
                        archive ->
                                (prepare ? "-XX:ArchiveClassesAtExit=" : "-XX:SharedArchiveFile=")
                                        + archive);
    }

    /** Whether there are prepared classes for the processes that this program starts. */
    static boolean hasArchives(Disk disk) {
        return archives()
                .map(directory -> disk.exists(Path.of(directory, "collector.jsa")))
                .orElse(false);
    }

    private static Optional<String> archives() {
        return Optional.ofNullable(System.getProperty(ARCHIVES));
    }
}
