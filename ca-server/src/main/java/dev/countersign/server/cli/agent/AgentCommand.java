package dev.countersign.server.cli.agent;

import picocli.CommandLine.Command;

/** {@code countersign agent}. */
@Command(
        name = "agent",
        description = "Agents: who is connected and what they hold; their bootstrap file.",
        subcommands = {AgentListCommand.class, AgentBootstrapCommand.class})
public final class AgentCommand {}
