package dev.countersign.server.cli.config;

import picocli.CommandLine.Command;

/** {@code countersign config}. */
@Command(name = "config", description = "The server's configuration.")
public final class ConfigCommand {}
