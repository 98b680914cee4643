/**
 * What the tests of this module share: a whole server in this JVM ({@link
 * dev.countersign.server.testing.RunningServer}), requests and streams to use it with, and
 * hand-written fakes, one per port.
 */
@NullMarked
package dev.countersign.server.testing;

import org.jspecify.annotations.NullMarked;
