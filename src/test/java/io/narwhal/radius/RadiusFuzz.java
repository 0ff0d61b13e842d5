package io.narwhal.radius;

import io.narwhal.base.Disk;
import io.narwhal.base.DiskFailure;
import io.narwhal.base.DiskFile;
import io.narwhal.base.SharedPage;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target for the room of RADIUS packets: what must hold whatever bytes come (R6). Jazzer calls
 * {@code fuzzerTestOneInput} of the class that it is given; see docs/testing.md.
 *
 * <pre>
 * first byte   bits 0-1  0 a packet as it stands | 1 a packet that is given its length and signed
 *                        2 a dictionary | 3 a dictionary, its length in two bytes, then a packet
 *              bit 2     the dictionary adds to what is shipped, which takes longer
 * </pre>
 *
 * Held against each input: only declared outcomes, so no exception; a request that is genuine has
 * an answer that is genuine, of at most 4,096 octets and no longer than the request; what is read
 * twice is the same; every attribute has a name and a value.
 */
public final class RadiusFuzz {
    private static final byte[] SECRET = "testing123".getBytes(StandardCharsets.US_ASCII);
    private static final Client CLIENT = new Client("::/0", 0, 0, 0, SECRET);
    private static final Path FILE = Path.of("dictionary");
    private static final byte[] FIXED = fixed();

    private RadiusFuzz() {}

    /** Packets and dictionaries. */
    public static final class Radius {
        public static void fuzzerTestOneInput(byte[] input) {
            run(input);
        }
    }

    /** Writes the seeds into a directory: {@code RadiusFuzz DIRECTORY TARGET}. */
    public static void main(String[] args) throws IOException {
        write(Path.of(args[0]));
    }

    static void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        int number = 0;
        for (byte[] seed : seeds()) {
            Files.write(directory.resolve("seed-" + number++), seed);
        }
    }

    /** The packets and dictionaries of the vectors, each in every way. */
    static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (PacketVector vector : PacketVector.readAll()) {
            byte[] packet = vector.packet();
            byte[] text = vector.dictionary();
            seeds.add(join(new byte[] {0}, packet));
            seeds.add(join(new byte[] {1}, packet));
            if (text.length > 0) {
                byte[] length = {3, (byte) (text.length >> 8), (byte) text.length};
                seeds.add(join(new byte[] {2}, text));
                seeds.add(join(new byte[] {6}, text));
                seeds.add(join(length, text, packet));
            }
        }
        return seeds;
    }

    private static byte[] join(byte[]... parts) {
        ByteBuffer joined =
                ByteBuffer.allocate(Arrays.stream(parts).mapToInt(one -> one.length).sum());
        Arrays.stream(parts).forEach(joined::put);
        return joined.array();
    }

    static void run(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        switch (input[0] & 3) {
            case 0 -> packet(rest, Dictionaries.shipped());
            case 1 -> packet(signed(rest), Dictionaries.shipped());
            case 2 -> packet(FIXED, dictionary(rest, isShipped(input)));
            default -> {
                int told = rest.length < 2 ? 0 : (rest[0] & 255) << 8 | rest[1] & 255;
                int from = Math.min(2, rest.length);
                int to = Math.min(from + told, rest.length);
                packet(
                        signed(Arrays.copyOfRange(rest, to, rest.length)),
                        dictionary(Arrays.copyOfRange(rest, from, to), isShipped(input)));
            }
        }
    }

    /** With the right length and authenticator, so that the fuzzer gets beyond them. */
    private static byte[] signed(byte[] packet) {
        int length = Math.min(packet.length, Attribute.PACKET_BYTES_MAX);
        if (length < Attribute.HEADER_BYTES) {
            return packet;
        }
        byte[] signed = Arrays.copyOf(packet, length);
        signed[0] = Attribute.ACCOUNTING_REQUEST;
        signed[2] = (byte) (length >> 8);
        signed[3] = (byte) length;
        new Signing()
                .add(signed, 0, 4)
                .addZeros()
                .add(signed, 20, length - 20)
                .endWithSecret(SECRET, signed, 4);
        return signed;
    }

    private static void packet(byte[] bytes, Dictionaries dictionaries) {
        var request = new AccountingRequest();
        boolean isRead = request.read(bytes, 0, bytes.length);
        if (isRead) {
            read(request, bytes);
        }
        names(bytes, new NamedAttributes(dictionaries), isRead);
        names(bytes, new NamedAttributes(new Dictionaries()), isRead);
        var verifier = new Verifier();
        switch (verifier.verify(bytes, 0, bytes.length, CLIENT)) {
            case Verifier.Verdict.Request() -> {
                check(isRead, "a genuine request can be read");
                answer(verifier, bytes);
            }
            case Verifier.Verdict.Status() -> answer(verifier, bytes);
            case Verifier.Verdict.Refused(var reason) ->
                    check(!reason.label().isEmpty(), "a refusal has a reason");
        }
    }

    private static void answer(Verifier verifier, byte[] bytes) {
        byte[] answer = new byte[Attribute.PACKET_BYTES_MAX];
        int octets = verifier.answer(bytes, 0, bytes.length, CLIENT, answer, 0);
        check(octets <= bytes.length, "an answer is no longer than its request");
        check(
                new AnswerCheck().isGenuine(answer, 0, octets, bytes, 0, SECRET),
                "an answer is genuine");
    }

    private static void read(AccountingRequest request, byte[] bytes) {
        long fingerprint = request.fingerprint();
        String said = said(request);
        byte[] moved = join(new byte[3], bytes);
        check(request.read(moved, 3, bytes.length), "read once, read again");
        check(fingerprint == request.fingerprint(), "a fingerprint does not change");
        check(said.equals(said(request)), "what is said does not change");
    }

    private static String said(AccountingRequest request) {
        var said = new StringBuilder();
        said.append(request.status()).append(request.nas()).append(request.subscriber());
        said.append(request.eventMs(1_700_000_000_000L));
        for (int type = 0; type < 256; type++) {
            said.append(request.has(type)).append(request.integer(type)).append(request.text(type));
        }
        check(request.addresses() <= AccountingRequest.ADDRESSES_MAX, "addresses are bounded");
        for (int i = 0; i < request.addresses(); i++) {
            int bits = request.addressBits(i);
            check(bits >= 0 && bits <= 128, "an address has 0 to 128 bits");
            said.append(request.addressHigh(i)).append(request.addressLow(i)).append(bits);
        }
        return said.toString();
    }

    private static void names(byte[] bytes, NamedAttributes names, boolean isRequest) {
        boolean holds =
                names.read(
                        bytes,
                        0,
                        bytes.length,
                        (name, value) -> {
                            check(!name.isEmpty(), "an attribute has a name");
                            check(
                                    value instanceof String
                                            || value instanceof Long
                                            || value instanceof BigInteger,
                                    "a value is a text or a number");
                        });
        check(holds || !isRequest, "what is read has attributes");
        check(names.of(bytes, 0, bytes.length) != null, "attributes can be gathered");
    }

    private static boolean isShipped(byte[] input) {
        return (input[0] & 4) != 0;
    }

    private static Dictionaries dictionary(byte[] text, boolean shipped) {
        var disk = new OneFile(text);
        return switch (shipped
                ? Dictionaries.read(List.of(FILE), disk)
                : new DictionaryFiles(disk, new Dictionaries()).read(List.of(FILE))) {
            case Dictionaries.Outcome.Loaded(var dictionaries, var warnings) -> {
                check(warnings.size() <= Dictionaries.PROBLEMS_MAX, "warnings are bounded");
                yield dictionaries;
            }
            case Dictionaries.Outcome.Refused(var problems) -> {
                check(!problems.isEmpty(), "a refusal has a problem");
                check(problems.size() <= Dictionaries.PROBLEMS_MAX + 1, "problems are bounded");
                check(
                        problems.stream().allMatch(one -> one.message().length() < 1_000),
                        "a message can be read");
                yield Dictionaries.shipped();
            }
        };
    }

    /** A packet with attributes of many vendors and lengths, for dictionaries to name. */
    private static byte[] fixed() {
        byte[] packet = new byte[Attribute.PACKET_BYTES_MAX];
        byte[] value = new byte[40];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) (i % 7);
        }
        var writer = new RequestWriter().begin(packet, 0, 1);
        for (int vendor : new int[] {0, 1, 7, 42, 4242}) {
            for (int type = 0; type < 12; type++) {
                writer.vendorOctets(vendor, type, value, type, type);
            }
        }
        for (int type = 1; type < 60; type++) {
            writer.octets(type, value, 0, type % 20);
        }
        return Arrays.copyOf(packet, writer.end(SECRET));
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** A disk that has the dictionary and nothing else. */
    private record OneFile(byte[] content) implements Disk {
        @Override
        public DiskFile open(Path file, Mode mode) {
            if (!file.equals(FILE)) {
                throw new DiskFailure("cannot open", file, null);
            }
            return new Reading(content);
        }

        @Override
        public boolean exists(Path path) {
            return path.equals(FILE);
        }

        @Override
        public List<String> list(Path directory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void createDirectories(Path directory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void rename(Path from, Path to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete(Path file) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void forceDirectory(Path directory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SharedPage page(Path file, int sizeBytes) {
            throw new UnsupportedOperationException();
        }
    }

    private record Reading(byte[] content) implements DiskFile {
        @Override
        public int read(ByteBuffer into, long position) {
            int count = Math.min(into.remaining(), content.length - (int) position);
            into.put(content, (int) position, count);
            return count;
        }

        @Override
        public void write(ByteBuffer from, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void force() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void truncate(long sizeBytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long size() {
            return content.length;
        }

        @Override
        public void close() {}
    }
}
