package dev.countersign.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.Rule;
import dev.countersign.policy.expression.CheckedExpression;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.wire.v1.PolicyAction;
import dev.countersign.wire.v1.PolicyMode;
import dev.countersign.wire.v1.PolicyRule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyCodecTest {

    private static final String EVERY_FIELD =
            """
            apiVersion: countersign.dev/v1
            kind: AuthorizationPolicy
            metadata: {name: everything, namespace: shop}
            spec:
              selector: {matchLabels: {app: orders, tier: back}}
              action: ALLOW
              mode: DryRun
              validUntil: 2026-03-01T10:15:02Z
              rules:
              - from:
                - source:
                    principals: [a/ns/b/sa/c]
                    notPrincipals: [a/ns/b/sa/d]
                    requestPrincipals: [iss/sub]
                    notRequestPrincipals: [iss/bad]
                    namespaces: [b]
                    notNamespaces: [e]
                    ipBlocks: [10.0.0.0/8]
                    notIpBlocks: [10.1.0.0/16]
                    remoteIpBlocks: [192.0.2.1]
                    notRemoteIpBlocks: [192.0.2.2]
                    trustDomains: [a]
                    notTrustDomains: [z]
                - source: {serviceAccounts: [b/c], notServiceAccounts: [d]}
                to:
                - operation:
                    hosts: [h]
                    notHosts: [i]
                    ports: ['80']
                    notPorts: ['81']
                    methods: [GET]
                    notMethods: [PUT]
                    paths: [/a]
                    notPaths: [/b]
                when:
                - {key: 'request.headers[x]', values: [v], notValues: [w]}
              - {}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: custom, namespace: shop}
            spec:
              action: CUSTOM
              provider: {name: authz}
              targetRef: {kind: Service, name: orders}
              rules: [{}]
            """;

    @Test
    void aPolicyComesBackAsItWent() throws Exception {
        for (AuthorizationPolicy policy : policies()) {
            byte[] bytes = PolicyCodec.encode(policy).toByteArray();

            assertThat(PolicyCodec.decode(parse(bytes))).isEqualTo(policy);
        }
    }

    @Test
    void meshSettingsComeBackAsTheyWent() throws Exception {
        MeshSettings plain = MeshSettings.countersign("countersign-system", "mesh.example");
        MeshSettings full =
                new MeshSettings(
                        "a",
                        "b",
                        "c",
                        List.of("d", "e"),
                        plain.compatibility(),
                        DefaultAction.ALLOW,
                        PathNormalizer.Mode.NONE,
                        Set.of("f", "g"),
                        true,
                        Map.of(
                                "h",
                                new ExternalAuthorizer(
                                        "h",
                                        ExternalAuthorizer.Type.HTTP,
                                        "authz.shop:443",
                                        "",
                                        "-----BEGIN CERTIFICATE-----",
                                        ExternalAuthorizer.DEFAULT_TIMEOUT,
                                        false,
                                        403,
                                        "",
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        List.of()),
                                "i",
                                new ExternalAuthorizer(
                                        "i",
                                        ExternalAuthorizer.Type.GRPC,
                                        "authz.shop:9000",
                                        "spiffe://c/ns/shop/sa/authz",
                                        "",
                                        Duration.ofMillis(250),
                                        true,
                                        503,
                                        "/check",
                                        List.of("x-a"),
                                        List.of("x-b"),
                                        List.of("x-c"),
                                        List.of("x-d"))));

        assertThat(PolicyCodec.decode(PolicyCodec.encode(plain))).isEqualTo(plain);
        assertThat(PolicyCodec.decode(PolicyCodec.encode(full))).isEqualTo(full);
    }

    @Test
    void aCheckedExpressionTravelsBesideItsSourceAndNeverAlone() throws Exception {
        Rule rule =
                new Rule(
                        List.of(),
                        List.of(),
                        List.of(),
                        "true",
                        CheckedExpression.of(new byte[] {1, 2}));
        AuthorizationPolicy plain = policies().getFirst();
        AuthorizationPolicy policy =
                new AuthorizationPolicy(
                        plain.group(),
                        plain.namespace(),
                        plain.name(),
                        plain.action(),
                        plain.mode(),
                        plain.selector(),
                        plain.targetRefs(),
                        null,
                        List.of(rule),
                        null);
        var message = PolicyCodec.encode(policy);
        var alone =
                message.toBuilder().setRules(0, message.getRules(0).toBuilder().clearExpression());

        assertThat(PolicyCodec.decode(message)).isEqualTo(policy);
        assertThatThrownBy(() -> PolicyCodec.decode(alone.build()))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining("checked_expression");
    }

    @Test
    void anAuthorizerOutOfItsBoundsIsRefused() {
        var good = PolicyCodec.encode(MeshSettings.countersign("r", "t"));
        var authorizer =
                dev.countersign.wire.v1.ExternalAuthorizer.newBuilder()
                        .setName("n")
                        .setType(
                                dev.countersign.wire.v1.ExternalAuthorizerType
                                        .EXTERNAL_AUTHORIZER_TYPE_GRPC)
                        .setStatusOnError(403)
                        .setTimeoutMillis(60_001);

        assertThatThrownBy(() ->
                        PolicyCodec.decode(
                                good.toBuilder().addExternalAuthorizers(authorizer).build()))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining("timeout");
    }

    @Test
    void anUnspecifiedOrUnknownEnumIsRefused() throws Exception {
        var good = PolicyCodec.encode(policies().getFirst());

        assertThatThrownBy(() ->
                        PolicyCodec.decode(
                                good.toBuilder()
                                        .setMode(PolicyMode.POLICY_MODE_UNSPECIFIED)
                                        .build()))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining("mode");
        assertThatThrownBy(() -> PolicyCodec.decode(good.toBuilder().setActionValue(77).build()))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining("action");
        assertThatThrownBy(() ->
                        PolicyCodec.decode(
                                PolicyCodec.encode(MeshSettings.istio("r", "t")).toBuilder()
                                        .setDefaultActionValue(9)
                                        .build()))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining("default_action");
    }

    @Test
    void aFieldFromTheFutureIsRefusedWhereverItStands() throws Exception {
        UnknownFieldSet future =
                UnknownFieldSet.newBuilder()
                        .addField(
                                30,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFromUtf8("x"))
                                        .build())
                        .build();
        var good = PolicyCodec.encode(policies().getFirst());
        var inPolicy = good.toBuilder().setUnknownFields(future).build();
        PolicyRule rule = good.getRules(0).toBuilder().setUnknownFields(future).build();
        var inSource =
                good.getRules(0).toBuilder()
                        .setFrom(
                                0, good.getRules(0).getFrom(0).toBuilder().setUnknownFields(future))
                        .build();

        for (var bad :
                List.of(
                        inPolicy,
                        good.toBuilder().setRules(0, rule).build(),
                        good.toBuilder().setRules(0, inSource).build())) {
            byte[] bytes = bad.toByteArray();
            assertThatThrownBy(() -> PolicyCodec.decode(parse(bytes)))
                    .isInstanceOf(MalformedMessage.class)
                    .hasMessageContaining("unknown fields [30]");
        }
    }

    @Test
    void aProviderGoesWithCustomAndNothingElse() throws Exception {
        var allow = PolicyCodec.encode(policies().getFirst());
        var custom = PolicyCodec.encode(policies().getLast());

        assertThatThrownBy(() -> PolicyCodec.decode(allow.toBuilder().setProvider("p").build()))
                .isInstanceOf(MalformedMessage.class);
        assertThatThrownBy(() -> PolicyCodec.decode(custom.toBuilder().clearProvider().build()))
                .isInstanceOf(MalformedMessage.class);
        assertThat(custom.getAction()).isEqualTo(PolicyAction.POLICY_ACTION_CUSTOM);
    }

    private static List<AuthorizationPolicy> policies() throws PolicyRefused {
        return PolicyParser.parse("all.yaml", EVERY_FIELD.getBytes(StandardCharsets.UTF_8))
                .policies();
    }

    private static dev.countersign.wire.v1.AuthorizationPolicy parse(byte[] bytes)
            throws InvalidProtocolBufferException {
        return dev.countersign.wire.v1.AuthorizationPolicy.parseFrom(bytes);
    }
}
