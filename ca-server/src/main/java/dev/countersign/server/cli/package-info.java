/**
 * The command line: a folder per noun.
 *
 * <p>Every command prints what happened first and what to do next last; {@code --output json} has
 * the same facts with the stable names of the contract. Exit codes: 0 good, 1 refused or failed, 2
 * usage. Commands that ask a running server go through {@link
 * dev.countersign.server.cli.AdminConnection}: by the admin socket on the server's host, or over mTLS
 * with an operator's certificate, to a server that {@link dev.countersign.server.cli.BelievedServer}
 * tells from any other.
 */
@NullMarked
package dev.countersign.server.cli;

import org.jspecify.annotations.NullMarked;
