/** {@code countersign log}: the append-only log: list, show, verify. */
@NullMarked
package dev.countersign.server.cli.log;

import org.jspecify.annotations.NullMarked;
