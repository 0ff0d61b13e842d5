package io.narwhal.capture;

import io.narwhal.base.Disk;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * A file of captured traffic or of IPFIX messages, as the datagrams or messages in it, in their
 * order. What the file is its first bytes say, not its name.
 */
public final class RecordFile implements AutoCloseable {
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final int IPFIX = 10;
    private static final int IPFIX_HEADER_BYTES = 16;
    private static final int NFCAPD = 0xa50c;

    /** What a file may be. */
    public enum Format {
        /** Captured packets, libpcap's file. */
        PCAP,
        /** Captured packets, the newer file. */
        PCAPNG,
        /** IPFIX messages, one behind the other (RFC 5655). */
        IPFIX;

        /** As in the list of files. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What {@link #next} came to. */
    public enum Step {
        /** A message; {@link #message} is it. */
        MESSAGE,
        /** The file is over. */
        END,
        /** The file goes on with something that cannot be read; see {@link #broken}. */
        BROKEN
    }

    /** What became of opening a file. */
    public sealed interface Opened {
        /** It can be read. */
        record Readable(RecordFile file) implements Opened {}

        /** It is none of ours. The message says where and what. */
        record Foreign(String message) implements Opened {}
    }

    private final Path path;
    private final FileInput in;
    private final Format format;
    private final @Nullable PacketFile packets;
    private final Counts counts = new Counts();
    private final Datagrams datagrams;
    private final Packet packet = new Packet();
    private final Message message = new Message();
    private String broken = "";

    private RecordFile(
            Path path,
            FileInput in,
            Format format,
            @Nullable PacketFile packets,
            Set<Integer> ports) {
        this.path = path;
        this.in = in;
        this.format = format;
        this.packets = packets;
        this.datagrams = new Datagrams(ports, counts);
    }

    /**
     * Opens a file.
     *
     * @param ports UDP ports whose datagrams are wanted; with none, all datagrams that begin like a
     *     flow protocol. Of no meaning in an IPFIX file.
     * @throws io.narwhal.base.DiskFailure when it cannot be read
     */
    public static Opened open(Disk disk, Path path, Set<Integer> ports) {
        var in = new FileInput(disk.open(path, Disk.Mode.READ));
        try {
            if (in.has(4)) {
                int magic = (int) INTS.get(in.bytes(), in.offset());
                if (PcapFile.isMagic(magic)) {
                    return readable(path, in, Format.PCAP, new PcapFile(in, magic), ports);
                }
                if (magic == PcapngFile.SECTION) {
                    return readable(path, in, Format.PCAPNG, new PcapngFile(in), ports);
                }
                if (magic >>> 16 == IPFIX) {
                    return readable(path, in, Format.IPFIX, null, ports);
                }
            }
            String message = path + ":0: " + foreign(in);
            in.close();
            return new Opened.Foreign(message);
        } catch (RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private static Opened readable(
            Path path,
            FileInput in,
            Format format,
            @Nullable PacketFile packets,
            Set<Integer> ports) {
        return new Opened.Readable(new RecordFile(path, in, format, packets, ports));
    }

    private static String foreign(FileInput in) {
        if (!in.failure().isEmpty()) {
            return in.failure();
        }
        if (in.remaining() == 0) {
            return "the file is empty";
        }
        var found = new StringBuilder();
        for (int i = 0; i < Math.min(8, in.remaining()); i++) {
            found.append(String.format(Locale.ROOT, " %02x", in.bytes()[in.offset() + i]));
        }
        boolean nfcapd =
                in.remaining() >= 2
                        && ((int) (short) SHORTS.get(in.bytes(), in.offset()) & 0xffff) == NFCAPD;
        return (nfcapd
                        ? "an nfcapd file, which is not read here; replay it into a collector with"
                                + " nfreplay"
                        : "neither a pcap, a pcapng nor an IPFIX file")
                + "; found"
                + found;
    }

    /** What the file is. */
    public Format format() {
        return format;
    }

    /** The one message, after {@link Step#MESSAGE} and until the next call. */
    public Message message() {
        return message;
    }

    /** What became of the packets so far. */
    public Counts counts() {
        return counts;
    }

    /** Bytes of the file that were read so far. */
    public long fileBytes() {
        return in.fileBytes();
    }

    /** SHA-256 of the file as it was read, in hexadecimal; reads what is left of it. */
    public String digest() {
        return FileDigest.text(in.digest());
    }

    /** What cannot be read, with file and byte. */
    public String broken() {
        return broken;
    }

    /**
     * Counts the message that is current otherwise than as taken, as the caller cannot take it.
     *
     * @param fate why
     */
    public void refuse(Fate fate) {
        counts.add(Fate.TAKEN, -1);
        counts.add(fate);
    }

    /** Goes on to the next message. */
    public Step next() {
        return packets == null ? nextMessage() : nextDatagram(packets);
    }

    private Step nextDatagram(PacketFile from) {
        while (true) {
            switch (from.next(packet)) {
                case PACKET -> {
                    if (datagrams.take(packet, message)) {
                        if (message.micros() != Packet.NO_TIME) {
                            counts.add(Fate.TAKEN);
                            return Step.MESSAGE;
                        }
                        counts.add(Fate.NO_TIME);
                    }
                }
                case END -> {
                    datagrams.end();
                    return Step.END;
                }
                case BROKEN -> {
                    datagrams.end();
                    return broken(from.broken());
                }
            }
        }
    }

    private Step nextMessage() {
        if (!in.has(IPFIX_HEADER_BYTES)) {
            return in.remaining() == 0 && in.failure().isEmpty()
                    ? Step.END
                    : broken("the file ends within the header of an IPFIX message");
        }
        int version = number(0);
        int length = number(2);
        if (version != IPFIX) {
            return broken(
                    "no IPFIX message begins here: version "
                            + version
                            + " where "
                            + IPFIX
                            + " is expected");
        }
        if (length < IPFIX_HEADER_BYTES) {
            return broken("an IPFIX message claims to have " + length + " bytes");
        }
        if (!in.has(length)) {
            return broken("the file ends within an IPFIX message of " + length + " bytes");
        }
        long seconds = (int) INTS.get(in.bytes(), in.offset() + 4) & 0xffff_ffffL;
        message.setPayload(in.bytes(), in.offset(), length);
        message.setMicros(seconds * 1_000_000);
        in.consume(length);
        counts.add(Fate.TAKEN);
        return Step.MESSAGE;
    }

    private int number(int at) {
        return (short) SHORTS.get(in.bytes(), in.offset() + at) & 0xffff;
    }

    private Step broken(String what) {
        broken =
                path
                        + ":"
                        + in.position()
                        + (in.isPacked() ? " (unpacked): " : ": ")
                        + (in.failure().isEmpty() ? what : in.failure());
        return Step.BROKEN;
    }

    @Override
    public void close() {
        in.close();
    }
}
