/** {@code countersign agent}: agents: who is connected, what they hold; bootstrap files. */
@NullMarked
package dev.countersign.server.cli.agent;

import org.jspecify.annotations.NullMarked;
