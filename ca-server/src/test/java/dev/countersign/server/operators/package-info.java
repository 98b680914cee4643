/** Tests of the role table. */
@NullMarked
package dev.countersign.server.operators;

import org.jspecify.annotations.NullMarked;
