package dev.countersign.server.cli.federation;

import picocli.CommandLine.Command;

/** {@code countersign federation}. */
@Command(
        name = "federation",
        description =
                "Other trust domains whose workloads are believed, as the server's configuration"
                        + " says.",
        subcommands = {FederationListCommand.class, FederationRefreshCommand.class})
public final class FederationCommand {}
