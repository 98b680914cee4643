/** Tests of bundles of other trust domains. */
@NullMarked
package dev.countersign.server.federation;

import org.jspecify.annotations.NullMarked;
