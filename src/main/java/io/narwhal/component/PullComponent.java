package io.narwhal.component;

/** Pulls from agents: the component of all links of this node. */
final class PullComponent {
    private final Environment environment;

    PullComponent(Environment environment) {
        this.environment = environment;
    }

    /** Works until it is told to stop or to drain. */
    Phase run(Duty duty) {
        throw new LaneRecovery.Refused(
                "this release cannot pull from agents yet: node " + environment.config().node());
    }
}
