package dev.countersign.server.cli.root;

import picocli.CommandLine.Command;

/** {@code countersign root verifier}. */
@Command(
        name = "verifier",
        description = {
            "Verifiers outside that have no agent: a rotation waits for each of them, by name, until",
            "it has the new bundle."
        },
        subcommands = {
            VerifierRegisterCommand.class,
            VerifierListCommand.class,
            VerifierAcknowledgeCommand.class,
            VerifierRemoveCommand.class
        })
final class RootVerifierCommand {}
