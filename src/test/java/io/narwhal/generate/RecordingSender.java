package io.narwhal.generate;

import io.narwhal.base.SentDatagrams;

import java.util.ArrayList;
import java.util.List;

/** Keeps what it is given to send, exporter by exporter. */
final class RecordingSender extends SentDatagrams {
    final List<List<byte[]>> sent = new ArrayList<>();

    RecordingSender(int sockets) {
        for (int i = 0; i < sockets; i++) {
            sent.add(new ArrayList<>());
        }
    }

    @Override
    public void send(int socket, int[] lengths, int count) {
        for (int slot = 0; slot < count; slot++) {
            byte[] datagram = new byte[lengths[slot]];
            datagram(slot, lengths[slot]).get(datagram);
            sent.get(socket).add(datagram);
        }
    }
}
