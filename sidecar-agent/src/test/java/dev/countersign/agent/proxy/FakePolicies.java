package dev.countersign.agent.proxy;

import dev.countersign.agent.subscription.PolicySource;
import dev.countersign.feed.KeySet;
import dev.countersign.policy.ApiGroup;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import dev.countersign.policy.authentication.JwtRule;
import dev.countersign.policy.authentication.PeerAuthentications;
import dev.countersign.policy.authentication.RequestAuthentication;
import dev.countersign.policy.authentication.RequestAuthentications;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Says that something changed when told to; decides nothing, but may have rules for tokens. */
final class FakePolicies implements PolicySource {
    private static final MeshSettings MESH = MeshSettings.countersign("countersign", "mesh.test");

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile InForce inForce = with(List.of(), List.of());

    void changed() {
        listeners.forEach(Runnable::run);
    }

    /** From now on these issuers are believed. */
    void believe(List<JwtRule> rules, List<KeySet> keys) {
        inForce = with(rules, keys);
        changed();
    }

    @Override
    public Optional<InForce> current() {
        return Optional.of(inForce);
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private static InForce with(List<JwtRule> rules, List<KeySet> keys) {
        RequestAuthentication tokens =
                new RequestAuthentication(
                        ApiGroup.COUNTERSIGN, "shop", "tokens", Map.of(), List.of(), rules);
        return InForce.of(
                PolicySet.of(1, MESH, List.of()),
                new Workload("shop", "orders", Map.of()),
                new PeerAuthentications(MESH, List.of()),
                new RequestAuthentications(MESH, List.of(tokens)),
                keys);
    }
}
