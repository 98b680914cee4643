package dev.countersign.server;

import dev.countersign.runtime.Health;
import dev.countersign.server.authority.AuthorityRing;
import dev.countersign.server.authority.IssuingAuthority;
import dev.countersign.server.distribution.PolicyFeed;
import dev.countersign.server.distribution.SubscriptionHub;
import dev.countersign.server.store.Store;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.ComponentHealth;
import dev.countersign.wire.v1.ComponentState;
import dev.countersign.wire.v1.GetBootstrapResponse;
import dev.countersign.wire.v1.GetStatusResponse;
import java.security.cert.X509Certificate;
import java.time.Instant;

/** What {@code countersign server status} shows. */
final class ServerFacts {
    private final ServerConfig config;
    private final Instant started;
    private final Health health;
    private final Store store;
    private final AuthorityRing authority;
    private final PolicyFeed policies;
    private final SubscriptionHub hub;

    ServerFacts(
            ServerConfig config,
            Instant started,
            Health health,
            Store store,
            AuthorityRing authority,
            PolicyFeed policies,
            SubscriptionHub hub) {
        this.config = config;
        this.started = started;
        this.health = health;
        this.store = store;
        this.authority = authority;
        this.policies = policies;
        this.hub = hub;
    }

    GetStatusResponse status() {
        X509Certificate root = authority.bundle().roots().getFirst();
        IssuingAuthority issuing = authority.active();
        GetStatusResponse.Builder status =
                GetStatusResponse.newBuilder()
                        .setTrustDomain(config.trustDomain().name())
                        .setVersion(CaServer.VERSION)
                        .setStarted(Timestamps.encode(started))
                        .setReady(health.ready())
                        .setRootSubject(root.getSubjectX500Principal().getName())
                        .setRootNotAfter(Timestamps.encode(root.getNotAfter().toInstant()))
                        .setIntermediateKeyId(issuing.keyId())
                        .setIntermediateNotAfter(Timestamps.encode(issuing.latestNotAfter()))
                        .setBundleEpoch(authority.epoch())
                        .setPolicyRevision(policies.state().revision())
                        .setAgents(hub.size())
                        .setIssued(store.ledger().issuedCount())
                        .setStore(store.describe())
                        .setLocalIssuer(config.localIssuer());
        health.states().forEach((name, state) -> status.addComponents(component(name, state)));
        return status.build();
    }

    GetBootstrapResponse bootstrap() {
        return GetBootstrapResponse.newBuilder()
                .setBundle(BundleCodec.toMessage(authority.signedBundle()))
                .setFile(BootstrapWriter.text(authority.bundle()))
                .build();
    }

    private static ComponentHealth component(String name, Health.State state) {
        ComponentHealth.Builder component = ComponentHealth.newBuilder().setName(name);
        return switch (state) {
            case Health.State.Up up ->
                    component.setState(ComponentState.COMPONENT_STATE_UP).build();
            case Health.State.Degraded degraded ->
                    component
                            .setState(ComponentState.COMPONENT_STATE_DEGRADED)
                            .setReason(degraded.reason())
                            .build();
            case Health.State.Down down ->
                    component
                            .setState(ComponentState.COMPONENT_STATE_DOWN)
                            .setReason(down.reason())
                            .build();
        };
    }
}
