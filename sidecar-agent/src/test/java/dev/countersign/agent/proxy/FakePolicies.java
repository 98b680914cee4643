package dev.countersign.agent.proxy;

import dev.countersign.agent.subscription.PolicySource;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Says that something changed when told to; decides nothing. */
final class FakePolicies implements PolicySource {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    void changed() {
        listeners.forEach(Runnable::run);
    }

    @Override
    public Optional<InForce> current() {
        return Optional.of(
                InForce.of(
                        PolicySet.of(
                                1, MeshSettings.countersign("countersign", "mesh.test"), List.of()),
                        new Workload("shop", "orders", Map.of())));
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }
}
