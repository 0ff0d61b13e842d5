package io.narwhal.remote;

import io.narwhal.transfer.FromAgent;
import io.narwhal.transfer.FromManager;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target for the messages between hosts: what must hold whatever bytes come (R63). Jazzer
 * calls {@code fuzzerTestOneInput} of the class that it is given; see docs/testing.md.
 *
 * <pre>
 * first byte   bit 0  0 an agent's message | 1 a manager's
 * the rest     the message
 * </pre>
 *
 * Held against each input: no exception; what is a message is the same after it was written and
 * read again; what is none says why.
 */
public final class TransferFuzz {
    private TransferFuzz() {}

    /** Messages of both sides. */
    public static final class Transfer {
        public static void fuzzerTestOneInput(byte[] input) {
            run(input);
        }
    }

    /** Writes the seeds into a directory: {@code TransferFuzz DIRECTORY TARGET}. */
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

    /** Each message, whole and cut. */
    static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (FromAgent message : CodecTest.fromAgents()) {
            add(seeds, 0, Encoder.encode(message).toByteArray());
        }
        for (FromManager message : CodecTest.fromManagers()) {
            add(seeds, 1, Encoder.encode(message).toByteArray());
        }
        return seeds;
    }

    private static void add(List<byte[]> seeds, int side, byte[] message) {
        byte[] seed = new byte[message.length + 1];
        seed[0] = (byte) side;
        System.arraycopy(message, 0, seed, 1, message.length);
        seeds.add(seed);
        seeds.add(Arrays.copyOf(seed, (seed.length + 1) / 2));
    }

    static void run(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] message = Arrays.copyOfRange(input, 1, input.length);
        if ((input[0] & 1) == 0) {
            agent(message);
        } else {
            manager(message);
        }
    }

    private static void agent(byte[] bytes) {
        switch (Decoder.fromAgent(bytes)) {
            case Decoded.Message<FromAgent>(FromAgent message, int _) -> {
                byte[] again = Encoder.encode(message).toByteArray();
                check(
                        Decoder.fromAgent(again)
                                .equals(new Decoded.Message<>(message, again.length)));
            }
            case Decoded.Malformed<FromAgent>(String why) -> check(!why.isEmpty());
        }
    }

    private static void manager(byte[] bytes) {
        switch (Decoder.fromManager(bytes)) {
            case Decoded.Message<FromManager>(FromManager message, int _) -> {
                byte[] again = Encoder.encode(message).toByteArray();
                check(
                        Decoder.fromManager(again)
                                .equals(new Decoded.Message<>(message, again.length)));
            }
            case Decoded.Malformed<FromManager>(String why) -> check(!why.isEmpty());
        }
    }

    private static void check(boolean holds) {
        if (!holds) {
            throw new AssertionError("a message is another after it was written");
        }
    }
}
