package io.narwhal.capture;

import static io.narwhal.capture.Captures.ETHERNET;
import static io.narwhal.capture.Captures.RAW;
import static io.narwhal.capture.Captures.START_MICROS;
import static io.narwhal.capture.Captures.ethernet;
import static io.narwhal.capture.Captures.ipv4;
import static io.narwhal.capture.Captures.ipv6;
import static io.narwhal.capture.Captures.join;
import static io.narwhal.capture.Captures.pcap;
import static io.narwhal.capture.Captures.udp;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.narwhal.base.SimulatedDisk;
import io.narwhal.capture.Captures.Captured;
import io.narwhal.record.Addresses;

import org.junit.jupiter.api.Test;

import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every format of capture and record file, and what becomes of each packet in it. */
class RecordFileTest {
    private static final Path FILE = Path.of("/in/file");
    private static final int EXPORTER = 0xc000_0201;
    private static final int COLLECTOR = 0xc000_02fe;
    private static final byte[] FLOWS = Captures.v5(1, 2, 0);
    private static final byte[] DATAGRAM = ipv4(17, EXPORTER, COLLECTOR, udp(50_000, 2_055, FLOWS));

    /** What a file came to. */
    private record Read(List<String> messages, Map<String, Long> packets, String broken) {}

    private static Read read(byte[] bytes, Integer... ports) {
        var disk = new SimulatedDisk(1);
        disk.createDirectories(FILE.getParent());
        disk.put(FILE, bytes);
        List<String> messages = new ArrayList<>();
        return switch (RecordFile.open(disk, FILE, Set.of(ports))) {
            case RecordFile.Opened.Foreign(String message) -> new Read(messages, Map.of(), message);
            case RecordFile.Opened.Readable(RecordFile file) -> {
                try (file) {
                    while (file.next() == RecordFile.Step.MESSAGE) {
                        messages.add(text(file.message()));
                    }
                    assertThat(file.digest())
                            .isEqualTo(FileDigest.of(disk, FILE, List.of(), _ -> {}).sha256());
                    yield new Read(messages, file.counts().byLabel(), file.broken());
                }
            }
        };
    }

    private static String text(Message message) {
        byte[] payload =
                Arrays.copyOfRange(
                        message.bytes(), message.offset(), message.offset() + message.length());
        return Addresses.text(message.sourceHigh(), message.sourceLow())
                + " "
                + message.sourcePort()
                + " > "
                + Addresses.text(message.destinationHigh(), message.destinationLow())
                + " "
                + message.destinationPort()
                + " at "
                + (message.micros() - START_MICROS)
                + " "
                + (Arrays.equals(payload, FLOWS) ? "flows" : Arrays.hashCode(payload));
    }

    private static String flowsAt(long micros) {
        return "192.0.2.1 50000 > 192.0.2.254 2055 at " + micros + " flows";
    }

    private static List<Captured> captured(byte[]... packets) {
        List<Captured> all = new ArrayList<>();
        for (byte[] packet : packets) {
            all.add(new Captured(START_MICROS + all.size() * 250L, packet));
        }
        return all;
    }

    @Test
    void aPcapOfEitherByteOrderAndResolutionIsRead() {
        for (ByteOrder order : List.of(BIG_ENDIAN, LITTLE_ENDIAN)) {
            for (boolean nanos : new boolean[] {false, true}) {
                byte[] file = pcap(order, nanos, RAW, captured(DATAGRAM, DATAGRAM));
                assertThat(read(file).messages())
                        .as("%s, nanoseconds %s", order, nanos)
                        .containsExactly(flowsAt(0), flowsAt(250));
            }
        }
    }

    @Test
    void aPcapngHasSectionsInterfacesAndTimesOfEveryUnit() {
        for (ByteOrder order : List.of(BIG_ENDIAN, LITTLE_ENDIAN)) {
            long seconds = START_MICROS / 1_000_000;
            byte[] file =
                    join(
                            Captures.section(order),
                            Captures.iface(order, ETHERNET, 6, 0),
                            Captures.iface(order, RAW, 9, 0),
                            Captures.iface(order, RAW, 0x80 | 20, 0),
                            Captures.iface(order, RAW, 3, seconds),
                            Captures.block(order, 0xbad, new byte[37]),
                            Captures.enhanced(
                                    order, 0, START_MICROS + 5, ethernet(0x0800, DATAGRAM)),
                            Captures.enhanced(order, 1, (START_MICROS + 6) * 1_000 + 999, DATAGRAM),
                            Captures.enhanced(order, 2, (seconds << 20) + (1 << 19), DATAGRAM),
                            Captures.obsolete(order, 3, 7, DATAGRAM),
                            Captures.section(LITTLE_ENDIAN),
                            Captures.iface(LITTLE_ENDIAN, RAW, 6, 0),
                            Captures.simple(LITTLE_ENDIAN, DATAGRAM));
            assertThat(read(file).messages())
                    .as("%s", order)
                    .containsExactly(
                            flowsAt(5),
                            flowsAt(6),
                            flowsAt(500_000),
                            flowsAt(7_000),
                            flowsAt(0)); // a simple packet has no time: the exporter's is taken
            assertThat(read(file).broken()).isEmpty();
        }
    }

    @Test
    void theIpPacketIsFoundBehindEveryLinkLayer() {
        byte[] cooked = new byte[16];
        cooked[14] = 8;
        byte[] cooked2 = new byte[20];
        cooked2[0] = 8;
        Map<Integer, List<byte[]>> links =
                Map.of(
                        ETHERNET,
                        List.of(
                                ethernet(0x0800, DATAGRAM),
                                ethernet(0x0800, DATAGRAM, 0x8100),
                                ethernet(0x0800, DATAGRAM, 0x88a8, 0x8100),
                                ethernet(
                                        0x8847,
                                        join(new byte[] {0, 1, 0, 64, 0, 2, 1, 64}, DATAGRAM)),
                                ethernet(
                                        0x8864,
                                        join(new byte[] {0x11, 0, 0, 1, 0, 0, 0, 0x21}, DATAGRAM)),
                                // padded to the least length of a frame, and beyond
                                join(ethernet(0x0800, DATAGRAM), new byte[9])),
                        113,
                        List.of(join(cooked, DATAGRAM)),
                        276,
                        List.of(join(cooked2, DATAGRAM)),
                        RAW,
                        List.of(DATAGRAM),
                        228,
                        List.of(DATAGRAM),
                        0,
                        List.of(
                                join(new byte[] {2, 0, 0, 0}, DATAGRAM),
                                join(new byte[] {0, 0, 0, 2}, DATAGRAM)),
                        108,
                        List.of(join(new byte[] {0, 0, 0, 2}, DATAGRAM)),
                        9,
                        List.of(
                                join(new byte[] {(byte) 0xff, 3, 0, 0x21}, DATAGRAM),
                                join(new byte[] {0, 0x21}, DATAGRAM)));
        links.forEach(
                (link, packets) -> {
                    for (byte[] packet : packets) {
                        assertThat(read(pcap(link, captured(packet))).messages())
                                .as("link type %s", link)
                                .containsExactly(flowsAt(0));
                    }
                });
        assertThat(read(pcap(147, captured(DATAGRAM))).packets())
                .isEqualTo(Map.of("unknown-link", 1L));
    }

    @Test
    void optionsAndExtensionHeadersAreFollowed() {
        byte[] datagram = udp(50_000, 2_055, FLOWS);
        byte[] extension = {17, 0, 0, 0, 0, 0, 0, 0};
        byte[] hop = {60, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        byte[] authentication = {17, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        List<Captured> packets =
                captured(
                        ipv4(17, EXPORTER, COLLECTOR, 0, 0x4000, datagram, 3),
                        ipv6(17, 1, 2, datagram),
                        ipv6(0, 1, 2, join(hop, extension, datagram)),
                        ipv6(51, 1, 2, join(authentication, datagram)),
                        ipv6(44, 1, 2, Captures.fragment6(17, 9, 0, false, datagram)));
        assertThat(read(pcap(RAW, packets)).messages())
                .containsExactly(
                        flowsAt(0),
                        "2001:db8::1 50000 > 2001:db8::2 2055 at 250 flows",
                        "2001:db8::1 50000 > 2001:db8::2 2055 at 500 flows",
                        "2001:db8::1 50000 > 2001:db8::2 2055 at 750 flows",
                        "2001:db8::1 50000 > 2001:db8::2 2055 at 1000 flows");
    }

    @Test
    void everyPacketHasOneFate() {
        byte[] cutShort = Arrays.copyOf(DATAGRAM, DATAGRAM.length - 1);
        byte[] longUdp = udp(1, 2, FLOWS);
        longUdp[4] = 127;
        List<Captured> packets =
                captured(
                        ethernet(0x0800, DATAGRAM),
                        ethernet(0x0806, new byte[28]),
                        ethernet(0x0800, ipv4(6, 1, 2, new byte[20])),
                        ethernet(0x86dd, ipv6(6, 1, 2, new byte[20])),
                        ethernet(0x0800, ipv4(1, 1, 2, new byte[8])),
                        ethernet(0x0800, ipv4(17, 1, 2, udp(53, 999, new byte[40]))),
                        ethernet(0x0800, ipv4(17, 1, 2, udp(53, 999, new byte[0]))),
                        ethernet(0x0800, cutShort),
                        ethernet(0x0800, ipv4(17, 1, 2, longUdp)),
                        ethernet(0x0800, new byte[] {0x45}),
                        ethernet(0x0800, ipv4(17, 1, 2, 5, 0x2000, new byte[16], 0)));
        Read read = read(pcap(ETHERNET, packets));
        assertThat(read.messages()).containsExactly(flowsAt(0));
        assertThat(read.packets())
                .isEqualTo(
                        Map.of(
                                "taken", 1L,
                                "not-ip", 1L,
                                "tcp", 2L,
                                "not-udp", 1L,
                                "not-flow-export", 2L,
                                "cut-by-capture", 2L,
                                "malformed", 1L,
                                "fragment-alone", 1L));
    }

    @Test
    void onlyThePortsAskedForAreTakenButThenAllOfTheirDatagrams() {
        byte[] other = ipv4(17, EXPORTER, COLLECTOR, udp(50_000, 9_995, new byte[] {99, 99}));
        byte[] file = pcap(RAW, captured(DATAGRAM, other));
        assertThat(read(file, 9_995).messages()).hasSize(1);
        assertThat(read(file, 9_995).packets()).isEqualTo(Map.of("taken", 1L, "other-port", 1L));
        assertThat(read(file, 2_055, 9_995).messages()).hasSize(2);
    }

    @Test
    void everyFlowProtocolIsKnownByItsFirstBytes() {
        List<Captured> packets = new ArrayList<>();
        for (int version : new int[] {1, 5, 7, 9, 10, 0, 2, 8}) {
            byte[] payload = {0, (byte) version, 0, 0, 0, 0};
            packets.addAll(captured(ipv4(17, 1, 2, udp(1, 2, payload))));
        }
        packets.addAll(captured(ipv4(17, 1, 2, udp(1, 2, new byte[] {0, 0, 0, 5, 0, 0, 0, 1}))));
        Read read = read(pcap(RAW, packets));
        assertThat(read.packets()).isEqualTo(Map.of("taken", 6L, "not-flow-export", 3L));
    }

    @Test
    void aGzippedFileIsReadAsWhatItHolds() {
        byte[] half = pcap(RAW, captured(DATAGRAM));
        byte[] more = Arrays.copyOfRange(half, 24, half.length);
        byte[] file = join(Captures.gzip(half), Captures.gzip(more)); // as cat joins them
        assertThat(read(file).messages()).containsExactly(flowsAt(0), flowsAt(0));

        byte[] cut = Captures.gzip(pcap(RAW, captured(DATAGRAM, DATAGRAM)));
        Read read = read(Arrays.copyOf(cut, cut.length - 10));
        assertThat(read.broken()).startsWith("/in/file:").contains("(unpacked): is no whole gzip");
    }

    @Test
    void ofAFileThatWasCutEverythingBeforeIsTakenAndThePlaceNamed() {
        byte[] file = pcap(RAW, captured(DATAGRAM, DATAGRAM));
        int second = 24 + 16 + DATAGRAM.length;
        Read read = read(Arrays.copyOf(file, file.length - 1));
        assertThat(read.messages()).containsExactly(flowsAt(0));
        assertThat(read.broken())
                .isEqualTo(
                        "/in/file:"
                                + second
                                + ": the file ends within a packet of "
                                + DATAGRAM.length
                                + " bytes");
        for (int length = 4; length < file.length; length++) {
            Read shorter = read(Arrays.copyOf(file, length));
            assertThat(shorter.messages()).hasSize(length >= second ? 1 : 0);
            assertThat(shorter.broken().isEmpty()).isEqualTo(length == 24 || length == second);
        }
        file[second + 8] = 0x7f; // captured bytes
        assertThat(read(file).broken()).contains("a packet claims to have 2130706");
    }

    @Test
    void aPcapngThatLiesEndsTheReadingAtItsPlace() {
        byte[] begin = join(Captures.section(BIG_ENDIAN), Captures.iface(BIG_ENDIAN, RAW, 6, 0));
        byte[] wrongInterface = Captures.enhanced(BIG_ENDIAN, 1, 0, DATAGRAM);
        byte[] longPacket = Captures.enhanced(BIG_ENDIAN, 0, 0, DATAGRAM);
        longPacket[21] = 1; // 65,536 bytes more than the block has
        byte[] noTotal = Captures.enhanced(BIG_ENDIAN, 0, 0, DATAGRAM);
        noTotal[7] = 3;
        for (byte[] bad : List.of(wrongInterface, longPacket, noTotal, new byte[] {0, 0, 0, 6})) {
            Read read = read(join(begin, Captures.enhanced(BIG_ENDIAN, 0, 0, DATAGRAM), bad));
            assertThat(read.messages()).hasSize(1);
            assertThat(read.broken())
                    .startsWith(
                            "/in/file:"
                                    + (begin.length
                                            + Captures.enhanced(BIG_ENDIAN, 0, 0, DATAGRAM).length)
                                    + ": ");
        }
    }

    @Test
    void aTimeThatCannotBeIsNone() {
        byte[] file =
                join(
                        Captures.section(BIG_ENDIAN),
                        Captures.iface(BIG_ENDIAN, RAW, 0, Long.MAX_VALUE / 1_000_000),
                        Captures.enhanced(BIG_ENDIAN, 0, 5, DATAGRAM));
        assertThat(read(file).messages()).containsExactly(flowsAt(0)); // the exporter's
        byte[] sflow = ipv4(17, 1, 2, udp(1, 2, new byte[] {0, 0, 0, 5}));
        assertThat(
                        read(join(
                                        Captures.section(BIG_ENDIAN),
                                        Captures.iface(BIG_ENDIAN, RAW, 6, 0),
                                        Captures.simple(BIG_ENDIAN, sflow)))
                                .packets())
                .isEqualTo(Map.of("no-time", 1L));
    }

    @Test
    void anIpfixFileIsItsMessagesWithTheirExportTimes() {
        byte[] file = join(Captures.ipfix(true, 0, 2, 0), Captures.ipfix(false, 3, 1, 2));
        assertThat(read(file).messages())
                .hasSize(2)
                .satisfiesExactly(
                        one -> assertThat(one).startsWith(" 0 >  0 at 0 "),
                        two -> assertThat(two).startsWith(" 0 >  0 at 3000000 "));
        int good = file.length;
        Read garbage = read(join(file, new byte[40], Captures.ipfix(false, 4, 1, 3)));
        assertThat(garbage.messages()).hasSize(2);
        assertThat(garbage.broken())
                .isEqualTo(
                        "/in/file:"
                                + good
                                + ": no IPFIX message begins here: version 0 where 10 is expected");
        assertThat(read(Arrays.copyOf(file, good - 1)).broken())
                .contains("ends within an IPFIX message of 32 bytes");
    }

    @Test
    void aFileOfAnotherKindIsRefusedWithWhatWasFound() {
        assertThat(read("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).broken())
                .isEqualTo(
                        "/in/file:0: neither a pcap, a pcapng nor an IPFIX file; found 68 65 6c 6c"
                                + " 6f");
        assertThat(read(new byte[0]).broken()).isEqualTo("/in/file:0: the file is empty");
        assertThat(read(new byte[] {(byte) 0xa5, 0x0c, 0, 1}).broken()).contains("nfreplay");
        assertThat(read(new byte[] {0x1f, (byte) 0x8b, 0, 1}).broken()).contains("gzip");
    }

    /** R7: whatever the bytes, reading ends, and every packet read has one fate. */
    @Test
    void bytesThatWereTurnedEndInSomeOutcome() {
        byte[] fragments =
                pcap(
                        RAW,
                        captured(
                                Captures.fragments4(1, 2, 3, udp(1, 2, FLOWS), 40)
                                        .toArray(new byte[0][])));
        byte[] section =
                join(
                        Captures.section(BIG_ENDIAN),
                        Captures.iface(BIG_ENDIAN, ETHERNET, 6, 0),
                        Captures.enhanced(
                                BIG_ENDIAN, 0, START_MICROS, ethernet(0x0800, DATAGRAM, 0x8100)));
        byte[] v6 = pcap(RAW, captured(ipv6(0, 1, 2, new byte[64])));
        for (byte[] file : List.of(fragments, section, v6, Captures.ipfix(true, 0, 2, 0))) {
            for (int at = 0; at < file.length; at++) {
                for (int mask : new int[] {1, 0x80, 0xff}) {
                    byte[] turned = file.clone();
                    turned[at] ^= (byte) mask;
                    Read read = read(turned);
                    assertThat(read.packets().getOrDefault("taken", 0L))
                            .isEqualTo(read.messages().size());
                }
            }
        }
    }
}
