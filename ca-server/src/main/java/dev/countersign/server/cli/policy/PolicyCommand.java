package dev.countersign.server.cli.policy;

import picocli.CommandLine.Command;

/** {@code countersign policy}. */
@Command(
        name = "policy",
        description = "Policies: check them, run their tests, ask why a request was denied.",
        subcommands = {
            PolicyValidateCommand.class,
            PolicyTestCommand.class,
            PolicyExplainCommand.class,
            PolicyDiffCommand.class,
            PolicyAnalyzeCommand.class,
            PolicyEdgesCommand.class,
            PolicySimulateCommand.class,
            PolicySuggestCommand.class,
            PolicyPlaintextCommand.class,
            PolicyStatusCommand.class
        })
public final class PolicyCommand {}
