/** {@code countersign root}: the trust root and steps that need approval. */
@NullMarked
package dev.countersign.server.cli.root;

import org.jspecify.annotations.NullMarked;
