package io.narwhal.wire;

import io.narwhal.Distribution;
import io.narwhal.record.Addresses;
import io.narwhal.record.Field;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Makes the captures in src/test/resources/captures, each with its expected values: lets real
 * exporters meter known traffic and send to a port of this machine. The script {@code make} beside
 * the captures runs it. Values come from tshark, record by record, and from the traffic that was
 * fed in; where these two disagree, no capture is made. Nothing here asks a decoder of Narwhal's.
 */
final class CaptureMaker {
    private static final long START_MICROS = 1_767_225_600_000_000L;
    private static final int PORT = 29_055;
    private static final int DISCARD = 29_009;
    private static final int QUIET_MS = 1_500;
    private static final long PATIENCE_SECONDS = 90;

    /** What an exporter counts as the octets of a packet, and so what must add up. */
    private enum Octets {
        IP,
        FRAME,
        /** Octets of IP, but only the traffic says it: tshark does not find all of it. */
        SUMS,
        /** Only tshark says it: the exporter leaves out some of the traffic. */
        SOME
    }

    private static final Octets IP = Octets.IP;
    private static final Octets FRAME = Octets.FRAME;
    private static final Octets SUMS = Octets.SUMS;
    private static final Octets SOME = Octets.SOME;

    /** An exporter, and what its records must add up to. */
    private record Made(
            String name,
            String about,
            Predicate<InputTraffic.Packet> metered,
            Octets octets,
            boolean sflow,
            String extra) {}

    private final Path captures;
    private final Path work;
    private final Tshark tshark;
    private final Path plain;
    private final Path tagged;
    private final List<InputTraffic.Packet> plainPackets = InputTraffic.make(START_MICROS, 1);
    private final List<InputTraffic.Packet> taggedPackets = InputTraffic.make(START_MICROS, 4);

    private CaptureMaker(Path captures, Tshark tshark) throws IOException {
        this.captures = captures;
        this.tshark = tshark;
        this.work = Files.createTempDirectory("captures");
        this.plain = work.resolve("plain.pcap");
        this.tagged = work.resolve("tagged.pcap");
        write(plain, plainPackets);
        write(tagged, taggedPackets);
    }

    private static void write(Path file, List<InputTraffic.Packet> packets) throws IOException {
        Files.write(file, PcapFile.of(packets.stream().map(InputTraffic.Packet::frame).toList()));
    }

    /** Arguments: the directory of the captures, then parts of names; all when there are none. */
    public static void main(String[] args) throws Exception {
        Distribution.Search search = Distribution.search("tshark", "tshark");
        if (!(search instanceof Distribution.Search.Found(var program))) {
            throw new IOException(search.toString());
        }
        CaptureMaker maker = new CaptureMaker(Path.of(args[0]), new Tshark(program));
        List<String> only = Arrays.asList(args).subList(1, args.length);
        for (Job job : maker.jobs()) {
            if (only.isEmpty() || only.stream().anyMatch(job.made.name::contains)) {
                maker.make(job);
            }
        }
    }

    private interface Run {
        void run() throws Exception;
    }

    private record Job(Made made, List<InputTraffic.Packet> packets, Run run) {}

    private List<Job> jobs() {
        List<Job> jobs = new ArrayList<>();
        Predicate<InputTraffic.Packet> ipv4 = p -> !p.ipv6();
        Predicate<InputTraffic.Packet> all = _ -> true;
        jobs.add(softflowd("softflowd-v1", ipv4, IP, "", "-v", "1"));
        jobs.add(softflowd("softflowd-v5", ipv4, IP, "", "-v", "5"));
        jobs.add(softflowd("softflowd-v9", all, IP, "", "-v", "9", "-6"));
        jobs.add(softflowd("softflowd-ipfix", all, IP, "", "-v", "10", "-6"));
        // tshark leaves the reverse direction of a record out.
        jobs.add(softflowd("softflowd-ipfix-biflow", all, SUMS, "", "-v", "10", "-6", "-b"));
        jobs.add(softflowd("softflowd-ipfix-nano", all, IP, "", "-v", "10", "-6", "-A", "nano"));
        // With version 5 it is not known which packets it takes; with 9 it is the first of four.
        jobs.add(softflowd("softflowd-v5-sampled", ipv4, SOME, "sampling 4", "-v", "5", "-s", "4"));
        // Its version 9 header counts one record too few here, and tshark goes by that.
        jobs.add(
                softflowd(
                        "softflowd-v9-sampled",
                        everyFourth(plainPackets),
                        SUMS,
                        "sampling 4",
                        "-v",
                        "9",
                        "-6",
                        "-s",
                        "4"));
        jobs.add(
                pmacctd(
                        "pmacctd-v9-sampled",
                        all,
                        SOME,
                        false,
                        "sampling 4",
                        "nfprobe_version: 9\nsampling_rate: 4"));
        jobs.add(pmacctd("pmacctd-v5", ipv4, IP, false, "", "nfprobe_version: 5"));
        jobs.add(pmacctd("pmacctd-v9", all, IP, false, "", "nfprobe_version: 9"));
        jobs.add(pmacctd("pmacctd-ipfix", all, IP, false, "", "nfprobe_version: 10"));
        // It keeps the last samples when it ends, and knows no QinQ.
        jobs.add(pmacctd("pmacctd-sflow", all, SOME, true, "sampling 1", ""));
        jobs.add(
                pmacctd(
                        "pmacctd-sflow-sampled",
                        all,
                        SOME,
                        true,
                        "sampling 3",
                        "sampling_rate: 3"));
        jobs.add(ovs("ovs-netflow", "netflow", ipv4, FRAME, false, ""));
        jobs.add(ovs("ovs-sflow", "sflow", all, FRAME, true, "sampling 1"));
        jobs.add(ovs("ovs-ipfix", "ipfix", all, IP, false, ""));
        for (int version : new int[] {1, 5, 7}) {
            jobs.add(fprobe(version));
        }
        jobs.add(nfreplay(5, ipv4));
        jobs.add(nfreplay(9, all));
        return jobs;
    }

    private static Predicate<InputTraffic.Packet> everyFourth(List<InputTraffic.Packet> of) {
        return packet -> of.contains(packet) && of.indexOf(packet) % 4 == 0;
    }

    private Job softflowd(
            String name,
            Predicate<InputTraffic.Packet> metered,
            Octets octets,
            String extra,
            String... options) {
        List<String> command = new ArrayList<>(List.of("softflowd", "-d", "-a", "-r"));
        command.add(plain.getFileName().toString());
        command.addAll(List.of("-n", "127.0.0.1:" + PORT, "-p", "s.pid", "-c", "s.ctl"));
        command.addAll(Arrays.asList(options));
        String about = String.join(" ", command);
        return new Job(
                new Made(name, about, metered, octets, false, extra),
                plainPackets,
                () -> run(command, work, 0));
    }

    private Job pmacctd(
            String name,
            Predicate<InputTraffic.Packet> metered,
            Octets octets,
            boolean sflow,
            String extra,
            String option) {
        boolean probe = !sflow;
        List<String> lines = new ArrayList<>();
        lines.add("daemonize: false");
        lines.add("pcap_savefile: " + (sflow ? tagged : plain).getFileName());
        lines.add("pcap_savefile_wait: 12");
        lines.add("plugins: " + (probe ? "nfprobe" : "sfprobe"));
        lines.add((probe ? "nfprobe" : "sfprobe") + "_receiver: 127.0.0.1:" + PORT);
        if (probe) {
            lines.add("aggregate: src_host,dst_host,src_port,dst_port,proto,tos");
        }
        if (!option.isEmpty()) {
            lines.addAll(option.lines().toList());
        }
        String config = String.join("\n", lines) + "\n";
        return new Job(
                new Made(
                        name,
                        "pmacctd -f FILE\n#   " + String.join("\n#   ", lines),
                        metered,
                        octets,
                        sflow,
                        extra),
                sflow ? taggedPackets : plainPackets,
                () -> {
                    Files.writeString(work.resolve("pmacctd.conf"), config);
                    run(List.of("pmacctd", "-f", "pmacctd.conf"), work, 8);
                });
    }

    private Job ovs(
            String name,
            String kind,
            Predicate<InputTraffic.Packet> metered,
            Octets octets,
            boolean sflow,
            String extra) {
        List<InputTraffic.Packet> packets = sflow ? taggedPackets : plainPackets;
        Path script = captures.resolve("ovs").toAbsolutePath();
        return new Job(
                new Made(name, "ovs " + kind + " PORT FRAMES", metered, octets, sflow, extra),
                packets,
                () -> {
                    Path directory = Files.createTempDirectory(work, "ovs");
                    List<String> lines = packets.stream().map(p -> hex(p.frame().bytes())).toList();
                    Files.write(directory.resolve("frames"), lines);
                    run(List.of(script.toString(), kind, "" + PORT, "frames"), directory, 0);
                });
    }

    /** What nfcapd has stored of softflowd, sent again. */
    private Job nfreplay(int version, Predicate<InputTraffic.Packet> metered) {
        String script =
                """
                mkdir -p nf$V
                nfcapd -b 127.0.0.1 -p $STORE -w nf$V -t 3600 & collector=$!
                sleep 1
                softflowd -d -a -r plain.pcap -n 127.0.0.1:$STORE -p s.pid -c s.ctl -v $V -6
                sleep 1
                kill -TERM $collector
                wait
                nfreplay -H 127.0.0.1 -p $PORT -v $V -r nf$V/nfcapd.2*
                """
                        .replace("$STORE", "" + (PORT + 1))
                        .replace("$PORT", "" + PORT)
                        .replace("$V", "" + version);
        return new Job(
                new Made(
                        "nfreplay-v" + version,
                        script.strip().replace("\n", "\n# "),
                        metered,
                        IP,
                        false,
                        ""),
                plainPackets,
                () -> run(List.of("bash", "-c", script), work, 0));
    }

    /** fprobe reads no files: it meters what is sent on loopback meanwhile. */
    private Job fprobe(int version) {
        List<String> command = new ArrayList<>(List.of("fprobe", "-i", "lo", "-n", "" + version));
        command.addAll(List.of("-f", "udp and dst port " + DISCARD, "-p", "-s", "1", "-d", "2"));
        command.addAll(List.of("-l", "2", "127.0.0.1:" + PORT));
        List<InputTraffic.Packet> sent = new ArrayList<>();
        return new Job(
                new Made("fprobe-v" + version, String.join(" ", command), _ -> true, IP, false, ""),
                sent,
                () -> {
                    Thread traffic = Thread.ofPlatform().start(() -> sendOnLoopback(sent));
                    run(command, work, 9);
                    traffic.join();
                });
    }

    private static void sendOnLoopback(List<InputTraffic.Packet> sent) {
        try {
            Thread.sleep(2_000);
            for (int i = 0; i < 60; i++) {
                int length = 10 + i * 17 % 900;
                String from = "127.0.0." + (41 + i % 12);
                String to = "127.0.0." + (81 + i % 5);
                try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(from, 0))) {
                    InetSocketAddress target = new InetSocketAddress(to, DISCARD);
                    socket.send(new DatagramPacket(new byte[length], length, target));
                }
                sent.add(
                        new InputTraffic.Packet(
                                new PcapFile.Frame(0, new byte[0]),
                                from + ' ' + to + " 17",
                                false,
                                InputTraffic.Wrap.PLAIN,
                                28 + length));
                Thread.sleep(5);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs a command to its end, or for so many seconds and then ends it. */
    private static void run(List<String> command, Path directory, int seconds) throws Exception {
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("log").toFile())
                        .start();
        try {
            if (!process.waitFor(seconds == 0 ? PATIENCE_SECONDS : seconds, TimeUnit.SECONDS)) {
                process.toHandle().destroy();
                process.waitFor(10, TimeUnit.SECONDS);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private void make(Job job) throws Exception {
        List<Pcap.Datagram> datagrams = receive(job.run);
        Made made = job.made;
        List<List<Tshark.Found>> found = tshark.dissect(datagrams, work, made.sflow);
        StringBuilder out = new StringBuilder();
        out.append("# ").append(made.about).append('\n');
        TreeMap<String, InputTraffic.Sum> sums = new TreeMap<>();
        boolean listed = made.octets != SUMS;
        for (int d = 0; d < found.size(); d++) {
            for (Tshark.Found record : found.get(d)) {
                if (TsharkIT.place(record, Field.SRC_ADDR) == null) {
                    continue; // an options record
                }
                Line line = new Line(record, datagrams.get(d).payload(), made.sflow);
                if (listed) {
                    out.append(line.text()).append('\n');
                }
                sums.merge(line.key(), line.sum(), InputTraffic.Sum::plus);
            }
        }
        if (!made.extra.isEmpty()) {
            out.append(made.extra).append('\n');
        }
        TreeMap<String, InputTraffic.Sum> truth = truth(job);
        if (!listed) {
            truth.forEach((key, sum) -> out.append(text(key, sum)));
        }
        System.out.printf(
                "%s: %d datagrams, %d bytes, %d records, sums %s the traffic%n",
                made.name,
                datagrams.size(),
                datagrams.stream().mapToInt(d -> d.payload().length).sum(),
                found.stream().mapToInt(List::size).sum(),
                sums.equals(truth) ? "equal" : "DIFFER FROM");
        if (!sums.equals(truth) && made.octets != SOME && listed) {
            differences(sums, truth);
            return;
        }
        Files.createDirectories(captures);
        Files.write(captures.resolve(made.name + ".pcap"), PcapFile.ofDatagrams(datagrams, PORT));
        Files.writeString(captures.resolve(made.name + ".txt"), out);
    }

    private static String text(String key, InputTraffic.Sum sum) {
        return "sum " + key + ' ' + sum.octets() + ' ' + sum.packets() + '\n';
    }

    private static void differences(
            TreeMap<String, InputTraffic.Sum> sums, TreeMap<String, InputTraffic.Sum> truth) {
        TreeMap<String, InputTraffic.Sum> keys = new TreeMap<>(sums);
        keys.putAll(truth);
        keys.keySet().stream()
                .filter(key -> !java.util.Objects.equals(sums.get(key), truth.get(key)))
                .limit(8)
                .forEach(k -> System.out.println(k + " " + sums.get(k) + " <> " + truth.get(k)));
    }

    private static TreeMap<String, InputTraffic.Sum> truth(Job job) {
        if (job.made.octets != FRAME) {
            return InputTraffic.sums(job.packets, job.made.metered);
        }
        TreeMap<String, InputTraffic.Sum> sums = new TreeMap<>();
        for (InputTraffic.Packet packet : job.packets) {
            if (!job.made.metered.test(packet)) {
                continue;
            }
            // What sFlow calls the length of a frame includes the checksum on the wire.
            long bytes = packet.frame().bytes().length + (job.made.sflow ? 4 : 0);
            sums.merge(packet.key(), new InputTraffic.Sum(bytes, 1), InputTraffic.Sum::plus);
        }
        return sums;
    }

    /** A record as tshark has it. */
    private record Line(Tshark.Found record, byte[] payload, boolean sflow) {
        private String value(Field field, String otherwise) {
            Tshark.Place place = TsharkIT.place(record, field);
            return place == null ? otherwise : TsharkIT.value(field, place, payload);
        }

        String key() {
            return value(Field.SRC_ADDR, "?")
                    + ' '
                    + value(Field.DST_ADDR, "?")
                    + ' '
                    + value(Field.PROTOCOL, "?");
        }

        InputTraffic.Sum sum() {
            return new InputTraffic.Sum(
                    Long.parseLong(value(Field.OCTETS, "0")),
                    Long.parseLong(value(Field.PACKETS, sflow ? "1" : "0")));
        }

        String text() {
            return "record "
                    + key()
                    + ' '
                    + value(Field.SRC_PORT, "-")
                    + ' '
                    + value(Field.DST_PORT, "-")
                    + ' '
                    + sum().octets()
                    + ' '
                    + sum().packets();
        }
    }

    /** What comes to the port while the exporter runs, and a little longer. */
    private static List<Pcap.Datagram> receive(Run run) throws Exception {
        List<Pcap.Datagram> datagrams = new ArrayList<>();
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", PORT))) {
            socket.setReceiveBufferSize(4 << 20);
            Exception[] failed = new Exception[1];
            Thread exporter =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            run.run();
                                        } catch (Exception e) {
                                            failed[0] = e;
                                        }
                                    });
            socket.setSoTimeout(QUIET_MS);
            byte[] bytes = new byte[65_536];
            for (boolean more = true; more; ) {
                DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                try {
                    socket.receive(packet);
                    InetAddress from = packet.getAddress();
                    datagrams.add(
                            new Pcap.Datagram(
                                    Addresses.high(from),
                                    Addresses.low(from),
                                    packet.getPort(),
                                    System.currentTimeMillis() * 1_000,
                                    Arrays.copyOf(bytes, packet.getLength())));
                } catch (SocketTimeoutException e) {
                    more = exporter.isAlive();
                }
            }
            exporter.join();
            if (failed[0] != null) {
                throw failed[0];
            }
        }
        return datagrams;
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
