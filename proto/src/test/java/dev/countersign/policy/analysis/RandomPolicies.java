package dev.countersign.policy.analysis;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Compatibility;
import dev.countersign.policy.Condition;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Operation;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import dev.countersign.policy.TargetReference;
import dev.countersign.policy.match.IpAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Small meshes, policies and requests over few words, so that they meet; the words are the traps:
 * dots and stars in names, paths that are near each other, attributes that are absent.
 */
record RandomPolicies(RandomGenerator random) {

    static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
    private static final List<String> IDENTITIES =
            List.of(
                    "td/ns/a/sa/x",
                    "td/ns/a/sa/y",
                    "td/ns/b/sa/x",
                    "old/ns/a/sa/x",
                    "evil/ns/a/sa/x",
                    "evil/ns/b/sa/td",
                    "td/ns/a.b/sa/x",
                    "td/ns/acb/sa/x",
                    "td/ns/a/sa/x/more",
                    "td/ns/a/ns/b/sa/x",
                    "td/ns/a/r/sa/x",
                    "cluster.local/ns/a/sa/x",
                    "td",
                    "td/",
                    "",
                    "/ns/a/sa/x",
                    "td/ns//sa/x",
                    "td/ns/a/sa/");
    private static final List<String> PRINCIPALS =
            List.of(
                    "td/ns/a/sa/x",
                    "td/ns/a/sa/*",
                    "*/ns/a/sa/x",
                    "*/sa/x",
                    "*",
                    "cluster.local/ns/a/sa/x",
                    "old/ns/a/sa/x",
                    "*d/ns/a/sa/x",
                    "spiffe://td/ns/a/sa/x",
                    "td/ns/a.b/sa/x",
                    "evil/*",
                    "*a*",
                    "td/*/a/sa/x");
    private static final List<String> NAMESPACES =
            List.of("a", "b", "a.b", "*", "a*", "*b", "a*b", "c");
    private static final List<String> ACCOUNTS =
            List.of("x", "a/x", "b/x", "a.b/x", "a/", "/x", "a/b/c", "a/y");
    private static final List<String> TRUST_DOMAINS =
            List.of("td", "old", "evil", "*", "t*", "*d", "t*d", "cluster.local", "a/b", "*a*");
    private static final List<String> BLOCKS =
            List.of(
                    "10.0.0.0/8",
                    "10.0.0.1",
                    "0.0.0.0/0",
                    "2001:db8::/32",
                    "::1",
                    "10.0.0.7/29",
                    "x");
    private static final List<String> ADDRESSES =
            List.of("10.0.0.1", "10.0.0.8", "11.0.0.1", "2001:db8::5", "::1", "255.255.255.255");
    private static final List<String> PORTS = List.of("80", "8080", "0", "65535", "70000", "");
    private static final List<String> METHODS = List.of("GET", "POST", "get", "P*", "*T", "*");
    private static final List<String> HOSTS =
            List.of("a.example", "*.example", "A.Example:*", "b.*", "*", "*:80");
    private static final List<String> PATHS =
            List.of(
                    "/a",
                    "/a*",
                    "*/b",
                    "*",
                    "/a/{*}",
                    "/a/{**}",
                    "/a/{*}/b/{**}",
                    "/{**}/b",
                    "/a/{*}.txt",
                    "/a/*b",
                    "/a/b",
                    "/");
    private static final List<String> REQUEST_PATHS =
            List.of(
                    "/a",
                    "/a/",
                    "/a/b",
                    "/a/c/b/",
                    "/a/c/b/d",
                    "/",
                    "*",
                    "/ab",
                    "/a//b",
                    "/a/./b",
                    "/a/..",
                    "/a/%41",
                    "/a%2Fb",
                    "/a/%00",
                    "/a/*b",
                    "/a\\b",
                    "/a/...",
                    "a",
                    "",
                    "/é");
    private static final List<String> TEXTS =
            List.of("v", "vw", "wv", "v*", "*v", "*", "true", "7");
    private static final List<String> KEYS =
            List.of(
                    "source.ip",
                    "remote.ip",
                    "source.namespace",
                    "source.serviceAccount",
                    "source.principal",
                    "source.trustDomain",
                    "request.auth.principal",
                    "request.auth.audiences",
                    "request.auth.presenter",
                    "destination.ip",
                    "destination.port",
                    "connection.sni",
                    "request.headers[x-a]",
                    "request.headers[:path]",
                    "request.headers[Host]",
                    "request.auth.claims[scope]",
                    "request.auth.claims[a][b]",
                    "experimental.envoy.filters.f[k]",
                    "destination.user");
    private static final List<String> TOKENS =
            List.of("i/s", "*", "i/*", "*/s", "i*", "*s", "i/s*", "*/*", "j/s", "i");
    private static final List<String> NOTES = List.of("v", "[v]", "v*", "[*w]");

    MeshSettings mesh() {
        return new MeshSettings(
                "root",
                chance(2) ? "root" : "istio",
                "td",
                chance(2) ? List.of() : List.of("old"),
                one(List.of(Compatibility.values())),
                one(List.of(DefaultAction.values())),
                one(List.of(PathNormalizer.Mode.values())),
                MeshSettings.DEFAULT_SPACE_DELIMITED_CLAIMS,
                chance(2),
                Map.of(
                        "grpc",
                        new ExternalAuthorizer("grpc", ExternalAuthorizer.Type.GRPC),
                        "http",
                        new ExternalAuthorizer("http", ExternalAuthorizer.Type.HTTP)));
    }

    List<AuthorizationPolicy> policies() {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            policies.add(policy("p" + i));
        }
        return policies;
    }

    AuthorizationPolicy policy(String name) {
        Action action =
                one(
                        List.of(
                                Action.ALLOW,
                                Action.ALLOW,
                                Action.ALLOW,
                                Action.DENY,
                                Action.DENY,
                                Action.CUSTOM,
                                Action.AUDIT));
        List<Rule> rules = new ArrayList<>();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            rules.add(rule());
        }
        return new AuthorizationPolicy(
                one(List.of(ApiGroup.values())),
                one(List.of("a", "a", "a", "root", "istio", "b")),
                name,
                action,
                chance(8) ? PolicyMode.DRY_RUN : PolicyMode.ENFORCE,
                chance(3) ? Map.of("app", one(List.of("orders", "web"))) : Map.of(),
                chance(20) ? List.of(new TargetReference("", "Service", "s", "")) : List.of(),
                action == Action.CUSTOM ? one(List.of("grpc", "http", "unknown")) : null,
                rules,
                chance(6) ? NOW.plusSeconds(random.nextInt(3) - 1) : null);
    }

    private Rule rule() {
        List<Source> from = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            from.add(source());
        }
        List<Operation> to = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            to.add(operation());
        }
        List<Condition> when = new ArrayList<>();
        for (int i = random.nextInt(5) / 3; i > 0; i--) {
            when.add(condition());
        }
        return new Rule(from, to, when, null);
    }

    private Source source() {
        return new Source(
                some(PRINCIPALS, 3),
                some(PRINCIPALS, 8),
                some(TOKENS, 10),
                some(TOKENS, 12),
                some(NAMESPACES, 4),
                some(NAMESPACES, 8),
                some(BLOCKS, 10),
                some(BLOCKS, 12),
                some(BLOCKS, 12),
                some(BLOCKS, 12),
                some(ACCOUNTS, 6),
                some(ACCOUNTS, 10),
                some(TRUST_DOMAINS, 6),
                some(TRUST_DOMAINS, 10));
    }

    private Operation operation() {
        return new Operation(
                some(HOSTS, 6),
                some(HOSTS, 10),
                some(PORTS, 5),
                some(PORTS, 10),
                some(METHODS, 3),
                some(METHODS, 8),
                some(PATHS, 2),
                some(PATHS, 6));
    }

    private Condition condition() {
        String key = one(KEYS);
        List<String> words =
                switch (key) {
                    case "source.ip", "remote.ip", "destination.ip" -> BLOCKS;
                    case "source.namespace" -> NAMESPACES;
                    case "source.serviceAccount" -> ACCOUNTS;
                    case "source.principal" -> PRINCIPALS;
                    case "source.trustDomain" -> TRUST_DOMAINS;
                    case "request.auth.principal" -> TOKENS;
                    case "destination.port" -> PORTS;
                    case "request.headers[:path]" -> PATHS;
                    case "request.headers[Host]" -> HOSTS;
                    case "experimental.envoy.filters.f[k]" -> NOTES;
                    default -> TEXTS;
                };
        return new Condition(key, some(words, 2), some(words, 3));
    }

    Request request() {
        Request.Builder builder = chance(4) ? Request.tcp() : Request.http();
        builder.port(one(List.of(80, 8080, 0, 65535, 443)))
                .sourcePrincipal(maybe(IDENTITIES))
                .sourceIp(address())
                .destinationIp(address())
                .sni(maybe(TEXTS));
        if (chance(2)) {
            builder.remoteIp(address());
        }
        if (chance(3)) {
            builder.metadata(Map.of("f[k]", one(List.of("v", "w", List.of("v", "w"), List.of()))));
        }
        Request tcp = builder.build();
        if (!tcp.isHttp()) {
            return tcp;
        }
        builder.method(one(List.of("GET", "POST", "get", "PUT", "")))
                .host(maybe(List.of("a.example", "A.EXAMPLE:80", "b.example", "b.c", "")))
                .path(chance(12) ? null : one(REQUEST_PATHS))
                .jwtClaims(claims());
        if (chance(2)) {
            builder.header("X-A", one(TEXTS));
        }
        return builder.build();
    }

    ProviderAnswers answers() {
        Map<String, ProviderAnswers.Answer> answers = new HashMap<>();
        for (String name : Set.of("grpc", "http", "unknown")) {
            answers.put(name, one(List.of(ProviderAnswers.Answer.values())));
        }
        return provider -> answers.getOrDefault(provider, ProviderAnswers.Answer.UNAVAILABLE);
    }

    private @Nullable Map<String, ?> claims() {
        if (chance(3)) {
            return null;
        }
        Map<String, Object> claims = new HashMap<>();
        claims.put("iss", one(List.of("i", "j", "", 7)));
        claims.put("sub", one(List.of("s", "*", "st", "")));
        claims.put("aud", one(List.of("v", List.of("v", "vw"), List.of(), true)));
        claims.put("scope", one(List.of("v vw", " ", "wv", List.of("v w"), 7)));
        claims.put("a", one(List.of(Map.of("b", "v"), Map.of("b", true), Map.of(), "v")));
        return claims;
    }

    private @Nullable IpAddress address() {
        return chance(6) ? null : IpAddress.parse(one(ADDRESSES));
    }

    private @Nullable String maybe(List<String> words) {
        return chance(6) ? null : one(words);
    }

    /** One or two words, once in so many times. */
    private List<String> some(List<String> words, int rarity) {
        if (!chance(rarity)) {
            return List.of();
        }
        return chance(2) ? List.of(one(words)) : List.of(one(words), one(words));
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
