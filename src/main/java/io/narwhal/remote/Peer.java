package io.narwhal.remote;

import java.util.List;

/**
 * The other side of a link.
 *
 * @param names whom its certificate names: the dNSNames of the subject's alternatives, or without
 *     any the common name; empty in clear and before it is known
 * @param address where it is: {@code host:port}
 * @param inClear whether nothing proves who it is
 */
public record Peer(List<String> names, String address, boolean inClear) {
    public Peer {
        names = List.copyOf(names);
    }

    /** Whether it may call itself so. In clear, which is on loopback only, names are believed. */
    public boolean mayBe(String name) {
        return inClear || names.stream().anyMatch(one -> one.equalsIgnoreCase(name));
    }

    /** The first name, or the address. */
    public String label() {
        return names.isEmpty() ? address : names.getFirst();
    }
}
