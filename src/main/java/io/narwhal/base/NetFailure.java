package io.narwhal.base;

/** The network did not do what it was asked to. The message says where and what next. */
public final class NetFailure extends RuntimeException {
    /** With a message for the operator. */
    public NetFailure(String message) {
        super(message);
    }
}
