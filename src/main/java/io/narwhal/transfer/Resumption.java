package io.narwhal.transfer;

/**
 * Where an agent goes on with a journal, and why there.
 *
 * @param id which
 * @param epoch of the agent's store
 * @param from position of the first frame that it will send
 * @param verdict how that was found
 * @param lostFrom begin of what can no longer be had
 * @param lostTo its end; equal to the begin when nothing is lost
 * @param detail for people: what was found, in numbers
 */
public record Resumption(
        StreamId id,
        long epoch,
        long from,
        Verdict verdict,
        long lostFrom,
        long lostTo,
        String detail) {}
