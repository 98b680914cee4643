package dev.countersign.deploy.bench;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Condition;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.NormalizedPath;
import dev.countersign.policy.Operation;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.Request;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import dev.countersign.policy.Workload;
import dev.countersign.policy.match.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Policies as meshes have them: callers by principal, namespace or service account, methods, exact
 * paths and prefixes, ports, a header now and then; a tenth of the policies deny.
 */
final class PolicySamples {

    static final int RULES_PER_POLICY = 10;

    static final MeshSettings MESH = MeshSettings.countersign("countersign", "example.org");
    static final Workload ORDERS = new Workload("shop", "orders", Map.of("app", "orders"));

    private static final List<String> NONE = List.of();

    private PolicySamples() {}

    /** Twenty policies, 38 rules: what one workload of a usual mesh has. */
    static List<AuthorizationPolicy> typical() {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        policies.add(
                policy(
                        "countersign",
                        "no-debug",
                        Action.DENY,
                        List.of(
                                rule(NONE, List.of("test"), NONE, NONE, NONE, List.of()),
                                rule(
                                        NONE,
                                        NONE,
                                        List.of("8080"),
                                        NONE,
                                        List.of("/debug/*", "/actuator/*"),
                                        List.of()))));
        policies.add(
                policy(
                        "shop",
                        "no-deletes",
                        Action.DENY,
                        List.of(
                                rule(
                                        NONE,
                                        List.of("batch"),
                                        NONE,
                                        List.of("DELETE"),
                                        NONE,
                                        List.of()))));
        policies.add(
                policy(
                        "shop",
                        "mark-exports",
                        Action.AUDIT,
                        List.of(
                                rule(
                                        NONE,
                                        NONE,
                                        List.of("8080"),
                                        List.of("GET"),
                                        List.of("/export/*"),
                                        List.of()))));
        for (int i = policies.size(); i < 20; i++) {
            policies.add(
                    policy(
                            "shop",
                            "callers-" + i,
                            Action.ALLOW,
                            List.of(
                                    rule(
                                            List.of("example.org/ns/shop/sa/web-" + i),
                                            NONE,
                                            List.of("8080"),
                                            List.of("GET", "POST"),
                                            List.of("/orders/*", "/carts/" + i),
                                            List.of()),
                                    rule(
                                            NONE,
                                            List.of("ops-" + i),
                                            NONE,
                                            List.of("GET"),
                                            List.of("/healthz"),
                                            List.of(header("t" + i))))));
        }
        return policies;
    }

    /** A hit of the typical set, by the first rule of its twelfth policy. */
    static Request typicalRequest() {
        return http("example.org/ns/shop/sa/web-11", "POST", "/orders/4711/items", "t3");
    }

    /** The same caller on an opaque port. */
    static Request tcpRequest() {
        return Request.tcp()
                .port(5432)
                .sourcePrincipal("example.org/ns/shop/sa/web-11")
                .sourceIp(IpAddress.parse("10.1.2.3"))
                .build();
    }

    /** As many rules as asked for, all different, and a DENY for each ninth ALLOW. */
    static List<AuthorizationPolicy> many(int rules) {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        for (int from = 0; from < rules; from += RULES_PER_POLICY) {
            policies.add(many(policies.size(), 0));
        }
        return policies;
    }

    /** One of the policies of {@link #many}, in one of its versions. */
    static AuthorizationPolicy many(int number, int version) {
        boolean denies = number % 10 == 9;
        List<Rule> rules = new ArrayList<>();
        for (int i = number * RULES_PER_POLICY; i < (number + 1) * RULES_PER_POLICY; i++) {
            rules.add(denies ? denied(i, version) : allowed(i, version));
        }
        return policy("shop", "p" + number, denies ? Action.DENY : Action.ALLOW, rules);
    }

    /** Allowed by the eighth rule of the policy with this number. */
    static Request hit(int policy) {
        int rule = policy * RULES_PER_POLICY + 7;
        return http(principal(rule), "GET", "/api/v1/service-" + rule + "/items/7", "t3");
    }

    /** Denied by the eighth rule of the policy with this number. */
    static Request denied(int policy) {
        int rule = policy * RULES_PER_POLICY + 7;
        return http(principal(3), "GET", "/internal/service-" + rule + "/keys", "t3");
    }

    /** Matched by no rule. */
    static Request miss() {
        return http("example.org/ns/elsewhere/sa/stranger", "GET", "/api/v2/other/items/7", "t3");
    }

    /** On TCP: allowed by an L4 rule, the seventh of the policy with this number. */
    static Request tcpHit(int policy) {
        int rule = policy * RULES_PER_POLICY + 6;
        return Request.tcp().port(9000 + rule % 50).sourcePrincipal(principal(rule)).build();
    }

    private static Rule allowed(int i, int version) {
        List<String> caller = List.of(principal(i));
        List<String> path = List.of("/api/v1/service-" + i + "/*", "/api/v1/v" + version);
        return switch (i % 10) {
            case 0 -> rule(NONE, List.of("team-" + i), NONE, List.of("GET"), path, List.of());
            case 1 ->
                    rule(
                            caller,
                            NONE,
                            NONE,
                            NONE,
                            List.of("/rpc.Service" + i + "/Call"),
                            List.of());
            case 2 ->
                    rule(caller, NONE, NONE, List.of("POST"), NONE, List.of(header("t" + i % 50)));
            case 6 -> rule(caller, NONE, List.of("" + (9000 + i % 50)), NONE, NONE, List.of());
            default -> rule(caller, NONE, List.of("8080"), List.of("GET", "HEAD"), path, List.of());
        };
    }

    private static Rule denied(int i, int version) {
        List<String> path = List.of("/internal/service-" + i + "/*", "/internal/v" + version);
        return switch (i % 10) {
            case 0 -> rule(NONE, List.of("quarantine-" + i), NONE, NONE, NONE, List.of());
            case 1 -> rule(List.of(principal(i)), NONE, NONE, List.of("DELETE"), NONE, List.of());
            // With its port: without it the rule would deny every TCP connection as well.
            default -> rule(NONE, NONE, List.of("8080"), NONE, path, List.of());
        };
    }

    private static String principal(int i) {
        return "example.org/ns/team-" + i % 100 + "/sa/service-" + i;
    }

    private static Request http(String principal, String method, String path, String tenant) {
        return Request.http()
                .port(8080)
                .sourcePrincipal(principal)
                .sourceIp(IpAddress.parse("10.1.2.3"))
                .method(method)
                .host("orders.shop.svc:8080")
                .normalPath(normal(path))
                .header("x-tenant", tenant)
                .build();
    }

    /** As an agent has it: brought into its form when the request was read. */
    private static NormalizedPath.Ok normal(String path) {
        return switch (PathNormalizer.normalize(MESH.pathNormalization(), path)) {
            case NormalizedPath.Ok ok -> ok;
            case NormalizedPath.Refused refused ->
                    throw new IllegalArgumentException(path + ": " + refused);
        };
    }

    private static Condition header(String tenant) {
        return new Condition("request.headers[x-tenant]", List.of(tenant), NONE);
    }

    private static Rule rule(
            List<String> principals,
            List<String> namespaces,
            List<String> ports,
            List<String> methods,
            List<String> paths,
            List<Condition> when) {
        List<Source> from =
                principals.isEmpty() && namespaces.isEmpty()
                        ? List.of()
                        : List.of(
                                new Source(
                                        principals,
                                        NONE,
                                        NONE,
                                        NONE,
                                        namespaces,
                                        NONE,
                                        NONE,
                                        NONE,
                                        NONE,
                                        NONE,
                                        NONE,
                                        NONE,
                                        NONE,
                                        NONE));
        List<Operation> to =
                ports.isEmpty() && methods.isEmpty() && paths.isEmpty()
                        ? List.of()
                        : List.of(
                                new Operation(NONE, NONE, ports, NONE, methods, NONE, paths, NONE));
        return new Rule(from, to, when, null);
    }

    private static AuthorizationPolicy policy(
            String namespace, String name, Action action, List<Rule> rules) {
        return new AuthorizationPolicy(
                ApiGroup.COUNTERSIGN,
                namespace,
                name,
                action,
                PolicyMode.ENFORCE,
                Map.of(),
                List.of(),
                null,
                rules,
                null);
    }
}
