/** Tests of the custom resources' definitions, on a real server of such resources. */
@NullMarked
package dev.countersign.server.kubernetes.schema;

import org.jspecify.annotations.NullMarked;
