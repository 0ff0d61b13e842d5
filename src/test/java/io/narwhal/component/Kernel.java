package io.narwhal.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.narwhal.base.Answers;
import io.narwhal.base.InFlight;
import io.narwhal.base.UdpSocket;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedSet;
import java.util.TreeSet;

/** A socket of a kernel that remembers which datagrams it handed over. */
final class Kernel implements UdpSocket {
    private static final int BATCH_MAX = 3;
    private final int number;
    private final Deque<Script.Datagram> queue = new ArrayDeque<>();
    private final SortedSet<Integer> handed = new TreeSet<>();
    private long drops;
    private boolean refused;

    Kernel(int number) {
        this.number = number;
    }

    /** The same socket, as another process finds it. */
    Kernel copy() {
        var copy = new Kernel(number);
        copy.queue.addAll(queue);
        copy.handed.addAll(handed);
        copy.drops = drops;
        return copy;
    }

    void send(Script.Datagram datagram) {
        queue.addLast(datagram);
    }

    void drop(int datagrams) {
        drops += datagrams;
    }

    /** A new boot: another socket of the same number. */
    void reboot() {
        drops = 0;
        refused = false;
    }

    /** The area could not be journalled: nothing more may be taken before it could. */
    void setRefused(boolean refused) {
        this.refused = refused;
    }

    SortedSet<Integer> handed() {
        return handed;
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public long cookie() {
        return 1 + number;
    }

    @Override
    public int port() {
        return 2055 + number;
    }

    @Override
    public long drops() {
        return drops;
    }

    @Override
    public int receiveBufferBytes() {
        return 1;
    }

    @Override
    public int receive(InFlight area, int timeoutMs) {
        assertThat(refused).as("taken from the kernel while the last batch has no room").isFalse();
        int slot = 0;
        while (slot < BATCH_MAX && !queue.isEmpty()) {
            Script.Datagram datagram = queue.removeFirst();
            area.put(
                    slot++,
                    ByteBuffer.wrap(datagram.bytes()),
                    0,
                    0xffff_0a00_0001L,
                    4_000 + number);
            if (datagram.id() >= 0) {
                handed.add(datagram.id());
            }
        }
        return slot;
    }

    @Override
    public Answers answers(InFlight area) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
