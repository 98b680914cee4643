package dev.countersign.agent.admin;

import dev.countersign.agent.proxy.traffic.Tap;

/** What can be done to a running agent. Thread-safe. */
public interface ControlCommands {
    /**
     * From now on this much is logged; returns what was in force.
     *
     * @throws IllegalArgumentException with value and expectation
     */
    String logLevel(String level);

    /** Not ready, and nothing new is let in; the process stays. Returns at once. */
    void drain();

    /** As SIGTERM does: drains, then ends the process with exit code 0. Returns at once. */
    void quit();

    /** Where live traffic can be looked at. */
    Tap tap();
}
