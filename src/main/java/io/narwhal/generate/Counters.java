package io.narwhal.generate;

/** What a session has used so far: from the subscriber (up) and to the subscriber (down). */
record Counters(long upOctets, long upPackets, long downOctets, long downPackets) {
    static final Counters ZERO = new Counters(0, 0, 0, 0);

    Counters plus(long up, long upMore, long down, long downMore) {
        return new Counters(
                upOctets + up, upPackets + upMore, downOctets + down, downPackets + downMore);
    }
}
