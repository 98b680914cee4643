/**
 * Whom to believe at first, for every namespace: {@link
 * dev.countersign.server.kubernetes.trust.TrustPublisher} keeps a ConfigMap {@code countersign-trust}
 * everywhere, and a ClusterTrustBundle where the API server has that kind, in step with the roots.
 *
 * <p>Applied server-side under a field manager of its own; one replica does it, and two at once write
 * the same. A namespace that appears, and a ConfigMap that is changed or deleted, is put right within
 * seconds.
 */
@NullMarked
package dev.countersign.server.kubernetes.trust;

import org.jspecify.annotations.NullMarked;
