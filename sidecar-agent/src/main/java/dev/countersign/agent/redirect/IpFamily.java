package dev.countersign.agent.redirect;

import dev.countersign.policy.match.IpBlock;

/** Each has its own tables in the kernel and its own commands. */
public enum IpFamily {
    V4("iptables", "/proc/thread-self/net/ip_tables_names"),
    V6("ip6tables", "/proc/thread-self/net/ip6_tables_names");

    private final String command;
    private final String legacyTables;

    IpFamily(String command, String legacyTables) {
        this.command = command;
        this.legacyTables = legacyTables;
    }

    String command() {
        return command;
    }

    /** Where the kernel lists the tables of the legacy back end that were ever used. */
    String legacyTables() {
        return legacyTables;
    }

    boolean holds(IpBlock block) {
        return block.address().v4() == (this == V4);
    }
}
