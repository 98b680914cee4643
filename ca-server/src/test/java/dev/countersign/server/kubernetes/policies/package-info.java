/** Tests against a real API server. */
@NullMarked
package dev.countersign.server.kubernetes.policies;

import org.jspecify.annotations.NullMarked;
