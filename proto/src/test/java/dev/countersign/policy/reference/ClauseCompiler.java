package dev.countersign.policy.reference;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Compatibility;
import dev.countersign.policy.ConditionKey;
import dev.countersign.policy.DataPlane;
import dev.countersign.policy.MeshSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Turns the written values of one field into a {@link Matcher}, for one policy.
 *
 * <p>Every method throws {@link IllegalArgumentException} for a value that admission refuses; what
 * becomes of the rule then is {@link RuleCompiler}'s affair.
 */
final class ClauseCompiler {

    private static final String SCHEME = "spiffe://";

    private final AuthorizationPolicy policy;
    private final MeshSettings mesh;
    private final TrustDomains trustDomains;
    private final boolean strict;
    private final boolean expandAliases;

    ClauseCompiler(AuthorizationPolicy policy, MeshSettings mesh, DataPlane dataPlane) {
        this.policy = policy;
        this.mesh = mesh;
        this.trustDomains = new TrustDomains(mesh);
        this.strict =
                policy.group() != ApiGroup.ISTIO || mesh.compatibility() != Compatibility.ISTIO;
        this.expandAliases = dataPlane == DataPlane.SIDECAR;
    }

    /** Whether quirks that let callers in are closed for this policy. */
    boolean strict() {
        return strict;
    }

    Matcher principals(List<String> values) {
        List<Predicate<String>> any = new ArrayList<>();
        for (String value : values) {
            String plain = acceptsScheme() ? withoutScheme(value) : value;
            List<String> expanded =
                    expandAliases ? trustDomains.expandPrincipal(plain) : List.of(plain);
            expanded.forEach(one -> any.add(Texts.principal(one)));
        }
        return new Matcher.Text(Attribute.Plain.PRINCIPAL, any, null);
    }

    Matcher namespaces(List<String> values) {
        List<String> own = trustDomains.own();
        return strict
                ? identity(values, value -> Texts.namespaceIn(own, value), ownPeers())
                : identity(values, Texts::namespaceAnywhere, null);
    }

    Matcher serviceAccounts(List<String> values) {
        return identity(values, this::serviceAccount, strict ? ownPeers() : null);
    }

    Matcher trustDomains(List<String> values) {
        List<String> expanded = new ArrayList<>();
        for (String value : values) {
            if (value.indexOf('/') >= 0 || value.indexOf('*') != value.lastIndexOf('*')) {
                throw invalid(value, "a trust domain with at most one *");
            }
            expanded.addAll(expandAliases ? trustDomains.expandTrustDomain(value) : List.of(value));
        }
        return identity(expanded, Texts::trustDomain, null);
    }

    Matcher requestPrincipals(List<String> values) {
        return new Matcher.TokenPrincipal(values.stream().map(TokenName::of).toList());
    }

    Matcher addresses(Matcher.Address.Which which, List<String> values) {
        List<Block> blocks = new ArrayList<>();
        for (String value : values) {
            Block block = Block.parse(value);
            if (block == null) {
                throw invalid(value, "an IP address or CIDR block");
            }
            blocks.add(block);
        }
        return new Matcher.Address(which, blocks);
    }

    Matcher ports(List<String> values) {
        return new Matcher.Port(values.stream().map(ClauseCompiler::port).toList());
    }

    Matcher hosts(List<String> values) {
        return text(Attribute.Plain.HOST, values, Texts::host);
    }

    Matcher methods(List<String> values) {
        return text(Attribute.Plain.METHOD, values, Texts::text);
    }

    Matcher paths(List<String> values) {
        return text(Attribute.Plain.PATH, values, Texts::path);
    }

    Matcher expression(String source) {
        return new Matcher.Expression(source, trustDomains.own(), policy.action() != Action.ALLOW);
    }

    Matcher condition(ConditionKey key, List<String> values) {
        return switch (key) {
            case ConditionKey.Plain plain -> plainCondition(plain, values);
            case ConditionKey.Header header ->
                    text(new Attribute.Header(header.name()), values, Texts::text);
            case ConditionKey.TokenClaim claim -> claim(claim.path(), values);
            case ConditionKey.FilterMetadata metadata -> metadata(metadata, values);
        };
    }

    private Matcher plainCondition(ConditionKey.Plain key, List<String> values) {
        return switch (key) {
            case SOURCE_IP -> addresses(Matcher.Address.Which.SOURCE, values);
            case REMOTE_IP -> addresses(Matcher.Address.Which.REMOTE, values);
            case DESTINATION_IP -> addresses(Matcher.Address.Which.DESTINATION, values);
            case DESTINATION_PORT -> ports(values);
            case SOURCE_NAMESPACE -> namespaces(values);
            case SOURCE_SERVICE_ACCOUNT -> serviceAccounts(values);
            case SOURCE_PRINCIPAL -> principals(values);
            case SOURCE_TRUST_DOMAIN -> trustDomains(values);
            case REQUEST_PRINCIPAL -> requestPrincipals(values);
            case REQUEST_AUDIENCES -> claim(List.of("aud"), values);
            case REQUEST_PRESENTER -> claim(List.of("azp"), values);
            case CONNECTION_SNI -> text(Attribute.Plain.SNI, values, Texts::text);
        };
    }

    private Matcher claim(List<String> path, List<String> values) {
        boolean split = path.size() == 1 && mesh.spaceDelimitedClaims().contains(path.getFirst());
        boolean scalars = strict && policy.action() != Action.ALLOW;
        return new Matcher.Claims(
                new Claim(path, split, scalars), values.stream().map(Texts::text).toList());
    }

    private static Matcher metadata(ConditionKey.FilterMetadata key, List<String> values) {
        List<Predicate<String>> texts = new ArrayList<>();
        List<Predicate<String>> items = new ArrayList<>();
        for (String value : values) {
            boolean list = value.length() > 1 && value.startsWith("[") && value.endsWith("]");
            (list ? items : texts)
                    .add(Texts.text(list ? value.substring(1, value.length() - 1) : value));
        }
        return new Matcher.Metadata(key.filter() + "[" + key.key() + "]", texts, items);
    }

    private Predicate<String> serviceAccount(String value) {
        int slash = value.indexOf('/');
        String namespace = slash < 0 ? policy.namespace() : value.substring(0, slash);
        String account = value.substring(slash + 1);
        if (namespace.isEmpty() || account.isEmpty() || account.indexOf('/') >= 0) {
            throw invalid(value, "<service account> or <namespace>/<service account>");
        }
        return strict
                ? Texts.accountIn(trustDomains.own(), namespace, account)
                : Texts.accountAnywhere(namespace, account);
    }

    private Predicate<String> ownPeers() {
        return Texts.anyAccountIn(trustDomains.own());
    }

    /** Our own group reads a principal with its scheme; elsewhere it must not let a DENY go by. */
    private boolean acceptsScheme() {
        return policy.group() == ApiGroup.COUNTERSIGN
                || (strict && policy.action() != Action.ALLOW);
    }

    private static String withoutScheme(String value) {
        return value.startsWith(SCHEME) ? value.substring(SCHEME.length()) : value;
    }

    private static Matcher identity(
            List<String> values,
            Function<String, Predicate<String>> compile,
            @Nullable Predicate<String> scope) {
        List<Predicate<String>> any = values.stream().map(compile).toList();
        return new Matcher.Text(Attribute.Plain.PRINCIPAL, any, scope);
    }

    private static Matcher text(
            Attribute attribute, List<String> values, Function<String, Predicate<String>> compile) {
        return new Matcher.Text(attribute, values.stream().map(compile).toList(), null);
    }

    private static int port(String value) {
        boolean digits = !value.isEmpty() && value.length() <= 5;
        for (int i = 0; i < value.length(); i++) {
            digits &= value.charAt(i) >= '0' && value.charAt(i) <= '9';
        }
        int port = digits ? Integer.parseInt(value) : -1;
        if (port < 0 || port > 65535) {
            throw invalid(value, "a port, 0 to 65535");
        }
        return port;
    }

    private static IllegalArgumentException invalid(String value, String expected) {
        return new IllegalArgumentException(value + " (expected: " + expected + ")");
    }
}
