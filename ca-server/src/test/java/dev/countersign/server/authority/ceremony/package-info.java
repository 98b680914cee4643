/** Tests of what people bring in by hand. */
@NullMarked
package dev.countersign.server.authority.ceremony;

import org.jspecify.annotations.NullMarked;
