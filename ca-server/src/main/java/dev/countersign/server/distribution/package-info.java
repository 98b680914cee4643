/** What agents must know and what they report: numbered, pushed, acknowledged. */
@NullMarked
package dev.countersign.server.distribution;

import org.jspecify.annotations.NullMarked;
