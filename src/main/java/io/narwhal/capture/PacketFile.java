package io.narwhal.capture;

/** A capture file, packet by packet. */
sealed interface PacketFile permits PcapFile, PcapngFile {
    /** A packet, or a block, that claims more bytes than this is taken for damage. */
    int PACKET_BYTES_MAX = 1 << 20;

    /** How far it is. */
    enum Step {
        PACKET,
        END,
        BROKEN
    }

    /** Goes on to the next packet; its bytes are valid until the next call. */
    Step next(Packet into);

    /** What is wrong at the input's position; after {@link Step#BROKEN}. */
    String broken();
}
