/** The log's arithmetic and its canonical form. */
@NullMarked
package dev.countersign.server.audit;

import org.jspecify.annotations.NullMarked;
