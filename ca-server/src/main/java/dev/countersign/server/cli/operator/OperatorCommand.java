package dev.countersign.server.cli.operator;

import picocli.CommandLine.Command;

/** {@code countersign operator}. */
@Command(
        name = "operator",
        description = "Operators: who may use the admin commands from another host.",
        subcommands = {OperatorCertCommand.class})
public final class OperatorCommand {}
