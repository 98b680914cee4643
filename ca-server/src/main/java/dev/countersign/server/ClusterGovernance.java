package dev.countersign.server;

import dev.countersign.identity.TrustDomain;
import dev.countersign.runtime.Closer;
import dev.countersign.server.authority.Leadership;
import dev.countersign.server.authority.RootRotation;
import dev.countersign.server.authority.approval.ApprovalDesk;
import dev.countersign.server.authority.rotation.RotationPlan;
import dev.countersign.server.distribution.LiveSettings;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.governance.MeshSettingsObject;
import dev.countersign.server.kubernetes.governance.RevocationObjects;
import dev.countersign.server.kubernetes.governance.TrustRootObject;
import dev.countersign.server.kubernetes.resources.StatusWriter;
import dev.countersign.server.revocation.Revocations;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/** What the security team states in objects at the API server. */
final class ClusterGovernance {
    private final RevocationObjects revocations;
    private final TrustRootObject roots;
    private final MeshSettingsObject settings;

    /** What it is made of. */
    record Parts(
            KubernetesConnection cluster,
            TrustDomain trustDomain,
            LiveSettings settings,
            Revocations revocations,
            RootRotation rotation,
            RotationPlan plan,
            Supplier<List<ApprovalDesk.Waiting>> approvals,
            Leadership leadership,
            InstantSource clock) {}

    ClusterGovernance(Parts parts, Closer closer) {
        StatusWriter writer = new StatusWriter(parts.cluster().client(), parts.clock());
        this.revocations =
                closer.register(
                        new RevocationObjects(
                                parts.cluster().client(),
                                parts.trustDomain(),
                                parts.revocations(),
                                parts.leadership(),
                                writer));
        this.roots =
                closer.register(
                        new TrustRootObject(
                                parts.cluster().client(),
                                parts.rotation(),
                                parts.plan(),
                                parts.approvals(),
                                parts.leadership(),
                                writer));
        this.settings =
                closer.register(
                        new MeshSettingsObject(
                                parts.cluster().client(),
                                parts.settings().get(),
                                parts.settings()::use,
                                parts.leadership(),
                                writer));
    }

    void start() {
        revocations.start();
        roots.start();
        settings.start();
    }

    /** About once a second, on a thread that may wait. */
    void maintain() {
        revocations.tick();
        roots.tick();
        settings.tick();
    }
}
