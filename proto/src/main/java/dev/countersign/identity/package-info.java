/** SPIFFE identities. */
@NullMarked
package dev.countersign.identity;

import org.jspecify.annotations.NullMarked;
