package io.narwhal.remote;

import java.util.ArrayList;
import java.util.List;

/** Notes what a handler is told; takes each message at once unless told not to. */
final class Recording<R, S> implements LinkHandler<R, S> {
    final List<Link<S>> opened = new ArrayList<>();
    final List<R> received = new ArrayList<>();
    final List<Ending> endings = new ArrayList<>();
    int readies;
    boolean takes = true;

    @Override
    public synchronized void opened(Link<S> link) {
        opened.add(link);
    }

    @Override
    public synchronized void received(Link<S> link, R message) {
        received.add(message);
        if (takes) {
            link.taken();
        }
    }

    @Override
    public synchronized void ready(Link<S> link) {
        readies++;
    }

    @Override
    public synchronized void closed(Link<S> link, Ending ending) {
        endings.add(ending);
    }

    synchronized int openings() {
        return opened.size();
    }

    synchronized int messages() {
        return received.size();
    }

    synchronized int ends() {
        return endings.size();
    }

    synchronized int readySigns() {
        return readies;
    }
}
