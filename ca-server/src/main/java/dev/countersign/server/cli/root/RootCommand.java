package dev.countersign.server.cli.root;

import picocli.CommandLine.Command;

/** {@code countersign root}. */
@Command(
        name = "root",
        description =
                "Roots: which there are, their rotation, distrust, and steps that need approval.",
        subcommands = {
            RootShowCommand.class,
            RootListCommand.class,
            RootExportCommand.class,
            RootRotateCommand.class,
            RootDistrustCommand.class,
            RootDestroyCommand.class,
            RootStandbyCommand.class,
            RootVerifierCommand.class,
            RootApprovalsCommand.class,
            RootApproveCommand.class
        })
public final class RootCommand {}
