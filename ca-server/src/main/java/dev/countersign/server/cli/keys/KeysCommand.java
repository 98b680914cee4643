package dev.countersign.server.cli.keys;

import picocli.CommandLine.Command;

/** {@code countersign keys}. */
@Command(name = "keys", description = "The store of the authority's keys.")
public final class KeysCommand {}
