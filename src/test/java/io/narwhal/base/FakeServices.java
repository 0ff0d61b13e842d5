package io.narwhal.base;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A service manager of the test: it notes what it is told and keeps what it is given. */
public final class FakeServices implements ServiceManager {
    private final Map<String, Integer> store;
    private final List<String> told = new ArrayList<>();
    private final List<Parked> handedOver = new ArrayList<>();
    private final long watchdogMs;
    private boolean deaf;

    /** One that has started the service for the first time. */
    public FakeServices(long watchdogMs) {
        this(watchdogMs, new LinkedHashMap<>());
    }

    private FakeServices(long watchdogMs, Map<String, Integer> store) {
        this.watchdogMs = watchdogMs;
        this.store = store;
        store.forEach((name, fd) -> handedOver.add(new Parked(name, Native.duplicate(fd))));
    }

    /** The same one, as the next process of the service finds it. */
    public FakeServices restart() {
        return new FakeServices(watchdogMs, store);
    }

    /** What it was told, in order. */
    public List<String> told() {
        return told;
    }

    /** The names of what it keeps. */
    public List<String> stored() {
        return List.copyOf(store.keySet());
    }

    /** Whether what it is told gets lost. */
    public void setDeaf(boolean deaf) {
        this.deaf = deaf;
    }

    /** Lets go of everything, as when the service is stopped. */
    public void stop() {
        List.copyOf(store.keySet()).forEach(this::remove);
    }

    @Override
    public boolean isPresent() {
        return true;
    }

    @Override
    public boolean notify(String lines) {
        if (!deaf) {
            told.add(lines);
        }
        return !deaf;
    }

    @Override
    public long watchdogMs() {
        return watchdogMs;
    }

    @Override
    public boolean store(String name, int descriptor) {
        store.put(name, Native.duplicate(descriptor));
        return true;
    }

    @Override
    public void remove(String name) {
        Integer descriptor = store.remove(name);
        if (descriptor != null) {
            Native.close(descriptor);
        }
    }

    @Override
    public List<Parked> handedOver() {
        return handedOver;
    }
}
