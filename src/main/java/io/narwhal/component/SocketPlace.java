package io.narwhal.component;

import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Listen;
import io.narwhal.config.NodeConfig;

import java.util.ArrayList;
import java.util.List;

/**
 * One socket that a configuration asks for.
 *
 * @param collector whose it is
 * @param number of the socket in its collector, from 0
 * @param listen where it is bound
 * @param listenNumber of that address in its collector, from 0
 * @param copy of the sockets that are bound there, from 0
 */
public record SocketPlace(
        CollectorConfig collector, int number, Listen listen, int listenNumber, int copy) {
    /** The sockets of a collector, in the order of their numbers. */
    static List<SocketPlace> of(CollectorConfig collector) {
        List<SocketPlace> places = new ArrayList<>();
        for (int listen = 0; listen < collector.listen().size(); listen++) {
            for (int copy = 0; copy < collector.sockets(); copy++) {
                places.add(
                        new SocketPlace(
                                collector,
                                places.size(),
                                collector.listen().get(listen),
                                listen,
                                copy));
            }
        }
        return places;
    }

    /** All sockets for datagrams of a node, in the order of the configuration. */
    static List<SocketPlace> of(NodeConfig config) {
        return config.datagramCollectors().stream().flatMap(one -> of(one).stream()).toList();
    }

    /** Whether other sockets are bound to the same address. */
    boolean isShared() {
        return collector.sockets() > 1;
    }

    /** Identity of the place, the same in every process: FNV-1a, 64 bits, of its text. */
    long key() {
        String text = copy == 0 ? listen.toString() : listen + "#" + copy;
        long hash = 0xcbf29ce484222325L;
        for (char c : text.toCharArray()) {
            hash = (hash ^ c) * 0x100000001b3L;
        }
        return hash;
    }

    @Override
    public String toString() {
        return isShared() ? listen + " socket " + (copy + 1) : listen.toString();
    }
}
