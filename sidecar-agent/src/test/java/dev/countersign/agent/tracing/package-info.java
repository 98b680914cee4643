@NullMarked
package dev.countersign.agent.tracing;

import org.jspecify.annotations.NullMarked;
