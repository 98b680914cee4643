package dev.countersign.server.kubernetes.access;

import static org.awaitility.Awaitility.await;

import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.keys.encryptedfile.SealedText;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.admin.RbacAccess;
import dev.countersign.server.kubernetes.identity.ApiTokenReviews;
import dev.countersign.server.kubernetes.keys.SecretKeyVault;
import dev.countersign.server.kubernetes.leader.LeaseLeadership;
import dev.countersign.server.kubernetes.pods.PodIndex;
import dev.countersign.server.kubernetes.pods.PodWatch;
import dev.countersign.server.kubernetes.pods.ServiceNames;
import dev.countersign.server.kubernetes.trust.TrustPublisher;
import dev.countersign.server.kubernetes.trust.TrustText;
import dev.countersign.server.operators.AdminAction;
import dev.countersign.server.testing.KubePods;
import dev.countersign.server.x509.Scrypt;
import io.fabric8.kubernetes.api.model.Pod;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** What the server does in a cluster. */
enum Duty {
    FOLLOW_PODS,
    FOLLOW_SERVICES,
    ASK_FOR_A_POD,
    REVIEW_TOKENS,
    REVIEW_OPERATORS,
    KEEP_A_KEY,
    FIND_A_KEY,
    DESTROY_A_KEY,
    TAKE_THE_LEAD,
    KEEP_THE_LEAD,
    PUBLISH_TRUST;

    private static final Scrypt CHEAP = new Scrypt(1 << 10, 8, 1);
    private static final long FIVE_SECONDS = 5_000_000_001L;

    /** Does all of it, and says what does not work. */
    static Set<Duty> failing(
            KubernetesConnection connection, KubernetesConnection admin, KubePods pods, Pod pod) {
        Set<Duty> failing = EnumSet.noneOf(Duty.class);
        for (Duty duty : values()) {
            try {
                if (!duty.works(connection, admin, pods, pod)) {
                    failing.add(duty);
                }
            } catch (Exception refused) {
                failing.add(duty);
            }
        }
        return failing;
    }

    private boolean works(
            KubernetesConnection connection, KubernetesConnection admin, KubePods pods, Pod pod)
            throws Exception {
        return switch (this) {
            case FOLLOW_PODS -> {
                try (PodWatch watch = PodWatch.start(connection, new PodIndex())) {
                    await().until(() -> watch.isLive() || watch.problem().contains("403"));
                    yield watch.isLive();
                }
            }
            case FOLLOW_SERVICES -> {
                try (ServiceNames names = ServiceNames.start(connection, new PodIndex(), "c.l")) {
                    await().until(() -> names.isLive() || names.problem().contains("403"));
                    yield names.isLive();
                }
            }
            case ASK_FOR_A_POD -> {
                try (PodWatch watch = PodWatch.start(connection, new PodIndex())) {
                    yield watch.ask(pods.namespace(), "server").isPresent();
                }
            }
            case REVIEW_TOKENS ->
                    new ApiTokenReviews(connection, new SimpleMeterRegistry())
                            .review(new BearerToken(pods.token(pod)), Set.of(KubePods.AUDIENCE))
                            .authenticated();
            case REVIEW_OPERATORS ->
                    new RbacAccess(connection)
                            .caller(pods.token(pod, RbacAccess.AUDIENCE), AdminAction.READ_STATE)
                            .denied()
                            .isPresent();
            case KEEP_A_KEY -> vault(connection).create("kept") != null;
            case FIND_A_KEY -> {
                vault(admin).create("found");
                yield vault(connection).find("found").isPresent();
            }
            case DESTROY_A_KEY -> {
                vault(admin).create("destroyed");
                yield vault(connection).destroy("destroyed");
            }
            case TAKE_THE_LEAD -> {
                LeaseLeadership lead = lead(connection, new AtomicLong());
                lead.maintain();
                yield lead.lead();
            }
            case KEEP_THE_LEAD -> {
                AtomicLong nanos = new AtomicLong();
                LeaseLeadership lead = lead(connection, nanos);
                lead.maintain();
                nanos.addAndGet(FIVE_SECONDS);
                lead.maintain();
                nanos.addAndGet(FIVE_SECONDS + FIVE_SECONDS / 2);
                yield lead.lead();
            }
            case PUBLISH_TRUST -> published(connection, pods);
        };
    }

    private static SecretKeyVault vault(KubernetesConnection connection) {
        SecureRandom random = new SecureRandom();
        return new SecretKeyVault(
                connection,
                SecretKeyVault.DEFAULT_PREFIX,
                new SealedText(
                        Passphrase.takeOver("a passphrase for tests".toCharArray()), CHEAP, random),
                random);
    }

    private static LeaseLeadership lead(KubernetesConnection connection, AtomicLong nanos) {
        return new LeaseLeadership(
                connection, "countersign-ca-server", "me", InstantSource.system(), nanos::get);
    }

    /** Of its own: the others are at it at the same time. */
    static String trustName(String namespace) {
        return "trust-" + namespace;
    }

    private static boolean published(KubernetesConnection connection, KubePods pods) {
        TrustText text = new TrustText("mesh.example", pods.namespace(), "PEM");
        try (TrustPublisher publisher =
                TrustPublisher.start(
                        connection, trustName(pods.namespace()), () -> text, () -> true)) {
            await().until(() -> {
                publisher.maintain();
                return (publisher.isLive() && publisher.hasPublished(pods.namespace()))
                        || publisher.problem().orElse("").contains("403");
            });
            return publisher.isLive() && publisher.hasPublished(pods.namespace());
        }
    }
}
