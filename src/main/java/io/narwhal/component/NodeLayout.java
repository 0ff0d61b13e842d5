package io.narwhal.component;

import io.narwhal.config.NodeConfig;

import java.nio.file.Path;

/**
 * Where things stand in a node's data directory.
 *
 * @param data the directory that the configuration names
 */
public record NodeLayout(Path data) {
    /** Name, in {@link #node()}, of the configuration that the node runs. */
    public static final String CONFIGURATION = "configuration.yaml";

    /** Part of a ledger that has the corrections of agents: signed rows, as those of our own. */
    public static final String PULLED_CORRECTIONS = "pulled.corrections";

    /** Name, in {@link #node()}, of the state of the host. */
    public static final String STATE = "state.json";

    /** What the node manager keeps. */
    public Path node() {
        return data.resolve("node");
    }

    /** Where it is written down how components came back, a file for each. */
    public Path recoveries() {
        return node().resolve("recoveries");
    }

    /** Held by the one node manager that runs. */
    public Path lock() {
        return node().resolve("manager.lock");
    }

    /** Asks the node manager to drain while it exists. */
    public Path drainRequest() {
        return node().resolve("drain");
    }

    /** What the administrator wishes: a file for each component that is to stay stopped. */
    public Path desired() {
        return node().resolve("desired");
    }

    /** A file for each component that is to be restarted, until it is. */
    public Path restarts() {
        return node().resolve("restart");
    }

    /** Directory of the pages that the processes share. */
    public Path run() {
        return data.resolve("run");
    }

    /** Names the process that keeps the sockets; it ends when it is no longer named here. */
    public Path keeper() {
        return run().resolve("_keeper.pid");
    }

    /** Page of one process. */
    public Path page(String name) {
        return run().resolve(name + ".page");
    }

    /** Held by the one process that runs a component. */
    public Path lock(String name) {
        return run().resolve(name + ".lock");
    }

    /** Area where a collector's socket puts datagrams. */
    public Path inFlight(String collector, int socket) {
        return run().resolve(collector + "." + socket + ".in-flight");
    }

    /** Sessions of one address that a collector listens at for connections. */
    public Path sessions(String collector, int listen) {
        return run().resolve(collector + "." + listen + ".sessions");
    }

    /** What a lane of accounting is doing. */
    public Path marks(String lane) {
        return run().resolve(NodeConfig.ACCOUNTING + "." + lane + ".marks");
    }

    /** Directory of what was set aside. */
    public Path held() {
        return data.resolve("held");
    }

    /** Journal of what a collector received. */
    public Path received(String collector) {
        return data.resolve("journal").resolve("received").resolve(collector);
    }

    /** Journal of the usage rows that come of it. */
    public Path usage(String collector) {
        return data.resolve("journal").resolve("usage").resolve(collector);
    }

    /** What is known of imported files. */
    public Path imports() {
        return data.resolve(NodeConfig.IMPORT);
    }

    /** What is known of runs of corrections. */
    public Path reprocess() {
        return data.resolve(NodeConfig.REPROCESS);
    }

    /** What a collector of files has taken, and how far it is. */
    public Path files(String collector) {
        return imports().resolve(collector);
    }

    /** What is known of transfers between hosts. */
    public Path transfer() {
        return data.resolve(NodeConfig.TRANSFER);
    }

    /** Journal of what was pulled and does not count yet. */
    public Path parked() {
        return transfer().resolve("parked");
    }

    /** What administrators wish of links. */
    public Path transferWishes() {
        return transfer().resolve("wish");
    }

    /** Directory of the checkpoints. */
    public Path checkpoints() {
        return data.resolve("checkpoint");
    }

    /** Directory of a ledger. */
    public Path ledger(String output) {
        return data.resolve(output);
    }

    /** Directory of the logs. */
    public Path logs() {
        return data.resolve("log");
    }

    /** What a process prints. */
    public Path log(String name) {
        return logs().resolve(name + ".log");
    }

    /** Scratch space of one process, emptied when it starts. */
    public Path scratch(String name) {
        return data.resolve("tmp").resolve(name);
    }

    /** Native libraries, unpacked once. */
    public Path natives() {
        return data.resolve("tmp").resolve("native");
    }
}
