package dev.countersign.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Condition;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Operation;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import dev.countersign.policy.TargetReference;
import dev.countersign.policy.expression.CheckedExpression;
import dev.countersign.wire.v1.PolicyCondition;
import dev.countersign.wire.v1.PolicyOperation;
import dev.countersign.wire.v1.PolicyRule;
import dev.countersign.wire.v1.PolicySource;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Policies and what they are read against, to messages and back.
 *
 * <p>A policy with a field that this version does not know is refused: what it constrains would be
 * ignored, and an ALLOW would let in more than was written.
 */
public final class PolicyCodec {

    /** As admission has it: {@code dev.countersign.policy.parse}. */
    private static final int MAX_RULES = 512;

    private PolicyCodec() {}

    /** The message for a policy. Equal policies give equal bytes. */
    public static dev.countersign.wire.v1.AuthorizationPolicy encode(AuthorizationPolicy policy) {
        var message =
                dev.countersign.wire.v1.AuthorizationPolicy.newBuilder()
                        .setGroup(PolicyEnums.encode(policy.group()))
                        .setNamespace(policy.namespace())
                        .setName(policy.name())
                        .setAction(PolicyEnums.encode(policy.action()))
                        .setMode(PolicyEnums.encode(policy.mode()))
                        .putAllSelector(new TreeMap<>(policy.selector()));
        policy.targetRefs().forEach(target -> message.addTargetRefs(encode(target)));
        String provider = policy.provider();
        if (provider != null) {
            message.setProvider(provider);
        }
        policy.rules().forEach(rule -> message.addRules(encode(rule)));
        Instant end = policy.validUntil();
        if (end != null) {
            message.setValidUntilSeconds(end.getEpochSecond());
        }
        return message.build();
    }

    /**
     * The policy of a message.
     *
     * @throws MalformedMessage for an enum that is unspecified or unknown, an unknown field, a
     *     missing name, a provider without CUSTOM or the reverse, or too many rules
     */
    public static AuthorizationPolicy decode(dev.countersign.wire.v1.AuthorizationPolicy message)
            throws MalformedMessage {
        refuseUnknown("policy", message);
        Action action = PolicyEnums.decode(message.getAction());
        boolean custom = action == Action.CUSTOM;
        if (custom == message.getProvider().isEmpty()) {
            throw new MalformedMessage(
                    "provider: '"
                            + message.getProvider()
                            + "' with "
                            + action
                            + " (expected: one with CUSTOM, none otherwise)");
        }
        if (message.getRulesCount() > MAX_RULES) {
            throw new MalformedMessage(
                    "rules: " + message.getRulesCount() + " (expected: <= " + MAX_RULES + ")");
        }
        List<Rule> rules = new ArrayList<>();
        for (PolicyRule rule : message.getRulesList()) {
            rules.add(decode(rule));
        }
        List<TargetReference> targets = new ArrayList<>();
        for (dev.countersign.wire.v1.TargetReference target : message.getTargetRefsList()) {
            targets.add(decode(target));
        }
        return new AuthorizationPolicy(
                PolicyEnums.decode(message.getGroup()),
                required("namespace", message.getNamespace()),
                required("name", message.getName()),
                action,
                PolicyEnums.decode(message.getMode()),
                message.getSelectorMap(),
                targets,
                custom ? message.getProvider() : null,
                rules,
                validUntil(message));
    }

    /** The message for the settings of a mesh. Equal settings give equal bytes. */
    public static dev.countersign.wire.v1.MeshSettings encode(MeshSettings mesh) {
        var message =
                dev.countersign.wire.v1.MeshSettings.newBuilder()
                        .setRootNamespace(mesh.rootNamespace())
                        .setIstioRootNamespace(mesh.istioRootNamespace())
                        .setTrustDomain(mesh.trustDomain())
                        .addAllTrustDomainAliases(mesh.trustDomainAliases())
                        .setCompatibility(PolicyEnums.encode(mesh.compatibility()))
                        .setDefaultAction(PolicyEnums.encode(mesh.defaultAction()))
                        .setPathNormalization(PolicyEnums.encode(mesh.pathNormalization()))
                        .addAllSpaceDelimitedClaims(
                                mesh.spaceDelimitedClaims().stream().sorted().toList())
                        .setMultipleCustomProviders(mesh.multipleCustomProviders());
        new TreeMap<>(mesh.externalAuthorizers())
                .values()
                .forEach(one -> message.addExternalAuthorizers(encode(one)));
        return message.build();
    }

    /**
     * The settings of a message.
     *
     * @throws MalformedMessage for an enum that is unspecified or unknown, a missing name, or an
     *     external authorizer out of its bounds
     */
    public static MeshSettings decode(dev.countersign.wire.v1.MeshSettings message)
            throws MalformedMessage {
        Map<String, ExternalAuthorizer> authorizers = new LinkedHashMap<>();
        for (var one : message.getExternalAuthorizersList()) {
            ExternalAuthorizer authorizer = decode(one);
            authorizers.put(authorizer.name(), authorizer);
        }
        return new MeshSettings(
                required("root_namespace", message.getRootNamespace()),
                required("istio_root_namespace", message.getIstioRootNamespace()),
                required("trust_domain", message.getTrustDomain()),
                message.getTrustDomainAliasesList(),
                PolicyEnums.decode(message.getCompatibility()),
                PolicyEnums.decode(message.getDefaultAction()),
                PolicyEnums.decode(message.getPathNormalization()),
                new HashSet<>(message.getSpaceDelimitedClaimsList()),
                message.getMultipleCustomProviders(),
                authorizers);
    }

    private static dev.countersign.wire.v1.ExternalAuthorizer encode(ExternalAuthorizer one) {
        return dev.countersign.wire.v1.ExternalAuthorizer.newBuilder()
                .setName(one.name())
                .setType(PolicyEnums.encode(one.type()))
                .setAddress(one.address())
                .setSpiffeId(one.spiffeId())
                .setCaCertificates(one.caCertificates())
                .setTimeoutMillis((int) one.timeout().toMillis())
                .setFailOpen(one.failOpen())
                .setStatusOnError(one.statusOnError())
                .setPathPrefix(one.pathPrefix())
                .addAllIncludeRequestHeadersInCheck(one.includeRequestHeadersInCheck())
                .addAllHeadersToUpstreamOnAllow(one.headersToUpstreamOnAllow())
                .addAllHeadersToDownstreamOnAllow(one.headersToDownstreamOnAllow())
                .addAllHeadersToDownstreamOnDeny(one.headersToDownstreamOnDeny())
                .build();
    }

    private static ExternalAuthorizer decode(dev.countersign.wire.v1.ExternalAuthorizer message)
            throws MalformedMessage {
        refuseUnknown("external authorizer", message);
        try {
            return new ExternalAuthorizer(
                    required("external_authorizers.name", message.getName()),
                    PolicyEnums.decode(message.getType()),
                    message.getAddress(),
                    message.getSpiffeId(),
                    message.getCaCertificates(),
                    Duration.ofMillis(Integer.toUnsignedLong(message.getTimeoutMillis())),
                    message.getFailOpen(),
                    message.getStatusOnError(),
                    message.getPathPrefix(),
                    message.getIncludeRequestHeadersInCheckList(),
                    message.getHeadersToUpstreamOnAllowList(),
                    message.getHeadersToDownstreamOnAllowList(),
                    message.getHeadersToDownstreamOnDenyList());
        } catch (IllegalArgumentException outOfBounds) {
            throw new MalformedMessage(
                    "external authorizer: " + outOfBounds.getMessage(), outOfBounds);
        }
    }

    private static PolicyRule encode(Rule rule) {
        PolicyRule.Builder message = PolicyRule.newBuilder();
        rule.from().forEach(source -> message.addFrom(encode(source)));
        rule.to().forEach(operation -> message.addTo(encode(operation)));
        rule.when().forEach(condition -> message.addWhen(encode(condition)));
        String expression = rule.expression();
        if (expression != null) {
            message.setExpression(expression);
        }
        CheckedExpression checked = rule.checked();
        if (checked != null) {
            message.setCheckedExpression(ByteString.copyFrom(checked.bytes()));
        }
        return message.build();
    }

    private static Rule decode(PolicyRule message) throws MalformedMessage {
        refuseUnknown("rule", message);
        List<Source> from = new ArrayList<>();
        for (PolicySource source : message.getFromList()) {
            from.add(decode(source));
        }
        List<Operation> to = new ArrayList<>();
        for (PolicyOperation operation : message.getToList()) {
            to.add(decode(operation));
        }
        List<Condition> when = new ArrayList<>();
        for (PolicyCondition condition : message.getWhenList()) {
            when.add(decode(condition));
        }
        String expression = message.getExpression();
        return new Rule(
                from,
                to,
                when,
                expression.isEmpty() ? null : expression,
                checked(expression, message.getCheckedExpression()));
    }

    private static @Nullable CheckedExpression checked(String expression, ByteString bytes)
            throws MalformedMessage {
        if (bytes.isEmpty()) {
            return null;
        }
        if (expression.isEmpty()) {
            throw new MalformedMessage(
                    "checked_expression: without expression (expected: both or none)");
        }
        try {
            return CheckedExpression.of(bytes.toByteArray());
        } catch (IllegalArgumentException outOfBounds) {
            throw new MalformedMessage(String.valueOf(outOfBounds.getMessage()), outOfBounds);
        }
    }

    private static PolicySource encode(Source source) {
        return PolicySource.newBuilder()
                .addAllPrincipals(source.principals())
                .addAllNotPrincipals(source.notPrincipals())
                .addAllRequestPrincipals(source.requestPrincipals())
                .addAllNotRequestPrincipals(source.notRequestPrincipals())
                .addAllNamespaces(source.namespaces())
                .addAllNotNamespaces(source.notNamespaces())
                .addAllIpBlocks(source.ipBlocks())
                .addAllNotIpBlocks(source.notIpBlocks())
                .addAllRemoteIpBlocks(source.remoteIpBlocks())
                .addAllNotRemoteIpBlocks(source.notRemoteIpBlocks())
                .addAllServiceAccounts(source.serviceAccounts())
                .addAllNotServiceAccounts(source.notServiceAccounts())
                .addAllTrustDomains(source.trustDomains())
                .addAllNotTrustDomains(source.notTrustDomains())
                .build();
    }

    private static Source decode(PolicySource message) throws MalformedMessage {
        refuseUnknown("source", message);
        return new Source(
                message.getPrincipalsList(),
                message.getNotPrincipalsList(),
                message.getRequestPrincipalsList(),
                message.getNotRequestPrincipalsList(),
                message.getNamespacesList(),
                message.getNotNamespacesList(),
                message.getIpBlocksList(),
                message.getNotIpBlocksList(),
                message.getRemoteIpBlocksList(),
                message.getNotRemoteIpBlocksList(),
                message.getServiceAccountsList(),
                message.getNotServiceAccountsList(),
                message.getTrustDomainsList(),
                message.getNotTrustDomainsList());
    }

    private static PolicyOperation encode(Operation operation) {
        return PolicyOperation.newBuilder()
                .addAllHosts(operation.hosts())
                .addAllNotHosts(operation.notHosts())
                .addAllPorts(operation.ports())
                .addAllNotPorts(operation.notPorts())
                .addAllMethods(operation.methods())
                .addAllNotMethods(operation.notMethods())
                .addAllPaths(operation.paths())
                .addAllNotPaths(operation.notPaths())
                .build();
    }

    private static Operation decode(PolicyOperation message) throws MalformedMessage {
        refuseUnknown("operation", message);
        return new Operation(
                message.getHostsList(),
                message.getNotHostsList(),
                message.getPortsList(),
                message.getNotPortsList(),
                message.getMethodsList(),
                message.getNotMethodsList(),
                message.getPathsList(),
                message.getNotPathsList());
    }

    private static PolicyCondition encode(Condition condition) {
        return PolicyCondition.newBuilder()
                .setKey(condition.key())
                .addAllValues(condition.values())
                .addAllNotValues(condition.notValues())
                .build();
    }

    private static Condition decode(PolicyCondition message) throws MalformedMessage {
        refuseUnknown("condition", message);
        return new Condition(
                required("condition.key", message.getKey()),
                message.getValuesList(),
                message.getNotValuesList());
    }

    static dev.countersign.wire.v1.TargetReference encode(TargetReference target) {
        return dev.countersign.wire.v1.TargetReference.newBuilder()
                .setGroup(target.group())
                .setKind(target.kind())
                .setName(target.name())
                .setNamespace(target.namespace())
                .build();
    }

    static TargetReference decode(dev.countersign.wire.v1.TargetReference message)
            throws MalformedMessage {
        refuseUnknown("target", message);
        return new TargetReference(
                message.getGroup(),
                required("target.kind", message.getKind()),
                required("target.name", message.getName()),
                message.getNamespace());
    }

    private static @Nullable Instant validUntil(dev.countersign.wire.v1.AuthorizationPolicy message)
            throws MalformedMessage {
        if (!message.hasValidUntilSeconds()) {
            return null;
        }
        try {
            return Instant.ofEpochSecond(message.getValidUntilSeconds());
        } catch (DateTimeException e) {
            throw new MalformedMessage(
                    "valid_until_seconds: "
                            + message.getValidUntilSeconds()
                            + " (expected: a time that exists)",
                    e);
        }
    }

    static String required(String field, String value) throws MalformedMessage {
        if (value.isEmpty()) {
            throw new MalformedMessage(field + ": '' (expected: a value)");
        }
        return value;
    }

    static void refuseUnknown(String what, Message message) throws MalformedMessage {
        if (!message.getUnknownFields().asMap().isEmpty()) {
            throw new MalformedMessage(
                    what
                            + ": unknown fields "
                            + message.getUnknownFields().asMap().keySet()
                            + " (expected: only fields that this version knows)");
        }
    }
}
