package io.narwhal.transfer;

/** What is wrong on a link. */
public enum Code {
    /** What holds or saves the data cannot be reached now. */
    STORE_UNAVAILABLE,
    /** Data does not follow what came before. */
    OUT_OF_SEQUENCE,
    /** The frames are not those that the digest is of. */
    BAD_DIGEST,
    /** The configuration that data was made with is not known. */
    UNKNOWN_CONFIG,
    /** The other side is not who may do this. */
    UNAUTHORISED,
    /** An acknowledgement of what was never sent. */
    ACK_BEYOND_SENT,
    /** Later. */
    BUSY,
    /** A message that may not come in this state. */
    UNEXPECTED,
    /** Another version of the protocol. */
    VERSION,
    /** A message that contradicts itself. */
    MALFORMED
}
