/** {@code countersign cert}: certificates: list them, ask for one. */
@NullMarked
package dev.countersign.server.cli.cert;

import org.jspecify.annotations.NullMarked;
