/** Tests of what the commands share. */
@NullMarked
package dev.countersign.server.cli;

import org.jspecify.annotations.NullMarked;
