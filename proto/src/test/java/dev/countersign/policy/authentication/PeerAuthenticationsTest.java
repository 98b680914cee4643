package dev.countersign.policy.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Workload;
import dev.countersign.policy.authentication.PeerAuthentications.Level;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PeerAuthenticationsTest {
    private static final String ROOT = "mesh-root";
    private static final MeshSettings OURS = ourMesh();
    private static final MeshSettings ISTIO = MeshSettings.istio(ROOT, "td");
    private static final Workload ORDERS = new Workload("shop", "orders", Map.of("app", "orders"));
    private static final Workload STOCK = new Workload("shop", "stock", Map.of("app", "stock"));
    private static final Map<String, String> ORDERS_ONLY = Map.of("app", "orders");

    @Test
    void theNearestThatSaysSomethingWins() {
        PeerAuthentications all =
                ours(
                        ours(ROOT, "mesh", Map.of(), MtlsMode.STRICT),
                        ours("shop", "namespace", Map.of(), MtlsMode.PERMISSIVE),
                        ours("shop", "workload", ORDERS_ONLY, MtlsMode.DISABLE));

        assertThat(all.modeFor(ORDERS, 80)).isEqualTo(MtlsMode.DISABLE);
        assertThat(all.modeFor(STOCK, 80)).isEqualTo(MtlsMode.PERMISSIVE);
        assertThat(all.modeFor(new Workload("bank", "x", Map.of()), 80)).isEqualTo(MtlsMode.STRICT);
    }

    @Test
    void unsetAsksTheNextWiderOneAndNobodyTheDefault() {
        PeerAuthentications all =
                ours(
                        ours("shop", "namespace", Map.of(), MtlsMode.STRICT),
                        ours("shop", "workload", ORDERS_ONLY, MtlsMode.UNSET),
                        ours("bank", "unset", Map.of(), MtlsMode.UNSET));
        Workload bank = new Workload("bank", "x", Map.of());

        assertThat(all.modeFor(ORDERS, 80)).isEqualTo(MtlsMode.STRICT);
        assertThat(all.resolve(ORDERS, 80).orElseThrow().level()).isEqualTo(Level.NAMESPACE);
        assertThat(all.modeFor(bank, 80)).isEqualTo(MtlsMode.PERMISSIVE);
        assertThat(all.modeFor(bank, 80, MtlsMode.STRICT)).isEqualTo(MtlsMode.STRICT);
        assertThat(all.resolve(bank, 80)).isEmpty();
    }

    @Test
    void aPortStandsAboveItsWorkloadAndUnsetThereMeansAsTheWorkload() {
        PeerAuthentication workload =
                new PeerAuthentication(
                        ApiGroup.COUNTERSIGN,
                        "shop",
                        "workload",
                        ORDERS_ONLY,
                        MtlsMode.STRICT,
                        Map.of(9090, MtlsMode.DISABLE, 9091, MtlsMode.UNSET));
        PeerAuthentications all =
                ours(workload, ours("shop", "all", Map.of(), MtlsMode.PERMISSIVE));

        assertThat(all.modeFor(ORDERS, 80)).isEqualTo(MtlsMode.STRICT);
        assertThat(all.modeFor(ORDERS, 9090)).isEqualTo(MtlsMode.DISABLE);
        assertThat(all.resolve(ORDERS, 9090).orElseThrow().byPort()).isTrue();
        assertThat(all.modeFor(ORDERS, 9091)).isEqualTo(MtlsMode.STRICT);
        assertThat(all.modeFor(STOCK, 9090)).isEqualTo(MtlsMode.PERMISSIVE);
    }

    @Test
    void ofSeveralAtOneLevelTheStrictestWinsWhateverTheOrder() {
        PeerAuthentication lax = ours("shop", "a", Map.of(), MtlsMode.DISABLE);
        PeerAuthentication strict = ours("shop", "b", Map.of(), MtlsMode.STRICT);
        PeerAuthentication alsoStrict = ours("shop", "c", Map.of(), MtlsMode.STRICT);

        for (PeerAuthentications all :
                List.of(ours(lax, strict, alsoStrict), ours(alsoStrict, strict, lax))) {
            assertThat(all.resolve(ORDERS, 80).orElseThrow().by()).isEqualTo(strict);
            assertThat(all.conflicts()).hasSize(1);
            assertThat(all.conflicts().getFirst().between())
                    .containsExactly(lax, strict, alsoStrict);
        }
        assertThat(ours(lax).conflicts()).isEmpty();
    }

    @Test
    void aSelectorInTheRootNamespaceReachesEverywhereButIstiosSaysNothing() {
        PeerAuthentication ours = ours(ROOT, "s", ORDERS_ONLY, MtlsMode.STRICT);
        PeerAuthentication istio =
                new PeerAuthentication(
                        ApiGroup.ISTIO, ROOT, "s", ORDERS_ONLY, MtlsMode.STRICT, Map.of());

        assertThat(ours(ours).modeFor(ORDERS, 80)).isEqualTo(MtlsMode.STRICT);
        assertThat(ours(ours).modeFor(STOCK, 80)).isEqualTo(MtlsMode.PERMISSIVE);
        assertThat(new PeerAuthentications(ISTIO, List.of(istio)).resolve(ORDERS, 80)).isEmpty();
        assertThat(ours(istio).modeFor(ORDERS, 80)).isEqualTo(MtlsMode.STRICT);
    }

    @Test
    void anAgentGetsWhatHasASayForItsWorkload() {
        PeerAuthentication mesh = ours(ROOT, "mesh", Map.of(), MtlsMode.STRICT);
        PeerAuthentication orders = ours("shop", "orders", ORDERS_ONLY, MtlsMode.DISABLE);
        PeerAuthentication bank = ours("bank", "all", Map.of(), MtlsMode.DISABLE);
        PeerAuthentications all = ours(mesh, orders, bank);

        assertThat(all.applicableTo(STOCK)).containsExactly(mesh);
        assertThat(
                        ours(all.applicableTo(ORDERS).toArray(PeerAuthentication[]::new))
                                .modeFor(ORDERS, 80))
                .isEqualTo(all.modeFor(ORDERS, 80));
    }

    /** Both groups have one root namespace, so that they can be told apart by group alone. */
    private static MeshSettings ourMesh() {
        MeshSettings ours = MeshSettings.countersign(ROOT, "td");
        return new MeshSettings(
                ROOT,
                ROOT,
                ours.trustDomain(),
                List.of(),
                ours.compatibility(),
                ours.defaultAction(),
                ours.pathNormalization(),
                ours.spaceDelimitedClaims(),
                false,
                Map.of());
    }

    private static PeerAuthentications ours(PeerAuthentication... all) {
        return new PeerAuthentications(OURS, List.of(all));
    }

    private static PeerAuthentication ours(
            String namespace, String name, Map<String, String> selector, MtlsMode mode) {
        return new PeerAuthentication(
                ApiGroup.COUNTERSIGN, namespace, name, selector, mode, Map.of());
    }
}
