package io.narwhal.transfer;

/** How a journal goes on after agent and manager have compared what they have of it. */
public enum Verdict {
    /** The manager has nothing of it. */
    BEGINS,
    /** Behind what the manager has saved. */
    RESUMES,
    /** The agent's store is another one: what the manager has is of the old one. */
    AGENT_LOST,
    /** The agent's store is older than what the manager has: their histories part here. */
    AGENT_RESTORED,
    /** The manager had acknowledged more than it knows; held copies are sent again. */
    MANAGER_BEHIND,
    /** The same, but not everything is held any more. */
    MANAGER_LOST_DATA,
    /** An administrator has to decide; the journal is not served. */
    REFUSED
}
