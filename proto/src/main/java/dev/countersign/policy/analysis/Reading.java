package dev.countersign.policy.analysis;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Compatibility;
import dev.countersign.policy.MeshSettings;

/**
 * How one policy is read.
 *
 * @param strict whether quirks that let callers in are closed
 * @param absentPasses whether a negative match is true of a request without the attribute
 * @param scalars whether booleans and numbers in claims count by their text
 * @param acceptsScheme whether a principal may be written with its scheme
 */
record Reading(boolean strict, boolean absentPasses, boolean scalars, boolean acceptsScheme) {

    static Reading of(AuthorizationPolicy policy, MeshSettings mesh) {
        boolean strict =
                policy.group() != ApiGroup.ISTIO || mesh.compatibility() != Compatibility.ISTIO;
        boolean allows = policy.action() == Action.ALLOW;
        return new Reading(
                strict,
                !(strict && allows),
                strict && !allows,
                policy.group() == ApiGroup.COUNTERSIGN || (strict && !allows));
    }
}
