/**
 * Which replica does what one is enough for, by a Lease: {@link
 * dev.countersign.server.kubernetes.leader.LeaseLeadership}.
 */
@NullMarked
package dev.countersign.server.kubernetes.leader;

import org.jspecify.annotations.NullMarked;
