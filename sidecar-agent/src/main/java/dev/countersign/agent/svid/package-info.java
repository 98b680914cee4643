/** Holds the workload's identity and renews it; readers always see the last good one. */
@NullMarked
package dev.countersign.agent.svid;

import org.jspecify.annotations.NullMarked;
