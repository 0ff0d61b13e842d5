package io.narwhal.base;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

/** {@link Answers} by the JDK alone: the system chooses the address that they leave from. */
final class PortableAnswers implements Answers {
    private final UdpSocket socket;
    private final DatagramChannel channel;
    private final InFlight area;
    private final List<Answer> waiting = new ArrayList<>();
    private int octets;

    private record Answer(ByteBuffer bytes, InetSocketAddress to) {}

    PortableAnswers(UdpSocket socket, DatagramChannel channel, InFlight area) {
        this.socket = socket;
        this.channel = channel;
        this.area = area;
    }

    @Override
    public int receive(int timeoutMs) {
        return socket.receive(area, timeoutMs);
    }

    @Override
    public boolean hasRoom() {
        return waiting.size() + InFlight.SLOTS <= COUNT_MAX && octets <= BYTES_MAX;
    }

    @Override
    public void put(int slot, byte[] answer, int length) {
        Check.that(length <= ANSWER_BYTES_MAX, "an answer has at most %d", ANSWER_BYTES_MAX);
        ByteBuffer bytes = ByteBuffer.allocate(length).put(answer, 0, length).flip();
        waiting.add(new Answer(bytes, source(slot)));
        octets += length;
    }

    private InetSocketAddress source(int slot) {
        var address = ByteBuffer.allocate(16);
        address.putLong(area.sourceHigh(slot)).putLong(area.sourceLow(slot));
        try {
            // An IPv4 address in its IPv6 form becomes one of IPv4.
            return new InetSocketAddress(
                    InetAddress.getByAddress(address.array()), area.sourcePort(slot));
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are an address", e);
        }
    }

    @Override
    public int send() {
        int sent = 0;
        for (Answer answer : waiting) {
            try {
                sent += channel.send(answer.bytes, answer.to) > 0 ? 1 : 0;
            } catch (IOException e) {
                // Not sent, and so not counted: who asked will ask again.
            }
        }
        waiting.clear();
        octets = 0;
        return sent;
    }

    @Override
    public void close() {
        waiting.clear();
    }
}
