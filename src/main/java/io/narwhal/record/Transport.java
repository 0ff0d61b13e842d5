package io.narwhal.record;

import java.util.Locale;

/** How a message came to us. */
public enum Transport {
    /** Datagrams: may be lost, doubled, reordered; nobody notices when an exporter goes. */
    UDP(0),
    /** A TCP connection (RFC 7011 §10.4): a session, whose templates end with it. */
    TCP(1),
    /** TLS over TCP (RFC 7011 §11): a session. */
    TLS(2),
    /** A file of IPFIX messages (RFC 5655): a session. */
    FILE(3);

    private static final Transport[] BY_CODE = values();

    private final int code;

    Transport(int code) {
        this.code = code;
    }

    /** As in received blocks and in states. */
    public int code() {
        return code;
    }

    /** As in the configuration and in reports. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Whether messages belong to a session that begins and ends: nothing in it is lost or comes
     * twice, templates can be withdrawn, and they end with it (RFC 7011 §8.1, §10.3).
     */
    public boolean isSession() {
        return this != UDP;
    }

    /** The transport of that code, if there is one. */
    public static boolean isCode(int code) {
        return code >= 0 && code < BY_CODE.length;
    }

    /** The transport of that code, for which {@link #isCode} holds. */
    public static Transport of(int code) {
        return BY_CODE[code];
    }
}
