/**
 * The custom resources of {@code countersign.dev/v1}: what they are called and what may stand in them.
 *
 * <p>Starting points: {@link dev.countersign.server.kubernetes.schema.ResourceKind} lists them; {@link
 * dev.countersign.server.kubernetes.schema.ResourceDefinitions} writes their definitions, which lie as
 * files in {@code deploy/kubernetes/crds}: a test compares, and writes them anew with {@code
 * -Dcountersign.regenerate=true}.
 *
 * <p>The schemas take their numbers from {@link dev.countersign.policy.parse.Bounds}, as the parser
 * does. A schema never refuses what the parser accepts; the parser refuses more than a schema can say.
 *
 * <p>Unknown fields are kept, not dropped: a field with a typing mistake that the API server drops
 * would leave a policy that says something else than was written. Kept, it reaches the parser, which
 * refuses it by name.
 */
@NullMarked
package dev.countersign.server.kubernetes.schema;

import org.jspecify.annotations.NullMarked;
