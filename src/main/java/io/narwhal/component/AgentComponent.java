package io.narwhal.component;

/** Serves the journals of this node to managers. */
final class AgentComponent {
    private final Environment environment;

    AgentComponent(Environment environment) {
        this.environment = environment;
    }

    /** Works until it is told to stop or to drain. */
    Phase run(Duty duty) {
        throw new LaneRecovery.Refused(
                "this release cannot serve managers yet: node " + environment.config().node());
    }
}
