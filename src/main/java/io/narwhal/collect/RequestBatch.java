package io.narwhal.collect;

import io.narwhal.base.Answers;
import io.narwhal.base.InFlight;
import io.narwhal.radius.Attribute;
import io.narwhal.radius.Client;
import io.narwhal.radius.Clients;
import io.narwhal.radius.Verifier;
import io.narwhal.radius.Verifier.Verdict;
import io.narwhal.record.Reason;
import io.narwhal.record.ReceivedBlock;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * What the datagrams of one batch are: requests, which are journalled as they came and answered;
 * queries, which are answered; and the rest, of which the journal gets a note for each source and
 * reason. One object for all batches of a socket; allocates nothing.
 */
final class RequestBatch {
    private final Clients clients;
    private final Verifier verifier = new Verifier();
    private final byte[] packet = new byte[Attribute.PACKET_BYTES_MAX];
    private final byte[] answer = new byte[Attribute.PACKET_BYTES_MAX];

    private int slots;
    private final @Nullable Verdict[] verdicts = new Verdict[InFlight.SLOTS];
    private final @Nullable Client[] senders = new Client[InFlight.SLOTS];
    private int requests;
    private int queries;
    private long octets;

    private int notes;
    private final Note[] refused = new Note[InFlight.SLOTS];

    /** Refused packets of one source and reason. */
    static final class Note {
        private long high;
        private long low;
        private Reason reason = Reason.MALFORMED;
        private @Nullable Client client;
        private long packets;
        private long octets;

        /** High half of the address that they came from. */
        long high() {
            return high;
        }

        /** Low half. */
        long low() {
            return low;
        }

        Reason reason() {
            return reason;
        }

        /** Whose packets they claim to be; null when the address is nobody's. */
        @Nullable Client client() {
            return client;
        }

        long packets() {
            return packets;
        }
    }

    RequestBatch(Clients clients) {
        this.clients = clients;
        for (int i = 0; i < refused.length; i++) {
            refused[i] = new Note();
        }
    }

    /**
     * Looks at what stands in the area.
     *
     * @param slots how many slots to look at, from the first
     * @param isReceived whether each of these was received just now, so that one of no length is an
     *     empty datagram; else it is an empty slot
     */
    void verify(InFlight area, int slots, boolean isReceived) {
        this.slots = slots;
        requests = 0;
        queries = 0;
        octets = 0;
        notes = 0;
        for (int slot = 0; slot < slots; slot++) {
            boolean isEmpty = area.length(slot) == 0 && !isReceived;
            verdicts[slot] = isEmpty ? null : verify(area, slot);
        }
    }

    private Verdict verify(InFlight area, int slot) {
        long high = area.sourceHigh(slot);
        long low = area.sourceLow(slot);
        Client client = clients.find(high, low);
        senders[slot] = client;
        int length = area.length(slot);
        Verdict verdict = verifier.verify(packet, 0, copied(area, slot), client);
        switch (verdict) {
            case Verdict.Request _ -> {
                requests++;
                octets += length;
            }
            case Verdict.Status _ -> queries++;
            case Verdict.Refused(Reason reason) -> note(high, low, reason, client).octets += length;
        }
        return verdict;
    }

    /** Octets that are now in the packet's array; 0, which no packet has, of what cannot be one. */
    private int copied(InFlight area, int slot) {
        boolean isPacket =
                area.length(slot) <= Attribute.PACKET_BYTES_MAX && area.sourcePort(slot) != 0;
        return isPacket ? area.copyTo(slot, packet) : 0;
    }

    private Note note(long high, long low, Reason reason, @Nullable Client client) {
        int at = 0;
        while (at < notes && !isOf(refused[at], high, low, reason)) {
            at++;
        }
        Note note = refused[at];
        if (at == notes) {
            notes++;
            note.high = high;
            note.low = low;
            note.reason = reason;
            note.client = client;
            note.packets = 0;
            note.octets = 0;
        }
        note.packets++;
        return note;
    }

    private static boolean isOf(Note note, long high, long low, Reason reason) {
        return note.low == low && note.high == high && note.reason == reason;
    }

    /** Requests in the batch. */
    int requests() {
        return requests;
    }

    /** Octets of the requests. */
    long octets() {
        return octets;
    }

    /** Queries in the batch. */
    int queries() {
        return queries;
    }

    /** Sources and reasons of what is refused. */
    int notes() {
        return notes;
    }

    /** One of these. */
    Note note(int number) {
        return refused[number];
    }

    /** Entries of the block: 0 when there is nothing to be journalled. */
    int entries() {
        return requests + notes;
    }

    /** Writes the entries of the block: requests in the order received, then notes. */
    void writeTo(ByteBuffer out, InFlight area) {
        for (int slot = 0; slot < slots; slot++) {
            if (verdicts[slot] instanceof Verdict.Request) {
                ReceivedBlock.writeDatagramHeader(
                        out,
                        area.length(slot),
                        area.sourcePort(slot),
                        area.sourceHigh(slot),
                        area.sourceLow(slot));
                area.copyTo(slot, out);
            }
        }
        for (int i = 0; i < notes; i++) {
            Note note = refused[i];
            new ReceivedBlock.Refusal(note.reason, note.packets, note.octets)
                    .write(out, note.high, note.low);
        }
    }

    /**
     * Puts the answers to requests and queries, which the area still holds.
     *
     * @return how many
     */
    int answer(InFlight area, Answers answers) {
        int put = 0;
        for (int slot = 0; slot < slots; slot++) {
            Verdict verdict = verdicts[slot];
            if (verdict instanceof Verdict.Request || verdict instanceof Verdict.Status) {
                int length = area.copyTo(slot, packet);
                Client client = Objects.requireNonNull(senders[slot]);
                answers.put(slot, answer, verifier.answer(packet, 0, length, client, answer, 0));
                put++;
            } else if (verdict instanceof Verdict.Refused(Reason reason)
                    && reason != Reason.NOT_ACCOUNTING) {
                answers.refuse(slot);
            }
        }
        return put;
    }
}
