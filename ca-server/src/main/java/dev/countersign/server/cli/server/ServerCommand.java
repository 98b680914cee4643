package dev.countersign.server.cli.server;

import picocli.CommandLine.Command;

/** {@code countersign server}. */
@Command(name = "server", description = "The certificate authority itself: run it, ask how it is.")
public final class ServerCommand {}
