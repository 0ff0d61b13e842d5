package io.narwhal.radius;

/** Numbers of RADIUS packets and of the attributes that accounting reads (IANA radius-types). */
public final class Attribute {
    /** Octets of a packet at the most (RFC 2865 §3). */
    public static final int PACKET_BYTES_MAX = 4096;

    /** Octets of a packet at the least: its header. */
    public static final int HEADER_BYTES = 20;

    /** Packet code of an Accounting-Request (RFC 2866 §4.1). */
    public static final int ACCOUNTING_REQUEST = 4;

    /** Packet code of an Accounting-Response (RFC 2866 §4.2). */
    public static final int ACCOUNTING_RESPONSE = 5;

    /** Packet code of Status-Server (RFC 5997). */
    public static final int STATUS_SERVER = 12;

    public static final int USER_NAME = 1;
    public static final int NAS_IP_ADDRESS = 4;
    public static final int NAS_PORT = 5;
    public static final int FRAMED_IP_ADDRESS = 8;
    public static final int FRAMED_ROUTE = 22;
    public static final int VENDOR_SPECIFIC = 26;
    public static final int CALLED_STATION_ID = 30;
    public static final int CALLING_STATION_ID = 31;
    public static final int NAS_IDENTIFIER = 32;
    public static final int PROXY_STATE = 33;
    public static final int ACCT_STATUS_TYPE = 40;
    public static final int ACCT_DELAY_TIME = 41;
    public static final int ACCT_INPUT_OCTETS = 42;
    public static final int ACCT_OUTPUT_OCTETS = 43;
    public static final int ACCT_SESSION_ID = 44;
    public static final int ACCT_SESSION_TIME = 46;
    public static final int ACCT_INPUT_PACKETS = 47;
    public static final int ACCT_OUTPUT_PACKETS = 48;
    public static final int ACCT_TERMINATE_CAUSE = 49;
    public static final int ACCT_INPUT_GIGAWORDS = 52;
    public static final int ACCT_OUTPUT_GIGAWORDS = 53;
    public static final int EVENT_TIMESTAMP = 55;
    public static final int MESSAGE_AUTHENTICATOR = 80;
    public static final int CHARGEABLE_USER_IDENTITY = 89;
    public static final int NAS_IPV6_ADDRESS = 95;
    public static final int FRAMED_IPV6_PREFIX = 97;
    public static final int FRAMED_IPV6_ROUTE = 99;
    public static final int DELEGATED_IPV6_PREFIX = 123;
    public static final int FRAMED_IPV6_ADDRESS = 168;

    private Attribute() {}
}
