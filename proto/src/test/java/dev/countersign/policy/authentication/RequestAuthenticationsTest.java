package dev.countersign.policy.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.TargetReference;
import dev.countersign.policy.Workload;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestAuthenticationsTest {
    private static final MeshSettings MESH = MeshSettings.countersign("mesh-root", "td");
    private static final Workload ORDERS = new Workload("shop", "orders", Map.of("app", "orders"));
    private static final JwtRule MESH_RULE = JwtRule.ofUri("https://a", "https://a/keys");
    private static final JwtRule SHOP_RULE = JwtRule.ofUri("https://b", "https://b/keys");
    private static final JwtRule ORDERS_RULE = JwtRule.ofKeys("https://c", "{}");

    private final RequestAuthentications all =
            new RequestAuthentications(
                    MESH,
                    List.of(
                            one("shop", "orders", Map.of("app", "orders"), ORDERS_RULE),
                            one("mesh-root", "mesh", Map.of(), MESH_RULE),
                            one("shop", "all", Map.of(), SHOP_RULE)));

    @Test
    void theRulesOfAllThatApplyAreAddedUp() {
        assertThat(all.rulesFor(ORDERS)).containsExactly(MESH_RULE, SHOP_RULE, ORDERS_RULE);
        assertThat(all.rulesFor(new Workload("shop", "stock", Map.of())))
                .containsExactly(MESH_RULE, SHOP_RULE);
        assertThat(all.rulesFor(new Workload("bank", "x", Map.of("app", "orders"))))
                .containsExactly(MESH_RULE);
    }

    @Test
    void keysAreNeededFromEachAddressOnce() {
        assertThat(all.keyAddresses()).containsExactly("https://a/keys", "https://b/keys");
    }

    @Test
    void whatIsForAGatewayIsForNoSidecar() {
        RequestAuthentication gateway =
                new RequestAuthentication(
                        ApiGroup.ISTIO,
                        "shop",
                        "gateway",
                        Map.of(),
                        List.of(
                                new TargetReference(
                                        "gateway.networking.k8s.io", "Gateway", "g", "")),
                        List.of(SHOP_RULE));

        assertThat(new RequestAuthentications(MESH, List.of(gateway)).rulesFor(ORDERS)).isEmpty();
    }

    private static RequestAuthentication one(
            String namespace, String name, Map<String, String> selector, JwtRule rule) {
        return new RequestAuthentication(
                ApiGroup.COUNTERSIGN, namespace, name, selector, List.of(), List.of(rule));
    }
}
