package dev.countersign.server.cli.cert;

import picocli.CommandLine.Command;

/** {@code countersign cert}. */
@Command(
        name = "cert",
        description = "Certificates: list what was issued, ask for one, revoke.",
        subcommands = {
            CertListCommand.class,
            CertRequestCommand.class,
            CertRevokeCommand.class,
            CertUnrevokeCommand.class,
            CertRevocationsCommand.class
        })
public final class CertCommand {}
