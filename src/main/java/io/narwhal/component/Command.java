package io.narwhal.component;

import io.narwhal.base.Check;

/** What the node manager asks of a process through its page. */
public enum Command {
    /** Do your work. */
    RUN(0),
    /** Take no more in, finish what you have, end. */
    DRAIN(1),
    /** End in order, now. */
    STOP(2),

    /** Nothing more comes in: let go of the sockets, and do your work. */
    RELEASE(3);

    private final int code;

    Command(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static Command of(long code) {
        for (Command command : values()) {
            if (command.code == code) {
                return command;
            }
        }
        Check.that(false, "a page holds a known command, not %d", code);
        return STOP;
    }
}
