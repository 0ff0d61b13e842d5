package io.narwhal.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Answers;
import io.narwhal.base.InFlight;
import io.narwhal.base.UdpSocket;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** A socket whose queue a test fills, and which keeps what was answered. */
class AskingSocket implements UdpSocket {
    static final long HIGH = 0;
    static final long LOW = 0xffff_c000_0201L; // 192.0.2.1

    /** What was sent to it. */
    record Datagram(byte[] bytes, long low, int port) {}

    private final Deque<Datagram> queue = new ArrayDeque<>();
    private final List<byte[]> put = new ArrayList<>();
    private final int batchMax;
    final List<byte[]> answered = new ArrayList<>();
    private final Runnable onSend;
    int taken;
    int receives;
    int refuses;
    boolean released;

    /**
     * A socket without anything.
     *
     * @param batchMax datagrams that it gives at once
     * @param onSend is told when answers are about to leave
     */
    AskingSocket(int batchMax, Runnable onSend) {
        this.batchMax = batchMax;
        this.onSend = onSend;
    }

    void ask(byte[] packet) {
        ask(packet, LOW, 1_024);
    }

    void ask(byte[] packet, long low, int port) {
        queue.addLast(new Datagram(packet, low, port));
    }

    int queued() {
        return queue.size();
    }

    /** The same socket as the next process has it: with its queue, without what that one put. */
    AskingSocket successor(Runnable onSend) {
        var next = new AskingSocket(batchMax, onSend);
        next.queue.addAll(queue);
        next.answered.addAll(answered);
        return next;
    }

    @Override
    public Answers answers(InFlight area) {
        return new Answers() {
            @Override
            public int receive(int timeoutMs) {
                return AskingSocket.this.receive(area, timeoutMs);
            }

            @Override
            public boolean hasRoom() {
                return put.size() + InFlight.SLOTS <= COUNT_MAX;
            }

            @Override
            public void put(int slot, byte[] answer, int length) {
                assertThat(area.length(slot)).as("the area holds what is answered").isPositive();
                put.add(Arrays.copyOf(answer, length));
            }

            @Override
            public int send() {
                onSend.run();
                int sent = Math.max(0, put.size() - refuses);
                answered.addAll(put.subList(0, sent));
                put.clear();
                return sent;
            }

            @Override
            public void close() {
                released = true;
            }
        };
    }

    @Override
    public int receive(InFlight area, int timeoutMs) {
        receives++;
        int slot = 0;
        while (slot < batchMax && !queue.isEmpty()) {
            Datagram datagram = queue.removeFirst();
            area.put(slot++, ByteBuffer.wrap(datagram.bytes), HIGH, datagram.low, datagram.port);
            taken++;
        }
        return slot;
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public long cookie() {
        return 77;
    }

    @Override
    public int port() {
        return 1813;
    }

    @Override
    public long drops() {
        return 0;
    }

    @Override
    public int receiveBufferBytes() {
        return 1;
    }

    @Override
    public void close() {}
}
