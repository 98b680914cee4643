package dev.countersign.policy;

import dev.countersign.policy.match.IpAddress;
import dev.countersign.testing.Cases;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Thousands of rules that ask for values of their own, in every form, and requests for some of them. */
final class ManyRules {

    static final MeshSettings MESH = MeshSettings.countersign("root", "td");
    static final Workload WORKLOAD = new Workload("a", "orders", Map.of());

    private static final int FORMS = 9;
    private static final List<String> NONE = List.of();

    private final Cases cases;
    private final int rules;

    ManyRules(Cases cases, int rules) {
        this.cases = cases;
        this.rules = rules;
    }

    /** Two rules in each policy; one policy in five denies. */
    List<AuthorizationPolicy> policies() {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        for (int i = 0; i < rules / 2; i++) {
            policies.add(policy(i, cases.between(0, rules), cases.between(0, rules)));
        }
        return policies;
    }

    /** A policy by its number, with rules for two values. */
    AuthorizationPolicy policy(int number, int one, int other) {
        return new AuthorizationPolicy(
                ApiGroup.COUNTERSIGN,
                "a",
                "p" + number,
                number % 5 == 4 ? Action.DENY : Action.ALLOW,
                PolicyMode.ENFORCE,
                Map.of(),
                List.of(),
                null,
                List.of(rule(one), rule(other)),
                null);
    }

    /** Each of its attributes is one that a rule of its own may ask for. */
    Request request() {
        return Request.http()
                .port(1000 + value() % 50_000)
                .sourcePrincipal("td/ns/n" + value() + "/sa/s" + value())
                .sourceIp(IpAddress.parse("10." + value() / 256 + "." + value() % 256 + ".1"))
                .method("GET")
                .host("h" + value() + ".test")
                .path("/p" + value() + "/x")
                .header("x-tenant", "t" + value())
                .build();
    }

    /** Some values are asked for by many rules. */
    private int value() {
        return cases.chance(3) ? cases.between(0, 9) : cases.between(0, rules);
    }

    private static Rule rule(int value) {
        int n = value / FORMS * FORMS;
        return switch (value % FORMS) {
            case 0 -> from(0, "td/ns/n" + n + "/sa/s" + n);
            case 1 -> from(0, "td/ns/n" + n + "/*");
            case 2 -> from(4, "n" + n);
            case 3 -> from(10, "n" + n + "/s" + n % 10);
            case 4 -> from(6, "10." + n / 256 + "." + n % 256 + ".0/24");
            case 5 -> to(6, "/p" + n + "/*");
            case 6 -> to(6, "/p" + n + "/x");
            case 7 -> to(0, "*" + n + ".test");
            default ->
                    new Rule(
                            List.of(),
                            List.of(),
                            List.of(
                                    new Condition(
                                            "request.headers[x-tenant]", List.of("t" + n), NONE)),
                            null);
        };
    }

    private static Rule from(int field, String value) {
        List<List<String>> f = fields(14, field, value);
        return new Rule(
                List.of(
                        new Source(
                                f.get(0), f.get(1), f.get(2), f.get(3), f.get(4), f.get(5),
                                f.get(6), f.get(7), f.get(8), f.get(9), f.get(10), f.get(11),
                                f.get(12), f.get(13))),
                List.of(),
                List.of(),
                null);
    }

    private static Rule to(int field, String value) {
        List<List<String>> f = fields(8, field, value);
        return new Rule(
                List.of(),
                List.of(
                        new Operation(
                                f.get(0), f.get(1), f.get(2), f.get(3), f.get(4), f.get(5),
                                f.get(6), f.get(7))),
                List.of(),
                null);
    }

    private static List<List<String>> fields(int count, int field, String value) {
        List<List<String>> fields = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            fields.add(i == field ? List.of(value) : NONE);
        }
        return fields;
    }
}
