/** {@code countersign keys}: the store of the authority's keys. */
@NullMarked
package dev.countersign.server.cli.keys;

import org.jspecify.annotations.NullMarked;
