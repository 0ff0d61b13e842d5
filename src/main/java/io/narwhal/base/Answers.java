package io.narwhal.base;

/**
 * Answers to what one socket receives into its area. They are put while the area still holds what
 * they answer, and sent together later. Where the system can ({@code IP_PKTINFO}, RFC 3542 §6.1),
 * an answer leaves from the very address that was asked, whatever the socket is bound to. One
 * thread at a time.
 */
public interface Answers extends AutoCloseable {
    /** Answers that can be put before they are sent. */
    int COUNT_MAX = 16 * InFlight.SLOTS;

    /** Octets of one answer at the most. */
    int ANSWER_BYTES_MAX = 4096;

    /** Octets that all answers may have together, but for those of the last batch. */
    int BYTES_MAX = 256 * 1024;

    /**
     * Receives a batch into the empty area and notes which addresses were asked.
     *
     * @param timeoutMs how long to wait for the first datagram; 0: take what the kernel queues
     * @return datagrams received, in the first slots
     */
    int receive(int timeoutMs);

    /** Whether an answer for every slot of one more batch can be put. */
    boolean hasRoom();

    /** Puts an answer to the datagram of this slot; the bytes are copied. */
    void put(int slot, byte[] answer, int length);

    /**
     * Says that the datagram of this slot is not genuine, or none: a connection ends with such a
     * packet (RFC 6613 §2.6.4).
     */
    default void refuse(int slot) {}

    /**
     * Sends what was put, and forgets it. What the kernel does not take is not tried again: who
     * asked will ask again.
     *
     * @return answers that the kernel took
     */
    int send();

    /** Lets go of the memory; the socket stays open. */
    @Override
    void close();
}
