package io.narwhal.component;

import io.narwhal.base.Net;
import io.narwhal.base.ServiceManager;
import io.narwhal.base.StreamHandle;
import io.narwhal.base.StreamListener;
import io.narwhal.base.UdpSocket;
import io.narwhal.config.NodeConfig;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The sockets that the service manager keeps for the node: they outlive every process of it. The
 * node manager parks what it holds and finds it here when it is started again, whoever was killed.
 * A datagram socket is known by the key of its place, a stream socket by its cookie.
 *
 * <p>Where there is no service manager everything here does nothing.
 */
public final class Parking {
    private static final String DATAGRAMS = "udp-";
    private static final String STREAMS = "tcp-";

    private final ServiceManager services;
    private final Net net;

    // By name: the descriptors that we were started with and that nobody has claimed yet.
    private final Map<String, Integer> handedOver = new HashMap<>();
    private final Set<String> parked = new HashSet<>();

    /** Takes what was handed over, and lets go of what the configuration has no place for. */
    public Parking(ServiceManager services, Net net, NodeConfig config) {
        this.services = services;
        this.net = net;
        Map<String, SocketPlace> places = new HashMap<>();
        SocketPlace.of(config).forEach(place -> places.put(name(place), place));
        for (ServiceManager.Parked one : services.handedOver()) {
            boolean right =
                    Optional.ofNullable(places.get(one.name()))
                            .map(place -> isThat(place, one.descriptor()))
                            .orElse(one.name().startsWith(STREAMS));
            if (right && parked.add(one.name())) {
                handedOver.put(one.name(), one.descriptor());
            } else {
                net.discard(one.descriptor());
                forget(one.name());
            }
        }
    }

    private boolean isThat(SocketPlace place, int descriptor) {
        Optional<UdpSocket> socket = net.adopt(descriptor, wanted(place));
        socket.ifPresent(UdpSocket::close);
        return socket.isPresent();
    }

    private static String name(SocketPlace place) {
        return DATAGRAMS + Long.toHexString(place.key());
    }

    private static String name(long cookie) {
        return STREAMS + Long.toHexString(cookie);
    }

    static Net.Wanted wanted(SocketPlace place) {
        return new Net.Wanted(
                place.listen().host(),
                place.listen().port(),
                (int) Math.min(place.collector().receiveBufferBytes(), Integer.MAX_VALUE / 2),
                place.isShared());
    }

    /** The socket of that place, if it was parked; as often as it is asked for, until settled. */
    Optional<UdpSocket> find(SocketPlace place) {
        return Optional.ofNullable(handedOver.get(name(place)))
                .flatMap(descriptor -> net.adopt(descriptor, wanted(place)));
    }

    /** Parks the datagram sockets that the node holds now, and no others. */
    public void settle(NodeConfig config, Sockets sockets) {
        for (SocketPlace place : SocketPlace.of(config)) {
            Optional<UdpSocket> held = sockets.find(place).filter(one -> one.descriptor() >= 0);
            Optional<UdpSocket> before = find(place);
            boolean same =
                    before.isPresent()
                            && held.map(UdpSocket::cookie).equals(before.map(UdpSocket::cookie));
            if (!same || !parked.contains(name(place))) {
                forget(name(place));
                held.ifPresent(one -> park(name(place), one.descriptor()));
            }
            before.ifPresent(UdpSocket::close);
            Optional.ofNullable(handedOver.remove(name(place))).ifPresent(net::discard);
        }
    }

    /** Lets go of the datagram sockets: their ports are to be closed. */
    public void release() {
        List.copyOf(parked).stream()
                .filter(name -> name.startsWith(DATAGRAMS))
                .forEach(this::forget);
    }

    /**
     * The stream socket of that cookie, if it was parked: one that listens as wanted, or a
     * connection to that port.
     */
    public Optional<StreamHandle> claim(long cookie, Net.Wanted wanted, boolean listens) {
        Integer descriptor = handedOver.remove(name(cookie));
        if (descriptor == null) {
            return Optional.empty();
        }
        Optional<StreamHandle> handle = net.adoptStream(descriptor, wanted);
        net.discard(descriptor);
        boolean right =
                handle.filter(
                                one ->
                                        one.cookie() == cookie
                                                && one instanceof StreamListener == listens)
                        .isPresent();
        if (!right) {
            handle.ifPresent(StreamHandle::close);
            forget(cookie);
            return Optional.empty();
        }
        return handle;
    }

    /** Parks a stream socket. */
    public void park(StreamHandle handle) {
        if (!parked.contains(name(handle.cookie()))) {
            park(name(handle.cookie()), handle.descriptor());
        }
    }

    private void park(String name, int descriptor) {
        if (services.store(name, descriptor)) {
            parked.add(name);
        }
    }

    /** Lets go of the stream socket of that cookie. */
    public void forget(long cookie) {
        if (parked.contains(name(cookie))) {
            forget(name(cookie));
        }
    }

    /** Lets go of what was handed over and nobody has claimed. */
    public void dropUnclaimed() {
        Map.copyOf(handedOver)
                .forEach(
                        (name, descriptor) -> {
                            net.discard(descriptor);
                            forget(name);
                        });
        handedOver.clear();
    }

    private void forget(String name) {
        parked.remove(name);
        services.remove(name);
    }
}
