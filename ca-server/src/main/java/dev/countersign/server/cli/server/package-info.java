/** {@code countersign server}: the server: run it, ask how it is. */
@NullMarked
package dev.countersign.server.cli.server;

import org.jspecify.annotations.NullMarked;
