package io.narwhal.component;

/** What a process of a node does. */
public interface Component {
    /**
     * Recovers, works, and returns when it was told to stop or drain and has done so.
     *
     * @return {@link Phase#STOPPED}, or {@link Phase#DRAINED} when nothing more will come of it
     */
    Phase run(Duty duty);
}
