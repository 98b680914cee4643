package dev.countersign.server.cli.root;

import picocli.CommandLine.Command;

/** {@code countersign root}. */
@Command(
        name = "root",
        description = "The trust root: what is believed, and steps that need approval.",
        subcommands = {
            RootShowCommand.class,
            RootExportCommand.class,
            RootApprovalsCommand.class,
            RootApproveCommand.class
        })
public final class RootCommand {}
