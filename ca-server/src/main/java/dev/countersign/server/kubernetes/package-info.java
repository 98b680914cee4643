/**
 * The Kubernetes API server: the only package, with those below it, that talks to it.
 *
 * <p>Start with {@link dev.countersign.server.kubernetes.KubernetesConnection}: one client for the
 * whole process, made from {@link dev.countersign.server.kubernetes.KubernetesSettings} (the {@code
 * kubernetes:} section; its presence turns all of this on). Each job has a folder below this one and
 * takes the connection; each implements a port that is declared where it is needed, and only the
 * wiring names it.
 *
 * <p>What all of it may do in a cluster is in the resource {@code kubernetes/rbac.yaml}: each permission
 * with its reason; the chart carries the same, and a test takes each away.
 *
 * <p>How it behaves:
 *
 * <ul>
 *   <li>Settings come from the section alone: a kubeconfig, or the pod's own service account. What
 *       else the client would find by itself (home folder, proxies of the environment) is not used.
 *   <li>A request has 10 s; one that failed on the way, or with 429 or 5xx, is repeated three times,
 *       after {@code Retry-After} where the API server said so. {@link
 *       dev.countersign.server.kubernetes.KubernetesConnection#throttled} tells those who can do
 *       without a call. {@link dev.countersign.server.kubernetes.ApiFailure} sorts what is left.
 *   <li>Supported is 1.29 and later; an older one is refused by name, or warned of where {@code
 *       allowOldKubernetes} lets it pass.
 *   <li>At start the API server is waited for. Later its absence degrades health and stops nothing
 *       that can go on from what is known.
 * </ul>
 */
@NullMarked
package dev.countersign.server.kubernetes;

import org.jspecify.annotations.NullMarked;
