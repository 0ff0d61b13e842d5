package io.narwhal.enhance;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.record.Addresses;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The most specific prefix wins, as a program finds that tries every prefix. */
class CustomerTableTest {
    private static final long SEED = Long.getLong("sim.seed", 20_260_103L);

    private static final String NESTED =
            """
            prefix,customer
            0.0.0.0/0,world
            10.0.0.0/8,big
            10.1.0.0/16,middle
            10.1.2.0/24,small
            10.1.2.3/32,host
            10.1.2.255/32,edge
            255.255.255.255/32,last
            ::/0,six
            2001:db8::/32,documents
            2001:db8:0:1::/64,half
            2001:db8:0:1::5/128,one
            ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128,end
            """;

    @ParameterizedTest
    @CsvSource({
        "9.255.255.255, world",
        "10.0.0.0, big",
        "10.255.255.255, big",
        "11.0.0.0, world",
        "10.1.0.0, middle",
        "10.1.2.2, small",
        "10.1.2.3, host",
        "10.1.2.4, small",
        "10.1.2.255, edge",
        "10.1.3.0, middle",
        "0.0.0.0, world",
        "255.255.255.254, world",
        "255.255.255.255, last",
        "::1, six",
        "2001:db8::, documents",
        "2001:db8:0:1::4, half",
        "2001:db8:0:1::5, one",
        "2001:db8:0:1:ffff:ffff:ffff:ffff, half",
        "2001:db8:0:2::, documents",
        "2001:db9::, six",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe, six",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, end",
    })
    void r57_theMostSpecificPrefixWins(String address, String customer) {
        assertThat(find(load(NESTED), address)).isEqualTo(customer);
    }

    @Test
    void anIpv4AddressIsFoundByIpv4PrefixesAlone() {
        assertThat(find(load("prefix,customer\n::/0,six\n"), "192.0.2.1")).isEmpty();
        assertThat(find(load("prefix,customer\n0.0.0.0/0,four\n"), "2001:db8::1")).isEmpty();
        assertThat(find(load("prefix,customer\n0.0.0.0/0,four\n"), "0:0:0:0:0:fffe::")).isEmpty();
        assertThat(find(load("prefix,customer\n0.0.0.0/0,four\n"), "0:0:0:0:1::")).isEmpty();
    }

    @Test
    void theAbsentAddressHasNoCustomer() {
        assertThat(load("prefix,customer\n::/0,six\n").find(0, 0)).isZero();
    }

    @Test
    void noPrefixesMeanNoCustomers() {
        assertThat(find(load("prefix,customer\n"), "192.0.2.1")).isEmpty();
        assertThat(find(CustomerTable.empty(), "2001:db8::1")).isEmpty();
        assertThat(CustomerTable.empty().prefixes()).isZero();
    }

    @Test
    void r57_theVersionIsTheDigestOfTheBytes() {
        assertThat(load("prefix,customer\n192.0.2.0/24,ann\n").digest())
                .isEqualTo("9ffaa371c8068873c75e23b1293abdee15c34568f6dc868b52868ce8a2dd069c");
    }

    @Test
    void findsWhatAProgramFindsThatTriesEveryPrefix() {
        System.out.println("CustomerTableTest sim.seed=" + SEED);
        var random = new Random(SEED);
        for (int run = 0; run < 60; run++) {
            boolean four = run % 2 == 0;
            Map<String, String> prefixes = new HashMap<>();
            for (int left = random.nextInt(120); left > 0; left--) {
                prefixes.put(prefix(random, four), "c" + random.nextInt(9));
            }
            var csv = new StringBuilder("prefix,customer\n");
            prefixes.forEach((prefix, customer) -> csv.append(prefix + "," + customer + "\n"));
            CustomerTable table = load(csv.toString());
            for (int i = 0; i < 250; i++) {
                String address = text(address(random, four), four);
                assertThat(find(table, address))
                        .as("%s in run %d of seed %d", address, run, SEED)
                        .isEqualTo(naive(prefixes, address));
            }
        }
    }

    // Few distinct bits, so that prefixes nest and addresses stand at their edges.
    private static BigInteger address(Random random, boolean four) {
        BigInteger address = BigInteger.ZERO;
        int bytes = four ? 4 : 16;
        for (int i = 0; i < bytes; i++) {
            boolean varies = four || i == 7 || i == 8 || i == 15 || random.nextInt(99) == 0;
            int part = varies ? new int[] {0, 0, 1, 128, 255, 255}[random.nextInt(6)] : 32;
            address = address.shiftLeft(8).or(BigInteger.valueOf(part));
        }
        return address;
    }

    private static String prefix(Random random, boolean four) {
        int bits = four ? 32 : 128;
        int length = random.nextInt(bits + 1);
        BigInteger network =
                address(random, four).shiftRight(bits - length).shiftLeft(bits - length);
        return text(network, four) + "/" + length;
    }

    private static String text(BigInteger address, boolean four) {
        long low = address.longValue();
        long high = address.shiftRight(64).longValue();
        if (four) {
            return Addresses.text(0, Addresses.ofIpv4((int) low));
        }
        return high == 0 && low == 0 ? "::" : Addresses.text(high, low);
    }

    private static String naive(Map<String, String> prefixes, String address) {
        BigInteger wanted = new BigInteger(1, InetAddress.ofLiteral(address).getAddress());
        int best = -1;
        String customer = "";
        for (Map.Entry<String, String> entry : prefixes.entrySet()) {
            List<String> parts = List.of(entry.getKey().split("/"));
            byte[] network = InetAddress.ofLiteral(parts.get(0)).getAddress();
            int length = Integer.parseInt(parts.get(1));
            int rest = 8 * network.length - length;
            if (length > best
                    && new BigInteger(1, network)
                            .shiftRight(rest)
                            .equals(wanted.shiftRight(rest))) {
                best = length;
                customer = entry.getValue();
            }
        }
        return customer;
    }

    static CustomerTable load(String csv) {
        return switch (CustomerTable.read("t.csv", csv.getBytes(StandardCharsets.UTF_8))) {
            case CustomerTable.Outcome.Loaded(var table, _) -> table;
            case CustomerTable.Outcome.Refused(var problems) -> throw new AssertionError(problems);
        };
    }

    private static String find(CustomerTable table, String address) {
        InetAddress inet = InetAddress.ofLiteral(address);
        return table.customer(table.find(Addresses.high(inet), Addresses.low(inet)));
    }
}
