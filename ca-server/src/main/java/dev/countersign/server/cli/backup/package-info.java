/** {@code countersign backup} and {@code countersign restore}. */
@NullMarked
package dev.countersign.server.cli.backup;

import org.jspecify.annotations.NullMarked;
