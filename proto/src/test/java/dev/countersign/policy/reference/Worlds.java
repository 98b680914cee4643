package dev.countersign.policy.reference;

import dev.countersign.policy.Action;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Compatibility;
import dev.countersign.policy.Condition;
import dev.countersign.policy.DataPlane;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.ExternalAuthorizer;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Operation;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import dev.countersign.policy.TargetReference;
import dev.countersign.policy.Workload;
import dev.countersign.testing.Cases;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes worlds and requests from a seed. */
public final class Worlds {

    /** With nanoseconds, so that an end of the same millisecond may or may not have come. */
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00.000500Z");

    private final Cases cases;

    public Worlds(Cases cases) {
        this.cases = cases;
    }

    /** Mostly a few policies; now and then so many that an index has more than one word. */
    public World world() {
        int most = cases.chance(8) ? 60 : 7;
        List<AuthorizationPolicy> policies = new ArrayList<>();
        // In most worlds few actions, so that a decision is not always made by the same stage.
        List<Action> actions = some(List.of(Action.values()), 2);
        for (int n = cases.between(0, most); n > 0; n--) {
            policies.add(policy(policies.size(), cases.oneOf(actions)));
        }
        return new World(
                mesh(),
                cases.chance(6) ? DataPlane.ZTUNNEL : DataPlane.SIDECAR,
                NOW,
                new Workload("a", "orders", Map.of("app", "orders", "tier", "back")),
                policies);
    }

    /** The same policies, some of them changed, gone or new. */
    public World changed(World world) {
        List<AuthorizationPolicy> policies = new ArrayList<>(world.policies());
        for (int n = cases.between(1, 2); n > 0; n--) {
            int at = cases.between(0, policies.size());
            AuthorizationPolicy next =
                    policy(1000 + cases.between(0, 1000), cases.oneOf(List.of(Action.values())));
            if (at == policies.size() || cases.chance(3)) {
                policies.add(at, next);
            } else if (cases.chance(2)) {
                policies.remove(at);
            } else {
                policies.set(at, next);
            }
        }
        return world.with(policies);
    }

    /** A request to any world. */
    public Asked asked() {
        Map<String, String> texts = new HashMap<>();
        maybe(texts, "source", Pools.ADDRESSES);
        maybe(texts, "remote", Pools.ADDRESSES);
        maybe(texts, "destination", Pools.ADDRESSES);
        maybe(texts, "sni", Pools.SNI);
        maybe(texts, "method", Pools.METHODS);
        maybe(texts, "host", Pools.HOSTS);
        maybe(texts, "path", Pools.PATHS);
        Map<String, String> headers = new HashMap<>();
        Pools.HEADER_NAMES.forEach(name -> maybe(headers, name, Pools.TEXT_VALUES));
        Map<String, ProviderAnswers.Answer> answers = new HashMap<>();
        Pools.PROVIDERS.forEach(
                name -> answers.put(name, cases.oneOf(List.of(ProviderAnswers.Answer.values()))));
        return new Asked(
                !cases.chance(4),
                Integer.parseInt(cases.oneOf(Pools.PORTS)),
                principal(),
                texts,
                headers,
                claims(),
                cases.chance(2) ? Map.of() : Map.of("f[key]", cases.oneOf(Pools.METADATA_VALUES)),
                answers);
    }

    private @Nullable String principal() {
        if (cases.chance(8)) {
            return null;
        }
        return cases.chance(6)
                ? cases.oneOf(Pools.ODD_PRINCIPALS)
                : cases.oneOf(Pools.TRUST_DOMAINS)
                        + "/ns/"
                        + cases.oneOf(Pools.NAMESPACES)
                        + "/sa/"
                        + cases.oneOf(Pools.ACCOUNTS);
    }

    private @Nullable Map<String, ?> claims() {
        if (cases.chance(3)) {
            return null;
        }
        Map<String, Object> claims = new HashMap<>();
        maybe(claims, "iss", Pools.ISSUERS);
        maybe(claims, "sub", Pools.SUBJECTS);
        Pools.CLAIMS.forEach(name -> maybe(claims, name, Pools.CLAIM_VALUES));
        Map<String, Object> nested = new HashMap<>();
        Pools.CLAIMS.forEach(name -> maybe(nested, name, Pools.CLAIM_VALUES));
        claims.put("nested", cases.chance(4) ? "red" : nested);
        return claims;
    }

    private <V> void maybe(Map<String, ? super V> map, String name, List<V> values) {
        if (!cases.chance(5)) {
            map.put(name, cases.oneOf(values));
        }
    }

    private MeshSettings mesh() {
        return new MeshSettings(
                "root",
                cases.chance(2) ? "root" : "b",
                "td",
                cases.chance(2) ? List.of() : List.of("old"),
                cases.oneOf(List.of(Compatibility.values())),
                cases.oneOf(List.of(DefaultAction.values())),
                cases.oneOf(List.of(PathNormalizer.Mode.values())),
                cases.chance(3) ? Set.of("group") : MeshSettings.DEFAULT_SPACE_DELIMITED_CLAIMS,
                cases.chance(2),
                Map.of(
                        "grpc",
                        new ExternalAuthorizer("grpc", ExternalAuthorizer.Type.GRPC),
                        "http",
                        new ExternalAuthorizer("http", ExternalAuthorizer.Type.HTTP)));
    }

    private AuthorizationPolicy policy(int number, Action action) {
        List<Rule> rules = new ArrayList<>();
        for (int n = cases.between(cases.chance(5) ? 0 : 1, 3); n > 0; n--) {
            rules.add(rule());
        }
        return new AuthorizationPolicy(
                cases.oneOf(List.of(ApiGroup.values())),
                cases.chance(3) ? cases.oneOf(List.of("root", "b")) : "a",
                "p" + number,
                action,
                cases.chance(6) ? PolicyMode.DRY_RUN : PolicyMode.ENFORCE,
                cases.chance(5) ? Map.of("app", cases.oneOf(List.of("orders", "other"))) : Map.of(),
                cases.chance(20)
                        ? List.of(new TargetReference("", "Service", "orders", ""))
                        : List.of(),
                action == Action.CUSTOM ? cases.oneOf(Pools.PROVIDERS) : null,
                rules,
                cases.chance(5) ? NOW.plusNanos(cases.between(-2, 2) * 500_000L / 2) : null);
    }

    private Rule rule() {
        String expression = cases.chance(12) ? cases.oneOf(Expressions.SOURCES) : null;
        return new Rule(
                several(2, this::source),
                several(2, this::operation),
                several(2, this::condition),
                expression,
                // One that admission did not see cannot be evaluated.
                expression == null || cases.chance(4) ? null : Expressions.checked(expression));
    }

    private Source source() {
        List<List<String>> pools =
                List.of(
                        Pools.principals(),
                        Pools.REQUEST_PRINCIPALS,
                        Pools.joined(Pools.NAMESPACES, Pools.NAMESPACE_PATTERNS),
                        Pools.BLOCKS,
                        Pools.BLOCKS,
                        Pools.serviceAccounts(),
                        Pools.joined(Pools.TRUST_DOMAINS, Pools.TRUST_DOMAIN_PATTERNS));
        return PolicyText.Parts.source(fields(pools));
    }

    private Operation operation() {
        return PolicyText.Parts.operation(
                fields(
                        List.of(
                                Pools.HOST_PATTERNS,
                                Pools.PORT_PATTERNS,
                                Pools.METHOD_PATTERNS,
                                Pools.PATH_PATTERNS)));
    }

    /** One field or two of them, seldom more, each as it is or negative. */
    private List<List<String>> fields(List<List<String>> pools) {
        List<List<String>> fields = new ArrayList<>();
        for (int i = 0; i < 2 * pools.size(); i++) {
            fields.add(List.of());
        }
        for (int n = cases.between(1, 2); n > 0; n--) {
            int field = cases.between(0, pools.size() - 1);
            fields.set(2 * field + (cases.chance(4) ? 1 : 0), values(pools.get(field)));
        }
        return fields;
    }

    private Condition condition() {
        String key = cases.oneOf(Pools.CONDITION_KEYS);
        List<String> pool = Pools.valuesFor(key);
        return switch (cases.between(0, 4)) {
            case 0 -> new Condition(key, List.of(), values(pool));
            case 1 -> new Condition(key, values(pool), values(pool));
            default -> new Condition(key, values(pool), List.of());
        };
    }

    private List<String> values(List<String> pool) {
        return some(pool, 3);
    }

    private <T> List<T> some(List<T> pool, int most) {
        List<T> some = new ArrayList<>();
        for (int n = cases.between(1, most); n > 0; n--) {
            some.add(cases.oneOf(pool));
        }
        return some;
    }

    /** Half of the time none. */
    private <T> List<T> several(int most, Supplier<T> make) {
        List<T> several = new ArrayList<>();
        for (int n = cases.chance(2) ? 0 : cases.between(1, most); n > 0; n--) {
            several.add(make.get());
        }
        return several;
    }
}
