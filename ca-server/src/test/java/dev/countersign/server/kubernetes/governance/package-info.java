/** Tests against a real API server. */
@NullMarked
package dev.countersign.server.kubernetes.governance;

import org.jspecify.annotations.NullMarked;
