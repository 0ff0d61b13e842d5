package io.narwhal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The hosts that tests are laid over lose what they are to lose, and nothing else. */
class HostsTest {
    private static final int MANY = 60;

    @Test
    void whatIsCutVanishesAndWhatIsMendedArrives() throws Exception {
        try (var hosts = Hosts.open(HostsTest.class, "a", "b", "c")) {
            assertThat(arrive(hosts, "a", "b", 3)).isEqualTo(3);

            hosts.partition("b");
            assertThat(arrive(hosts, "a", "b", 3)).isZero();
            hosts.join("b");
            assertThat(arrive(hosts, "a", "b", 3)).isEqualTo(3);

            hosts.mute("a", "b");
            assertThat(arrive(hosts, "a", "b", 3)).isZero();
            assertThat(arrive(hosts, "b", "a", 3)).isEqualTo(3);
            assertThat(arrive(hosts, "a", "c", 3)).isEqualTo(3);
            hosts.unmute("a", "b");
            assertThat(arrive(hosts, "a", "b", 3)).isEqualTo(3);

            hosts.slow("a", 200);
            assertThat(arrive(hosts, "a", "b", MANY)).isLessThan(MANY);
            hosts.fast("a");
            assertThat(arrive(hosts, "a", "b", MANY)).isEqualTo(MANY);
        }
    }

    @Test
    void aSharedAddressHasEverythingArriveAtEachOfItsHosts() throws Exception {
        try (var hosts = Hosts.open(HostsTest.class, "router", "a", "b", "c")) {
            String address = hosts.shared("router", "a", "b");
            long beforeA = datagrams(hosts, "a");
            long beforeB = datagrams(hosts, "b");
            long beforeC = datagrams(hosts, "c");
            send(hosts, "router", address, 5);
            Thread.sleep(100);
            assertThat(datagrams(hosts, "a") - beforeA).isEqualTo(5);
            assertThat(datagrams(hosts, "b") - beforeB).isEqualTo(5);
            assertThat(datagrams(hosts, "c") - beforeC).isZero();
        }
    }

    @Test
    void whatAKilledTestLeftIsSwept() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        String left = "narwhal-it-" + gone.pid() + "-left";
        try (var hosts = Hosts.open(HostsTest.class)) {
            assertThat(SmallDisk.run("ip", "netns", "add", left)).isZero();
        }
        try (var hosts = Hosts.open(HostsTest.class)) {
            assertThat(Path.of("/run/netns", left)).doesNotExist();
        }
        try (var entries = Files.list(Path.of("/run/netns"))) {
            assertThat(entries.map(Path::toString))
                    .noneMatch(name -> name.contains("-" + ProcessHandle.current().pid() + "-"));
        }
    }

    // How many of so many datagrams there and then reach the other host; its kernel counts them.
    private static long arrive(Hosts hosts, String from, String to, int count) throws Exception {
        long before = datagrams(hosts, to);
        send(hosts, from, hosts.host(to).address(), count);
        for (int i = 0; i < 20 && datagrams(hosts, to) - before < count; i++) {
            Thread.sleep(25);
        }
        return datagrams(hosts, to) - before;
    }

    private static void send(Hosts hosts, String from, String address, int count) throws Exception {
        String each = "printf %01400d 0 >/dev/udp/" + address + "/9";
        run(hosts, from, "bash", "-c", "for i in $(seq " + count + "); do " + each + "; done");
    }

    private static long datagrams(Hosts hosts, String host) throws Exception {
        String[] values = {};
        for (String line : run(hosts, host, "cat", "/proc/net/snmp").split("\n")) {
            if (line.startsWith("Udp: ")) {
                values = line.split(" ");
            }
        }
        return Long.parseLong(values[1]) + Long.parseLong(values[2]); // received, no such port
    }

    private static String run(Hosts hosts, String host, String... command)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(hosts.host(host).prefix());
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return said;
    }
}
