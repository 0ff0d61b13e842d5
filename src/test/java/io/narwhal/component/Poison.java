package io.narwhal.component;

import io.narwhal.record.ReceivedBlock;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A defect of the decoder, in effigy: whoever begins with one of these datagrams dies of it, until
 * it is mended.
 */
final class Poison implements UnaryOperator<Marks> {
    /** What it dies of. */
    static final class Poisoned extends RuntimeException {
        Poisoned() {
            super("poisoned");
        }
    }

    private final Set<ByteBuffer> datagrams;
    private boolean mended;

    Poison(Set<ByteBuffer> datagrams) {
        this.datagrams = Set.copyOf(datagrams);
    }

    /** From now on it does no harm. */
    void mend() {
        mended = true;
    }

    boolean isMended() {
        return mended;
    }

    private void taste(ReceivedBlock at) {
        byte[] bytes = Arrays.copyOfRange(at.bytes(), at.offset(), at.offset() + at.length());
        if (!mended && datagrams.contains(ByteBuffer.wrap(bytes))) {
            throw new Poisoned();
        }
    }

    @Override
    public Marks apply(Marks marks) {
        return new Marks() {
            @Override
            public void stepBegins(long position, long recycle, boolean alone) {
                marks.stepBegins(position, recycle, alone);
            }

            @Override
            public void decoding(int shard, long mark, ReceivedBlock datagram) {
                marks.decoding(shard, mark, datagram);
                taste(datagram);
            }

            @Override
            public void decoded(int shard) {
                marks.decoded(shard);
            }

            @Override
            public void stepEnded() {
                marks.stepEnded();
            }

            @Override
            public void failed(Throwable why) {
                marks.failed(why);
            }
        };
    }
}
