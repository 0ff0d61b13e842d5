package io.narwhal.component;

import io.narwhal.base.Disk;
import io.narwhal.capture.Message;
import io.narwhal.config.CollectorConfig;
import io.narwhal.config.Listen;
import io.narwhal.config.NodeConfig;
import io.narwhal.radius.Clients;
import io.narwhal.radius.Verifier;

import java.util.List;
import java.util.function.Predicate;

/**
 * Finds among captured datagrams the genuine RADIUS requests of a client of one of this node's
 * collectors: those sent to its port and signed with the secret of its client. They are sessions'
 * like those that the collector took itself; anything else is looked at as flows are.
 */
final class CapturedRequests implements Predicate<Message> {
    private final List<Door> doors;
    private final Verifier verifier = new Verifier();

    private record Door(List<Integer> ports, Clients clients) {}

    /**
     * Reads the secrets.
     *
     * @throws IllegalStateException when a file cannot be used
     */
    CapturedRequests(Disk disk, NodeConfig config) {
        doors =
                config.collectors().stream()
                        .filter(one -> one.protocol() == CollectorConfig.Protocol.RADIUS)
                        .map(one -> door(disk, one))
                        .toList();
    }

    private static Door door(Disk disk, CollectorConfig config) {
        return new Door(
                config.listen().stream().map(Listen::port).toList(),
                new Clients(RadiusClients.read(disk, config)));
    }

    @Override
    public boolean test(Message message) {
        if (message.sourcePort() == 0) {
            return false; // as for a collector; in a journal, that port means a note of refusals
        }
        for (Door door : doors) {
            if (door.ports().contains(message.destinationPort()) && isGenuine(door, message)) {
                return true;
            }
        }
        return false;
    }

    private boolean isGenuine(Door door, Message message) {
        return verifier.verify(
                        message.bytes(),
                        message.offset(),
                        message.length(),
                        door.clients().find(message.sourceHigh(), message.sourceLow()))
                instanceof Verifier.Verdict.Request;
    }
}
