/** Telling an agent what to do. */
@NullMarked
package dev.countersign.agent.admin;

import org.jspecify.annotations.NullMarked;
