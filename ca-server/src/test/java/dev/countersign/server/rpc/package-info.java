/** Tests of the edge: who is let in, and how refusals look from outside. */
@NullMarked
package dev.countersign.server.rpc;

import org.jspecify.annotations.NullMarked;
