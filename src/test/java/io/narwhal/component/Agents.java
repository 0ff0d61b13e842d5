package io.narwhal.component;

import io.narwhal.Recorder;
import io.narwhal.record.Addresses;
import io.narwhal.record.Origin;
import io.narwhal.record.ReceivedBlock;
import io.narwhal.record.Transport;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Collectors on other hosts: makes the frames that a manager has of what they received. */
final class Agents {
    /** One of them, whose journal begins with the first frame that is made. */
    static final class Agent {
        private final String link;
        private final String stream;
        private long epoch;
        private long position = 4_096;
        private long sequence;
        private long datagrams;
        private long octets;
        long kernelDrops;

        Agent(String link, String stream, long epoch) {
            this.link = link;
            this.stream = stream;
            this.epoch = epoch;
        }

        /** Its store was lost: a new one begins. */
        void reborn() {
            epoch++;
            position = 4_096;
            sequence = 0;
            datagrams = 0;
            octets = 0;
        }

        private byte[] frame(byte[] block, int flags) {
            long through = position + block.length + 16;
            byte[] frame =
                    new Origin(
                                    epoch,
                                    1,
                                    position,
                                    through,
                                    ++sequence,
                                    sequence,
                                    flags,
                                    link,
                                    stream)
                            .before(block);
            position = through;
            return frame;
        }

        /** A stretch of that many bytes is lost. */
        byte[] gap(long bytes) {
            var origin =
                    new Origin(
                            epoch,
                            1,
                            position,
                            position + bytes,
                            ++sequence,
                            sequence,
                            Origin.GAP,
                            link,
                            stream);
            position += bytes;
            return origin.before(new byte[0]);
        }

        byte[] mark(ReceivedBlock.Kind kind, long arrivalMs) {
            return frame(block(kind, arrivalMs, List.of()), 0);
        }

        byte[] datagrams(long arrivalMs, List<Recorder.Sent> sent) {
            return frame(block(ReceivedBlock.Kind.DATAGRAMS, arrivalMs, sent), 0);
        }

        byte[] requests(long arrivalMs, List<Recorder.Sent> sent) {
            return frame(block(ReceivedBlock.Kind.REQUESTS, arrivalMs, sent), 0);
        }

        /** The block as the collector of that host journals it. */
        byte[] block(ReceivedBlock.Kind kind, long arrivalMs, List<Recorder.Sent> sent) {
            datagrams += sent.size();
            octets += sent.stream().mapToLong(one -> one.payload().length).sum();
            int size = ReceivedBlock.HEADER_BYTES;
            for (Recorder.Sent one : sent) {
                size += ReceivedBlock.DATAGRAM_HEADER_BYTES + one.payload().length;
            }
            ByteBuffer out = ByteBuffer.allocate(size);
            new ReceivedBlock.Header(
                            kind,
                            0,
                            0,
                            Transport.UDP,
                            sent.size(),
                            arrivalMs * 1_000,
                            sequence,
                            link.hashCode(),
                            kernelDrops,
                            datagrams,
                            octets)
                    .write(out);
            for (Recorder.Sent one : sent) {
                InetSocketAddress from = one.source();
                ReceivedBlock.writeDatagramHeader(
                        out,
                        one.payload().length,
                        from.getPort(),
                        Addresses.high(from.getAddress()),
                        Addresses.low(from.getAddress()));
                out.put(one.payload());
            }
            return out.array();
        }
    }

    private Agents() {}

    /** Frames of up to 8 datagrams each, a millisecond after the other. */
    static List<byte[]> received(Agent agent, long beginMs, List<Recorder.Sent> sent) {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < sent.size(); i += 8) {
            frames.add(agent.datagrams(beginMs + i, sent.subList(i, Math.min(i + 8, sent.size()))));
        }
        return frames;
    }
}
