package io.narwhal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.Distribution;
import io.narwhal.Recorder;
import io.narwhal.generate.Protocol;
import io.narwhal.generate.TrafficPlan;
import io.narwhal.record.Addresses;
import io.narwhal.record.Field;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * tshark shares no line with Narwhal: it must find the same records, at the same places, with the
 * same values, in generated traffic of every protocol.
 */
class TsharkIT {
    private static final int EXPORTERS = 4;
    private static final int RECORDS = 960;
    private static final int TCP = 6;
    private static final int UDP = 17;

    /** The names by which tshark calls each field, in NetFlow and in the frames of sFlow. */
    private static final Map<Field, List<String>> NAMES =
            Map.of(
                    Field.SRC_ADDR,
                    List.of("cflow.srcaddr", "cflow.srcaddrv6", "ip.src", "ipv6.src"),
                    Field.DST_ADDR,
                    List.of("cflow.dstaddr", "cflow.dstaddrv6", "ip.dst", "ipv6.dst"),
                    Field.SRC_PORT,
                    List.of("cflow.srcport", "tcp.srcport", "udp.srcport"),
                    Field.DST_PORT,
                    List.of("cflow.dstport", "tcp.dstport", "udp.dstport"),
                    Field.PROTOCOL,
                    List.of("cflow.protocol", "ip.proto", "ipv6.nxt"),
                    Field.OCTETS,
                    List.of("cflow.octets", "sflow_245.header.frame_length"),
                    Field.PACKETS,
                    List.of("cflow.packets"));

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void findsTheSameRecordsAtTheSamePlaces(Protocol protocol, @TempDir Path directory)
            throws Exception {
        Tshark tshark = tshark();
        List<Pcap.Datagram> traffic = traffic(protocol);
        boolean sflow = protocol == Protocol.SFLOW;
        List<List<Tshark.Found>> found = tshark.dissect(traffic, directory, sflow);

        assertThat(found.size()).isEqualTo(traffic.size());
        Rig rig = new Rig();
        for (int d = 0; d < found.size(); d++) {
            int before = rig.rows.size();
            rig.decode(traffic.get(d));
            List<Rig.Row> rows = rig.rows.subList(before, rig.rows.size());
            int records = found.get(d).size();
            assertThat(rows.size()).as("records of datagram %d", d).isEqualTo(records);
            for (int r = 0; r < rows.size(); r++) {
                assertThat(values(rows.get(r), sflow))
                        .as("record %d of datagram %d", r, d)
                        .isEqualTo(values(found.get(d).get(r), traffic.get(d)));
            }
        }
        assertThat(rig.rows.size()).isEqualTo(RECORDS);
        // The second datagram of each exporter: another bit there must be another value here.
        for (int exporter = 0; exporter < EXPORTERS; exporter++) {
            int second = exporter + EXPORTERS;
            assertPlaces(traffic.get(exporter), traffic.get(second), found.get(second));
        }
    }

    /** Flips a bit of each field where tshark sees it: this value changes, and no other. */
    private static void assertPlaces(
            Pcap.Datagram first, Pcap.Datagram datagram, List<Tshark.Found> found) {
        List<Rig.Row> before = decodeBoth(first, datagram);
        int base = before.size() - found.size();
        for (int r = 0; r < found.size(); r++) {
            for (Field field : NAMES.keySet()) {
                Tshark.Place place = place(found.get(r), field);
                if (place == null || field == Field.PROTOCOL) {
                    continue; // another protocol changes what its ports mean
                }
                byte[] payload = datagram.payload().clone();
                payload[place.at() + place.bytes() - 1] ^= 1;
                Pcap.Datagram flipped = with(datagram, payload);
                List<Rig.Row> after = decodeBoth(first, flipped);
                assertThat(after.size()).isEqualTo(before.size());
                for (int i = 0; i < after.size(); i++) {
                    Map<Field, String> expected = new EnumMap<>(before.get(i).values());
                    if (i == base + r) {
                        expected.put(field, value(field, place, payload));
                    }
                    assertThat(after.get(i).values())
                            .as("row %d, bit of %s of record %d flipped", i, field, r)
                            .isEqualTo(expected);
                }
            }
        }
    }

    private static List<Rig.Row> decodeBoth(Pcap.Datagram first, Pcap.Datagram second) {
        Rig rig = new Rig();
        rig.decode(first);
        rig.decode(second);
        return rig.rows;
    }

    private static Pcap.Datagram with(Pcap.Datagram old, byte[] payload) {
        return new Pcap.Datagram(old.high(), old.low(), old.port(), old.arrivalMicros(), payload);
    }

    private static Map<Field, String> values(Rig.Row row, boolean sflow) {
        Map<Field, String> values = new EnumMap<>(Field.class);
        NAMES.keySet().forEach(field -> values.put(field, row.get(field)));
        int protocol = Integer.parseInt(row.get(Field.PROTOCOL));
        if (sflow) {
            values.remove(Field.PACKETS);
            if (protocol != TCP && protocol != UDP) {
                values.remove(Field.SRC_PORT);
                values.remove(Field.DST_PORT);
            }
        }
        return values;
    }

    private static Map<Field, String> values(Tshark.Found found, Pcap.Datagram datagram) {
        Map<Field, String> values = new EnumMap<>(Field.class);
        for (Field field : NAMES.keySet()) {
            Tshark.Place place = place(found, field);
            if (place != null) {
                assertThat(place.at())
                        .as("%s lies in its record", field)
                        .isBetween(found.at(), found.at() + found.bytes() - place.bytes());
                values.put(field, value(field, place, datagram.payload()));
                assertThat(HexFormat.of().parseHex(place.hex()))
                        .as("tshark's value of %s is what stands there", field)
                        .isEqualTo(bytes(place, datagram.payload()));
            }
        }
        return values;
    }

    static Tshark.Place place(Tshark.Found found, Field field) {
        for (String name : NAMES.get(field)) {
            Tshark.Place place = found.fields().get(name);
            if (place != null) {
                return place;
            }
        }
        return null;
    }

    private static byte[] bytes(Tshark.Place place, byte[] payload) {
        return java.util.Arrays.copyOfRange(payload, place.at(), place.at() + place.bytes());
    }

    static String value(Field field, Tshark.Place place, byte[] payload) {
        byte[] bytes = bytes(place, payload);
        if (field.kind() != Field.Kind.ADDRESS) {
            return new java.math.BigInteger(1, bytes).toString();
        }
        try {
            InetAddress address = InetAddress.getByAddress(bytes);
            return Addresses.text(Addresses.high(address), Addresses.low(address));
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static Tshark tshark() {
        Distribution.Search search = Distribution.search("tshark", "tshark");
        if (search instanceof Distribution.Search.Missing(var why)) {
            System.out.println("TsharkIT is skipped: " + why);
        }
        Assumptions.assumeTrue(search instanceof Distribution.Search.Found, "tshark is to be had");
        return new Tshark(((Distribution.Search.Found) search).program());
    }

    private static List<Pcap.Datagram> traffic(Protocol protocol) {
        TrafficPlan plan =
                TrafficPlan.to(new InetSocketAddress("127.0.0.1", 9))
                        .protocols(protocol)
                        .exporters(EXPORTERS)
                        .records(RECORDS)
                        .ipv6Percent(20)
                        .startMs(1_767_225_600_000L)
                        .build();
        return Recorder.record(plan).stream().map(TsharkIT::datagram).toList();
    }

    private static Pcap.Datagram datagram(Recorder.Sent sent) {
        return new Pcap.Datagram(
                0,
                Addresses.low(sent.source().getAddress()),
                sent.source().getPort(),
                1_767_225_601_000_000L,
                sent.payload());
    }
}
