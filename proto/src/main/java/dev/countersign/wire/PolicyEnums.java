package dev.countersign.wire;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.Compatibility;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.authentication.MtlsMode;
import dev.countersign.wire.v1.ExternalAuthorizerType;
import dev.countersign.wire.v1.PathNormalization;
import dev.countersign.wire.v1.PolicyAction;
import dev.countersign.wire.v1.PolicyCompatibility;
import dev.countersign.wire.v1.PolicyDefaultAction;
import dev.countersign.wire.v1.PolicyGroup;

/** The enums of policies, both ways. What is unspecified or unknown is refused. */
final class PolicyEnums {

    private PolicyEnums() {}

    static PolicyGroup encode(ApiGroup group) {
        return switch (group) {
            case COUNTERSIGN -> PolicyGroup.POLICY_GROUP_COUNTERSIGN;
            case ISTIO -> PolicyGroup.POLICY_GROUP_ISTIO;
        };
    }

    static ApiGroup decode(PolicyGroup group) throws MalformedMessage {
        return switch (group) {
            case POLICY_GROUP_COUNTERSIGN -> ApiGroup.COUNTERSIGN;
            case POLICY_GROUP_ISTIO -> ApiGroup.ISTIO;
            case POLICY_GROUP_UNSPECIFIED, UNRECOGNIZED -> throw unknown("group", group);
        };
    }

    static dev.countersign.wire.v1.MtlsMode encode(MtlsMode mode) {
        return switch (mode) {
            case UNSET -> dev.countersign.wire.v1.MtlsMode.MTLS_MODE_UNSET;
            case DISABLE -> dev.countersign.wire.v1.MtlsMode.MTLS_MODE_DISABLE;
            case PERMISSIVE -> dev.countersign.wire.v1.MtlsMode.MTLS_MODE_PERMISSIVE;
            case STRICT -> dev.countersign.wire.v1.MtlsMode.MTLS_MODE_STRICT;
        };
    }

    static MtlsMode decode(dev.countersign.wire.v1.MtlsMode mode) throws MalformedMessage {
        return switch (mode) {
            case MTLS_MODE_UNSET -> MtlsMode.UNSET;
            case MTLS_MODE_DISABLE -> MtlsMode.DISABLE;
            case MTLS_MODE_PERMISSIVE -> MtlsMode.PERMISSIVE;
            case MTLS_MODE_STRICT -> MtlsMode.STRICT;
            case MTLS_MODE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("mtls mode", mode);
        };
    }

    static PolicyAction encode(Action action) {
        return switch (action) {
            case ALLOW -> PolicyAction.POLICY_ACTION_ALLOW;
            case DENY -> PolicyAction.POLICY_ACTION_DENY;
            case AUDIT -> PolicyAction.POLICY_ACTION_AUDIT;
            case CUSTOM -> PolicyAction.POLICY_ACTION_CUSTOM;
        };
    }

    static Action decode(PolicyAction action) throws MalformedMessage {
        return switch (action) {
            case POLICY_ACTION_ALLOW -> Action.ALLOW;
            case POLICY_ACTION_DENY -> Action.DENY;
            case POLICY_ACTION_AUDIT -> Action.AUDIT;
            case POLICY_ACTION_CUSTOM -> Action.CUSTOM;
            case POLICY_ACTION_UNSPECIFIED, UNRECOGNIZED -> throw unknown("action", action);
        };
    }

    static dev.countersign.wire.v1.PolicyMode encode(PolicyMode mode) {
        return switch (mode) {
            case ENFORCE -> dev.countersign.wire.v1.PolicyMode.POLICY_MODE_ENFORCE;
            case DRY_RUN -> dev.countersign.wire.v1.PolicyMode.POLICY_MODE_DRY_RUN;
        };
    }

    static PolicyMode decode(dev.countersign.wire.v1.PolicyMode mode) throws MalformedMessage {
        return switch (mode) {
            case POLICY_MODE_ENFORCE -> PolicyMode.ENFORCE;
            case POLICY_MODE_DRY_RUN -> PolicyMode.DRY_RUN;
            case POLICY_MODE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("mode", mode);
        };
    }

    static PolicyCompatibility encode(Compatibility compatibility) {
        return switch (compatibility) {
            case COUNTERSIGN -> PolicyCompatibility.POLICY_COMPATIBILITY_COUNTERSIGN;
            case ISTIO -> PolicyCompatibility.POLICY_COMPATIBILITY_ISTIO;
        };
    }

    static Compatibility decode(PolicyCompatibility compatibility) throws MalformedMessage {
        return switch (compatibility) {
            case POLICY_COMPATIBILITY_COUNTERSIGN -> Compatibility.COUNTERSIGN;
            case POLICY_COMPATIBILITY_ISTIO -> Compatibility.ISTIO;
            case POLICY_COMPATIBILITY_UNSPECIFIED, UNRECOGNIZED ->
                    throw unknown("compatibility", compatibility);
        };
    }

    static PolicyDefaultAction encode(DefaultAction action) {
        return switch (action) {
            case ALLOW -> PolicyDefaultAction.POLICY_DEFAULT_ACTION_ALLOW;
            case DENY -> PolicyDefaultAction.POLICY_DEFAULT_ACTION_DENY;
        };
    }

    static DefaultAction decode(PolicyDefaultAction action) throws MalformedMessage {
        return switch (action) {
            case POLICY_DEFAULT_ACTION_ALLOW -> DefaultAction.ALLOW;
            case POLICY_DEFAULT_ACTION_DENY -> DefaultAction.DENY;
            case POLICY_DEFAULT_ACTION_UNSPECIFIED, UNRECOGNIZED ->
                    throw unknown("default_action", action);
        };
    }

    static PathNormalization encode(PathNormalizer.Mode mode) {
        return switch (mode) {
            case NONE -> PathNormalization.PATH_NORMALIZATION_NONE;
            case BASE -> PathNormalization.PATH_NORMALIZATION_BASE;
            case MERGE_SLASHES -> PathNormalization.PATH_NORMALIZATION_MERGE_SLASHES;
            case DECODE_AND_MERGE_SLASHES ->
                    PathNormalization.PATH_NORMALIZATION_DECODE_AND_MERGE_SLASHES;
        };
    }

    static PathNormalizer.Mode decode(PathNormalization mode) throws MalformedMessage {
        return switch (mode) {
            case PATH_NORMALIZATION_NONE -> PathNormalizer.Mode.NONE;
            case PATH_NORMALIZATION_BASE -> PathNormalizer.Mode.BASE;
            case PATH_NORMALIZATION_MERGE_SLASHES -> PathNormalizer.Mode.MERGE_SLASHES;
            case PATH_NORMALIZATION_DECODE_AND_MERGE_SLASHES ->
                    PathNormalizer.Mode.DECODE_AND_MERGE_SLASHES;
            case PATH_NORMALIZATION_UNSPECIFIED, UNRECOGNIZED ->
                    throw unknown("path_normalization", mode);
        };
    }

    static ExternalAuthorizerType encode(ExternalAuthorizer.Type type) {
        return switch (type) {
            case HTTP -> ExternalAuthorizerType.EXTERNAL_AUTHORIZER_TYPE_HTTP;
            case GRPC -> ExternalAuthorizerType.EXTERNAL_AUTHORIZER_TYPE_GRPC;
        };
    }

    static ExternalAuthorizer.Type decode(ExternalAuthorizerType type) throws MalformedMessage {
        return switch (type) {
            case EXTERNAL_AUTHORIZER_TYPE_HTTP -> ExternalAuthorizer.Type.HTTP;
            case EXTERNAL_AUTHORIZER_TYPE_GRPC -> ExternalAuthorizer.Type.GRPC;
            case EXTERNAL_AUTHORIZER_TYPE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("type", type);
        };
    }

    private static MalformedMessage unknown(String field, Enum<?> value) {
        return new MalformedMessage(
                field + ": " + value + " (expected: a value this version knows)");
    }
}
