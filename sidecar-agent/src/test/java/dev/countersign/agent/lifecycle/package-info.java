/** When an agent ends by itself. */
@NullMarked
package dev.countersign.agent.lifecycle;

import org.jspecify.annotations.NullMarked;
