/** Roots, intermediates and the trust bundle: who signs, and whom verifiers believe. */
@NullMarked
package dev.countersign.server.authority;

import org.jspecify.annotations.NullMarked;
