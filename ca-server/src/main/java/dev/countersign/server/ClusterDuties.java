package dev.countersign.server;

import dev.countersign.runtime.Closer;
import dev.countersign.runtime.Health;
import dev.countersign.server.authority.AuthorityRing;
import dev.countersign.server.authority.Leadership;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.KubernetesSettings;
import dev.countersign.server.kubernetes.leader.LeaseLeadership;
import dev.countersign.server.kubernetes.trust.TrustPublisher;
import dev.countersign.server.kubernetes.trust.TrustText;
import dev.countersign.trust.TrustBundle;
import dev.countersign.wire.Pem;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;

/** What one of the replicas does for the cluster, and who decides which one. */
final class ClusterDuties {
    private static final String LEASE = "countersign-ca-server";

    private final KubernetesSettings settings;
    private final KubernetesConnection connection;
    private final Closer closer;
    private final LeaseLeadership lease;
    private Optional<TrustPublisher> publisher = Optional.empty();

    /**
     * @param replica names this process
     */
    ClusterDuties(
            KubernetesSettings settings,
            KubernetesConnection connection,
            Closer closer,
            String replica,
            InstantSource clock) {
        this.settings = settings;
        this.connection = connection;
        this.closer = closer;
        this.lease =
                closer.register(
                        new LeaseLeadership(connection, LEASE, replica, clock, System::nanoTime));
    }

    /** Who drives rotations. */
    Leadership leadership(Leadership database) {
        return switch (settings.leader()) {
            case LEASE -> lease;
            case DATABASE -> database;
        };
    }

    /** Whether this replica does what one is enough for. */
    boolean leads() {
        return lease.lead();
    }

    /** Begins to publish whom to believe. */
    void publish(AuthorityRing authority) {
        publisher =
                settings.trustConfigMap()
                        .map(name ->
                                closer.register(
                                        TrustPublisher.start(
                                                connection,
                                                name,
                                                () -> text(authority.bundle()),
                                                this::leads)));
    }

    /** About once a second, on a thread that may wait. */
    void maintain() {
        lease.maintain();
        publisher.ifPresent(TrustPublisher::maintain);
    }

    void review(Health health) {
        publisher.ifPresent(trust ->
                trust.problem()
                        .ifPresentOrElse(
                                problem -> health.degraded("trust-publishing", problem),
                                () -> health.up("trust-publishing")));
    }

    static TrustText text(TrustBundle bundle) {
        StringBuilder roots = new StringBuilder();
        for (X509Certificate root : bundle.roots()) {
            try {
                roots.append(Pem.encode("CERTIFICATE", root.getEncoded()));
            } catch (CertificateEncodingException impossible) {
                throw new IllegalStateException(impossible); // it was decoded once
            }
        }
        return new TrustText(
                bundle.trustDomain().name(), BootstrapWriter.text(bundle), roots.toString());
    }
}
