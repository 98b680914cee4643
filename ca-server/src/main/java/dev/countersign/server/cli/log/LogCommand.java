package dev.countersign.server.cli.log;

import picocli.CommandLine.Command;

/** {@code countersign log}. */
@Command(
        name = "log",
        description = "The append-only log of everything that was signed or refused.",
        subcommands = {LogListCommand.class, LogShowCommand.class, LogVerifyCommand.class})
public final class LogCommand {}
