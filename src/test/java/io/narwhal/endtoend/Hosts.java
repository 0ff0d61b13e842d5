package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hosts made of network namespaces, joined by a bridge in a namespace of its own. Nothing of the
 * machine's own network is touched. All namespaces carry the pid of the test, and go when this is
 * closed; those that a killed test left behind go when the next begins.
 *
 * <pre>
 *   edge-1 192.0.2.1 ──┐                     each ── is a veth: eth0 in the host,
 *   edge-2 192.0.2.2 ──┼── bridge            its other end, by the host's name, at the bridge
 *   centre 192.0.2.3 ──┘
 * </pre>
 */
final class Hosts implements AutoCloseable {
    private static final String PREFIX = "narwhal-it-";
    private static final Pattern OURS = Pattern.compile(PREFIX + "(\\d+)-.+");
    private static final Path NAMESPACES = Path.of("/run/netns");
    private static final String NETWORK = "192.0.2.";
    private static final String NOBODY = "02:00:00:00:00:fe"; // a card that no host has
    private static final String EVERYBODY = "ff:ff:ff:ff:ff:ff";

    private final Map<String, Host> hosts = new LinkedHashMap<>();

    /** One of them. */
    record Host(String name, String address, String namespace) {
        /** What stands before a command that runs there. */
        List<String> prefix() {
            return List.of("ip", "netns", "exec", namespace);
        }
    }

    private Hosts() {}

    /** Makes the network; the test is skipped where that is not allowed, and says so. */
    static Hosts open(Class<?> test, String... names) throws IOException, InterruptedException {
        String why = missing();
        if (!why.isEmpty()) {
            System.out.println(test.getSimpleName() + " is skipped: " + why);
        }
        Assumptions.assumeTrue(why.isEmpty(), why);
        sweep();
        var made = new Hosts();
        try {
            must("ip", "netns", "add", namespace("net"));
            made.onBridge("link", "add", "name", "bridge", "type", "bridge");
            made.onBridge("link", "set", "dev", "bridge", "up");
            for (String name : names) {
                made.add(name);
            }
            return made;
        } catch (IOException | RuntimeException | Error e) {
            made.close();
            throw e;
        }
    }

    // Empty when hosts can be made here.
    private static String missing() throws IOException, InterruptedException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return "hosts are network namespaces, which only root can make";
        }
        String trial = namespace("trial");
        if (!succeeds("ip", "netns", "add", trial)) {
            return "hosts are network namespaces, and 'ip netns add' does not make any here";
        }
        boolean joined =
                succeeds("ip", "-n", trial, "link", "add", "name", "bridge", "type", "bridge")
                        && succeeds("ip", "-n", trial, "link", "add", "name", "a", "type", "veth")
                        && succeeds(slowly(trial, "a", 1_000));
        must("ip", "netns", "del", trial);
        return joined ? "" : "this kernel has no bridge, no veth or no token bucket (tbf)";
    }

    private static String namespace(String host) {
        return PREFIX + ProcessHandle.current().pid() + "-" + host;
    }

    /** Deletes what tests left behind that are no more. */
    private static void sweep() throws IOException, InterruptedException {
        if (!Files.isDirectory(NAMESPACES)) {
            return;
        }
        List<Path> found;
        try (var entries = Files.list(NAMESPACES)) {
            found = entries.toList();
        }
        for (Path entry : found) {
            String name = entry.getFileName().toString();
            Matcher ours = OURS.matcher(name);
            if (ours.matches() && ProcessHandle.of(Long.parseLong(ours.group(1))).isEmpty()) {
                delete(name);
            }
        }
    }

    private static void delete(String namespace) throws IOException, InterruptedException {
        for (String pid : output("ip", "netns", "pids", namespace).split("\n")) {
            if (!pid.isBlank()) {
                ProcessHandle.of(Long.parseLong(pid.strip()))
                        .ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        must("ip", "netns", "del", namespace);
    }

    private void add(String name) throws IOException, InterruptedException {
        var host = new Host(name, NETWORK + (hosts.size() + 1), namespace(name));
        must("ip", "netns", "add", host.namespace());
        hosts.put(name, host);
        onBridge(
                "link",
                "add",
                "name",
                name,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                host.namespace());
        onBridge("link", "set", "dev", name, "master", "bridge", "up");
        on(host, "addr", "add", host.address() + "/24", "dev", "eth0");
        on(host, "link", "set", "lo", "up");
        on(host, "link", "set", "eth0", "up");
    }

    Host host(String name) {
        Host host = hosts.get(name);
        if (host == null) {
            throw new IllegalArgumentException("no host " + name + "; there are " + hosts.keySet());
        }
        return host;
    }

    /**
     * An address that all of these hosts have: the network carries what {@code sender} sends there
     * to each of them, so that two collectors see the very same datagrams of one exporter, which
     * sends them once.
     */
    String shared(String sender, String... receivers) throws IOException, InterruptedException {
        String address = NETWORK + (200 + hosts.size() + receivers.length);
        for (String receiver : receivers) {
            on(host(receiver), "addr", "add", address + "/32", "dev", "lo");
        }
        neighbour("replace", host(sender), address, EVERYBODY);
        return address;
    }

    /** Cuts the host's cable. */
    void partition(String name) throws IOException, InterruptedException {
        onBridge("link", "set", "dev", host(name).name(), "down");
    }

    /** Mends the cable. */
    void join(String name) throws IOException, InterruptedException {
        onBridge("link", "set", "dev", host(name).name(), "up");
    }

    /** What one host sends to the other vanishes from now on; what the other sends arrives. */
    void mute(String from, String to) throws IOException, InterruptedException {
        neighbour("replace", host(from), host(to).address(), NOBODY);
    }

    /** What was muted is heard again. */
    void unmute(String from, String to) throws IOException, InterruptedException {
        neighbour("del", host(from), host(to).address(), NOBODY);
    }

    /** The host sends no faster than this from now on, and holds up to 100 ms of it. */
    void slow(String name, int kbitPerSecond) throws IOException, InterruptedException {
        must(slowly(host(name).namespace(), "eth0", kbitPerSecond));
    }

    /** The host sends as fast as it can again. */
    void fast(String name) throws IOException, InterruptedException {
        must("tc", "-n", host(name).namespace(), "qdisc", "del", "dev", "eth0", "root");
    }

    /** Kills everything that runs on the host, at once, as when its power fails for good. */
    void destroy(String name) throws IOException, InterruptedException {
        String pids;
        while (!(pids = output("ip", "netns", "pids", host(name).namespace())).isBlank()) {
            for (String pid : pids.strip().split("\\s+")) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
            }
            Thread.sleep(20);
        }
    }

    private static String[] slowly(String namespace, String device, int kbitPerSecond) {
        return new String[] {
            "tc",
            "-n",
            namespace,
            "qdisc",
            "replace",
            "dev",
            device,
            "root",
            "tbf",
            "rate",
            kbitPerSecond + "kbit",
            "burst",
            "32k",
            "latency",
            "100ms"
        };
    }

    private static void neighbour(String verb, Host on, String address, String card)
            throws IOException, InterruptedException {
        on(on, "neigh", verb, address, "lladdr", card, "dev", "eth0", "nud", "permanent");
    }

    private void onBridge(String... arguments) throws IOException, InterruptedException {
        must(ip(namespace("net"), arguments));
    }

    private static void on(Host host, String... arguments)
            throws IOException, InterruptedException {
        must(ip(host.namespace(), arguments));
    }

    private static String[] ip(String namespace, String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return SmallDisk.run(command) == 0;
        } catch (IOException e) {
            return false; // the program is not there
        }
    }

    private static void must(String... command) throws IOException, InterruptedException {
        output(command);
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s said: %s", String.join(" ", command), said).isZero();
        return said;
    }

    @Override
    public void close() {
        try {
            for (Host host : hosts.values()) {
                delete(host.namespace());
            }
            if (Files.exists(NAMESPACES.resolve(namespace("net")))) {
                delete(namespace("net"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
