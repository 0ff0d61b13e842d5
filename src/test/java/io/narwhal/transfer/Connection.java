package io.narwhal.transfer;

import java.util.List;

/** A simulated connection: in order each way, until it breaks or falls silent. */
final class Connection {
    private final SimulatedTransfer world;
    private final Host host;
    private final Centre centre;
    private final ManagerLink managerLink;
    private AgentLink agentLink;
    private boolean agentGone;
    private boolean managerGone;
    private boolean deafAgent;
    private boolean deafManager;
    private long toAgentAt;
    private long toManagerAt;
    private boolean pulling;
    private boolean fresh;
    private long recordsLeft;
    private long bytesLeft;

    Connection(SimulatedTransfer world, Host host, Centre centre, ManagerLink managerLink) {
        this.world = world;
        this.host = host;
        this.centre = centre;
        this.managerLink = managerLink;
    }

    void open() {
        for (Connection former : List.copyOf(centre.connections)) {
            if (former.managerLink == managerLink) {
                former.managerLeaves();
            }
        }
        host.connections.add(this);
        centre.connections.add(this);
        managerLink.connected(host.name, this::toAgent, world.now);
        host.guarded(() -> agentLink = host.agent.connect(centre.name, this::toManager, world.now));
    }

    /** The manager has given this connection up. */
    private void managerLeaves() {
        managerGone = true;
        deafManager = true;
        centre.connections.remove(this);
        world.after(delay(), this::agentHears);
    }

    boolean alive() {
        return !agentGone && !managerGone && !deafAgent && !deafManager;
    }

    private long delay() {
        return 1 + world.random.nextInt(world.random.nextInt(20) == 0 ? 400 : 20);
    }

    private void weather() {
        if (world.mayBreak()) {
            switch (world.random.nextInt(3)) {
                case 0 -> deafAgent = true;
                case 1 -> deafManager = true;
                default -> lose(delay(), delay());
            }
        }
    }

    private void lose(long agentLater, long managerLater) {
        deafAgent = true;
        deafManager = true;
        world.after(agentLater, this::agentHears);
        world.after(managerLater, this::managerHears);
    }

    private void agentHears() {
        if (!agentGone) {
            agentGone = true;
            host.connections.remove(this);
            if (agentLink != null) {
                host.guarded(() -> agentLink.disconnected("reset", world.now));
            }
        }
    }

    private void managerHears() {
        if (!managerGone) {
            managerGone = true;
            centre.connections.remove(this);
            centre.guarded(() -> managerLink.disconnected("reset", world.now));
        }
    }

    /** The agent's host died: the manager hears of it, or does not. */
    void agentDied() {
        agentGone = true;
        deafAgent = true;
        deafManager = true;
        if (world.quiet || world.random.nextInt(3) > 0) {
            world.after(delay(), this::managerHears);
        }
    }

    void managerDied() {
        managerGone = true;
        deafAgent = true;
        deafManager = true;
        if (world.quiet || world.random.nextInt(3) > 0) {
            world.after(delay(), this::agentHears);
        }
    }

    private void toManager(FromAgent message) {
        watch(message);
        if (world.verbose) {
            world.say(host.name + " to " + centre.name + " " + message);
        }
        weather();
        world.mayCrash();
        toManagerAt = Math.max(toManagerAt, world.now + delay());
        world.after(toManagerAt - world.now, () -> managerTakes(message));
    }

    private void managerTakes(FromAgent message) {
        if (managerGone || deafManager || !centre.up()) {
            return;
        }
        centre.guarded(
                () -> {
                    managerLink.receive(message, world.now);
                    centre.forceSoon();
                    world.mayCrash();
                });
        if (managerLink.state() == ManagerState.DISCONNECTED && !managerGone) {
            managerGone = true;
            centre.connections.remove(this);
            world.after(delay(), this::agentHears);
        }
    }

    private void toAgent(FromManager message) {
        if (message instanceof FromManager.Acknowledge ack) {
            centre.acknowledges(managerLink.name(), ack.txn());
        }
        weather();
        world.mayCrash();
        toAgentAt = Math.max(toAgentAt, world.now + delay());
        world.after(toAgentAt - world.now, () -> agentTakes(message));
    }

    private void agentTakes(FromManager message) {
        if (agentGone || deafAgent || !host.up() || agentLink == null) {
            return;
        }
        if (message instanceof FromManager.ProvideAccountingData provide) {
            pulling = true;
            fresh = true;
            recordsLeft = provide.maxRecords();
            bytesLeft = provide.maxBytes();
        }
        host.guarded(
                () -> {
                    agentLink.receive(message, world.now);
                    world.mayCrash();
                });
        pump();
    }

    private void pump() {
        if (agentGone || !host.up()) {
            return;
        }
        host.guarded(
                () -> {
                    if (agentLink.work(world.now)) {
                        world.after(1, this::pump);
                    }
                });
        if (agentLink.state() == AgentState.CLOSED && !agentGone) {
            agentGone = true;
            host.connections.remove(this);
            world.after(delay(), this::managerHears);
        }
    }

    /** No data without a pull, and never more than its credit. */
    private void watch(FromAgent message) {
        if (message instanceof FromAgent.AccountingData data) {
            SimulatedTransfer.require(pulling, "data without a pull");
            recordsLeft -= data.records();
            bytesLeft -= data.frames().remaining();
            boolean alone = fresh && data.frames().remaining() == 28;
            SimulatedTransfer.require(
                    alone || recordsLeft >= 0 && bytesLeft >= 0, "more than the credit");
            fresh = false;
            marked(data);
        }
        if (message instanceof FromAgent.EndOfData) {
            pulling = false;
        }
    }

    /** What was sent on an earlier link, to this manager or another of its group, says so. */
    private void marked(FromAgent.AccountingData data) {
        String key = "%s %s %x".formatted(centre.reader(), data.stream(), data.epoch());
        long before = host.sent.getOrDefault(key, 0L);
        boolean told = data.resent() || data.from() >= before || !data.gap().isEmpty();
        SimulatedTransfer.require(told || host.replaced, "sent again and not marked");
        host.sent.put(key, Math.max(before, data.through()));
    }
}
