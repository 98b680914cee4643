package dev.countersign.server.cli;

import picocli.CommandLine.Command;

/** {@code countersign}. */
@Command(
        name = "countersign",
        version = "countersign 0.1.0",
        description = "Short-lived certificates for workloads, and policy by identity.",
        footer = {
            "",
            "Exit codes: 0 good, 1 refused or failed, 2 usage.",
            "Commands that ask a running server find it by --admin or COUNTERSIGN_ADMIN on its host,",
            "and from elsewhere by --server with --operator, or COUNTERSIGN_SERVER and",
            "COUNTERSIGN_OPERATOR."
        })
public final class CountersignCommand {}
