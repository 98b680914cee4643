/** Certificate requests in, certificates out: the only package that imports Bouncy Castle. */
@NullMarked
package dev.countersign.server.x509;

import org.jspecify.annotations.NullMarked;
