package io.narwhal.radius;

/** What an Accounting-Request reports (Acct-Status-Type, RFC 2866 §5.1). */
public enum Status {
    /** A session began. */
    START(1),
    /** A session ended. */
    STOP(2),
    /** A session goes on; its counters so far. */
    INTERIM(3),
    /** The device has begun to account: it has booted. */
    ON(7),
    /** The device is about to end accounting: all its sessions end. */
    OFF(8),
    /** Any other: tunnels and links (RFC 2867), failures, reserved numbers. */
    OTHER(0);

    private static final Status[] ALL = values();
    private final int code;

    Status(int code) {
        this.code = code;
    }

    static Status of(int code) {
        for (Status status : ALL) {
            if (status.code == code && code != 0) {
                return status;
            }
        }
        return OTHER;
    }
}
