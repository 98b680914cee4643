/**
 * Projected service-account tokens of the cluster this server works for; start with {@link
 * dev.countersign.server.attestation.kubernetes.KubernetesAttestor}, whose numbered steps are the
 * subject.
 *
 * <p>What needs no call is left to {@link
 * dev.countersign.server.attestation.serviceaccount.ServiceAccountTokenAttestor}, with the keys that
 * the API server publishes. What does is behind two ports: {@link
 * dev.countersign.server.attestation.kubernetes.ClusterPods} (an index by UID that hears of changes)
 * and {@link dev.countersign.server.attestation.kubernetes.TokenReviews}.
 *
 * <table>
 *   <caption>What is asked when</caption>
 *   <tr><th>pod</th><th>first certificate</th><th>again, or renewal on record</th></tr>
 *   <tr><td>known, changes are heard</td><td>TokenReview</td><td>no call</td></tr>
 *   <tr><td>known, changes are not heard</td><td>TokenReview</td><td>TokenReview; no call while the
 *       API server cannot be asked</td></tr>
 *   <tr><td>not known (yet)</td><td>TokenReview and the pod</td><td>TokenReview and the pod</td></tr>
 *   <tr><td>deleted, or being deleted</td><td colspan="2">refused without a call</td></tr>
 * </table>
 *
 * <p>Invariants: {@code authenticated: true} alone is not enough ({@code ReviewRules}); a pod that
 * the API server cannot be asked about, and that nobody vouched for before, gets nothing; a deleted
 * pod's UID is never believed again; a UID that does not exist costs one question per ten seconds.
 */
@NullMarked
package dev.countersign.server.attestation.kubernetes;

import org.jspecify.annotations.NullMarked;
