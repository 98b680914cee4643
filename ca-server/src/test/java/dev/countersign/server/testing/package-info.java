/** Hand-written fakes, one per port, shared by the tests of this module. */
@NullMarked
package dev.countersign.server.testing;

import org.jspecify.annotations.NullMarked;
