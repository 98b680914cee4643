/** {@code countersign operator}: certificates for the admin commands from another host. */
@NullMarked
package dev.countersign.server.cli.operator;

import org.jspecify.annotations.NullMarked;
