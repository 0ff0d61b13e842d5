package io.narwhal.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What fuzzing begins with: the cases of the vector files, and the beginnings of the captures. */
public final class FuzzSeeds {
    private static final Path CAPTURES = Path.of("src", "test", "resources", "captures");
    private static final int DATAGRAMS_MAX = 3;

    private FuzzSeeds() {}

    /** Writes them into a directory: {@code FuzzSeeds DIRECTORY TARGET}. */
    public static void main(String[] args) throws IOException {
        write(Path.of(args[0]), args[1].equals("Every"));
    }

    /** All inputs; for {@link Fuzz.Every} with a byte in front that says to change no head. */
    static void write(Path directory, boolean every) throws IOException {
        Files.createDirectories(directory);
        int number = 0;
        for (byte[] seed : all()) {
            byte[] bytes = Arrays.copyOf(seed, seed.length + 1);
            if (every) {
                bytes[0] = 0;
                System.arraycopy(seed, 0, bytes, 1, seed.length);
            }
            Files.write(directory.resolve("seed-" + number++), every ? bytes : seed);
        }
    }

    static List<byte[]> all() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (Vector vector : Vector.readAll(VectorTest.FOLDER)) {
            seeds.add(Fuzz.input(vector.datagrams()));
        }
        for (String name : CaptureTest.captures()) {
            List<Pcap.Datagram> datagrams = Pcap.read(CAPTURES.resolve(name + ".pcap"));
            int count = Math.min(DATAGRAMS_MAX, datagrams.size());
            seeds.add(Fuzz.input(datagrams.subList(0, count)));
        }
        return seeds;
    }
}
