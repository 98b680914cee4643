package dev.countersign.server.cli.cert;

import picocli.CommandLine.Command;

/** {@code countersign cert}. */
@Command(
        name = "cert",
        description = "Certificates: list what was issued, ask for one.",
        subcommands = {CertListCommand.class, CertRequestCommand.class})
public final class CertCommand {}
