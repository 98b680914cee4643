package dev.countersign.server;

import dev.countersign.edges.ObservedEdge;
import dev.countersign.policy.MeshSettings;
import dev.countersign.runtime.Health;
import dev.countersign.server.admission.AdmissionServer;
import dev.countersign.server.admission.WebhookTrust;
import dev.countersign.server.admission.injection.InjectionReviewer;
import dev.countersign.server.admission.injection.Injector;
import dev.countersign.server.admission.policies.PolicyReviewer;
import dev.countersign.server.admission.policies.TrafficGuard;
import dev.countersign.server.admission.review.Reviewer;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.authority.AuthorityRing;
import dev.countersign.server.bundleendpoint.EndpointCertificate;
import dev.countersign.server.distribution.EdgeRecords;
import dev.countersign.server.distribution.PolicyFeed;
import dev.countersign.server.kubernetes.KubernetesConnection;
import dev.countersign.server.kubernetes.webhooks.WebhookConfigurations;
import dev.countersign.server.servingcert.ServedName;
import dev.countersign.server.servingcert.ServingCertificate;
import dev.countersign.wire.Pem;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires the webhooks: the port, its certificate, whom the API server believes, what is answered. */
final class AdmissionStart implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AdmissionStart.class);
    private static final String PART = "webhooks";

    /** Of what flows, so many edges are looked at: a review has milliseconds. */
    private static final int MAX_EDGES = 5_000;

    private final Parts parts;
    private final AdmissionConfig config;
    private final ServingCertificate certificate;
    private final WebhookTrust trust;
    private final AdmissionServer server;
    private final ReentrantLock maintaining = new ReentrantLock();
    private volatile List<ObservedEdge> flowing = List.of();

    /** What it is made of. */
    record Parts(
            KubernetesConnection kubernetes,
            AuthorityRing authority,
            ServingCertificate.Parts certificates,
            Duration certificateLife,
            Optional<InjectionConfig> injection,
            MeshSettings mesh,
            PolicyFeed policies,
            EdgeRecords edges,
            Health health,
            MeterRegistry metrics,
            InstantSource clock) {}

    static AdmissionStart start(AdmissionConfig config, Parts parts, SecureRandom random)
            throws Exception {
        return new AdmissionStart(config, parts, random);
    }

    private AdmissionStart(AdmissionConfig config, Parts parts, SecureRandom random)
            throws Exception {
        this.config = config;
        this.parts = parts;
        certificate =
                ServingCertificate.issue(
                        parts.certificates(),
                        ServedName.webhook(parts.certificates().trustDomain(), dnsNames()),
                        parts.certificateLife(),
                        parts.clock(),
                        random);
        trust =
                new WebhookTrust(
                        new WebhookConfigurations(
                                parts.kubernetes(), config.mutating(), config.validating()),
                        this::roots,
                        () -> certificate.maintain(parts.clock().instant()),
                        parts.clock());
        server =
                AdmissionServer.start(
                        config.server(),
                        EndpointCertificate.context(this::shown),
                        reviewers(),
                        parts.metrics());
        log.atInfo()
                .addKeyValue("port", server.port())
                .addKeyValue("names", dnsNames())
                .log("webhooks listen");
    }

    /** The port that was bound. */
    int port() {
        return server.port();
    }

    /** Whom the API server believes, and the certificate. One at a time; it asks the API server. */
    void maintain() {
        if (!maintaining.tryLock()) {
            return;
        }
        try {
            trust.maintain();
            String problem = trust.problem();
            if (problem.isEmpty()) {
                parts.health().up(PART);
            } else {
                parts.health().degraded(PART, problem);
            }
        } finally {
            maintaining.unlock();
        }
    }

    /** What flowed lately, for the guard; reads the store. */
    void look() {
        if (config.guardTraffic().isEmpty()) {
            return;
        }
        List<ObservedEdge> found = new ArrayList<>();
        EdgeRecords.Query lately =
                new EdgeRecords.Query(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(true),
                        Optional.empty(),
                        parts.clock().instant().minus(config.guardTraffic().get()));
        try {
            parts.edges()
                    .find(
                            lately,
                            edge -> {
                                if (found.size() < MAX_EDGES) {
                                    found.add(edge);
                                }
                            });
            flowing = List.copyOf(found);
        } catch (RecordsUnavailable unavailable) {
            log.atWarn()
                    .addKeyValue("cause", unavailable.getMessage())
                    .log("the guard goes by what flowed before");
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private List<String> dnsNames() {
        return config.dnsNames().isEmpty()
                ? List.of("countersign-webhook." + parts.kubernetes().namespace() + ".svc")
                : config.dnsNames();
    }

    private EndpointCertificate.Shown shown() {
        ServingCertificate.Held held = certificate.current();
        return new EndpointCertificate.Shown(held.chain(), held.key());
    }

    private List<String> roots() {
        return parts.authority().bundle().roots().stream().map(AdmissionStart::pem).toList();
    }

    private Map<String, Reviewer> reviewers() {
        Map<String, Reviewer> reviewers = new LinkedHashMap<>();
        parts.injection()
                .ifPresent(injection -> {
                    boolean known = parts.kubernetes().version().isAtLeast(1, 29);
                    Injector injector = new Injector(injection.settings(known));
                    // Which of them is called says what the namespace's label says.
                    reviewers.put(
                            "/inject/wanted", new InjectionReviewer(injector, Optional.of(true)));
                    reviewers.put(
                            "/inject/silent", new InjectionReviewer(injector, Optional.empty()));
                });
        reviewers.put(
                "/policies", new PolicyReviewer(config.guardTraffic().map(window -> guard())));
        return reviewers;
    }

    private TrafficGuard guard() {
        return new TrafficGuard(
                () -> {
                    PolicyFeed.State state = parts.policies().state();
                    return new TrafficGuard.InForce(state.set().policies(), state.peers().all());
                },
                () -> flowing,
                parts.mesh(),
                parts.clock());
    }

    private static String pem(X509Certificate root) {
        try {
            return Pem.encode("CERTIFICATE", root.getEncoded());
        } catch (CertificateEncodingException impossible) {
            throw new IllegalStateException(impossible); // it was decoded from there
        }
    }
}
