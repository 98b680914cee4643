/**
 * Policies from the API server: ours, and Istio's where the setting is on and they exist.
 *
 * <p>Starting points: {@link dev.countersign.server.kubernetes.policies.PolicySource} brings each
 * object to {@link dev.countersign.server.distribution.WrittenPolicies}, which reads it with the parser
 * of files and puts the whole into force; {@link
 * dev.countersign.server.kubernetes.policies.PolicyStatus} tells its author what became of it.
 */
@NullMarked
package dev.countersign.server.kubernetes.policies;

import org.jspecify.annotations.NullMarked;
