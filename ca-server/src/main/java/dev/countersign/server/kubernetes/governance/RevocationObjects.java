package dev.countersign.server.kubernetes.governance;

import dev.countersign.feed.DenyEntry;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.authority.Leadership;
import dev.countersign.server.kubernetes.resources.Condition;
import dev.countersign.server.kubernetes.resources.ResourceType;
import dev.countersign.server.kubernetes.resources.ResourceWatch;
import dev.countersign.server.kubernetes.resources.StatusReport;
import dev.countersign.server.kubernetes.resources.StatusWriter;
import dev.countersign.server.kubernetes.schema.ResourceKind;
import dev.countersign.server.revocation.Revocation;
import dev.countersign.server.revocation.RevocationOrder;
import dev.countersign.server.revocation.RevocationRefused;
import dev.countersign.server.revocation.Revocations;
import dev.countersign.server.revocation.Standing;
import dev.countersign.server.revocation.Subjects;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Each object denies a service account or a pod of its own namespace: ordered when it appears, taken
 * back when it is deleted. What an operator ordered about the same target stands, and is not replaced;
 * what an operator took back is not ordered again.
 */
public final class RevocationObjects implements AutoCloseable {
    private static final ResourceType TYPE = ResourceType.of(ResourceKind.REVOCATION);
    private static final String BY = "Revocation ";
    private static final Logger LOG = LoggerFactory.getLogger(RevocationObjects.class);

    private final TrustDomain trustDomain;
    private final Revocations revocations;
    private final Leadership leadership;
    private final StatusWriter writer;
    private final ResourceWatch watch;

    /** By UID: ordered by this process, so that a watch that lags does not order again. */
    private final Map<String, String> ordered = new HashMap<>();

    public RevocationObjects(
            KubernetesClient client,
            TrustDomain trustDomain,
            Revocations revocations,
            Leadership leadership,
            StatusWriter writer) {
        this.trustDomain = trustDomain;
        this.revocations = revocations;
        this.leadership = leadership;
        this.writer = writer;
        this.watch = new ResourceWatch(client, TYPE, ResourceWatch.Listener.NONE);
    }

    public void start() {
        watch.start();
    }

    /** Orders, takes back and tells what is news, where this process leads. */
    public void tick() {
        if (!watch.hasSynced() || !leadership.lead()) {
            return;
        }
        Set<String> stated = new HashSet<>();
        for (GenericKubernetesResource object : watch.all()) {
            stated.add(by(object));
            writer.write(TYPE, object, report(object));
        }
        // While the API server is away the watch keeps what it had, so nothing is taken back then.
        revocations.standings().stream()
                .map(Standing::revocation)
                .filter(one -> one.by().startsWith(BY) && !stated.contains(one.by()))
                .forEach(this::takeBack);
    }

    @Override
    public void close() {
        watch.close();
    }

    private StatusReport report(GenericKubernetesResource object) {
        long generation = generation(object.getMetadata());
        try {
            RevocationOrder order = read(object);
            Optional<Standing> standing = standing(by(object));
            String known = knownId(object);
            if (standing.isEmpty() && known.isEmpty()) {
                standing = Optional.of(revocations.orderIfFree(order));
                ordered.put(object.getMetadata().getUid(), id(standing.get()));
            }
            return standing.map(one -> inForce(one, generation))
                    .orElseGet(() -> over(known, generation));
        } catch (SpecRefused refused) {
            return refused(generation, refused.code(), String.valueOf(refused.getMessage()));
        } catch (RevocationRefused refused) {
            return refused(
                    generation, refused.reason().name(), String.valueOf(refused.getMessage()));
        } catch (AuditUnavailable | RecordsUnavailable unavailable) {
            return refused(
                    generation,
                    "LOG_UNAVAILABLE",
                    "nothing was changed: the log cannot be written now");
        }
    }

    private RevocationOrder read(GenericKubernetesResource object) throws SpecRefused {
        String namespace = object.getMetadata().getNamespace();
        SpecReader spec = SpecReader.of(object.getAdditionalProperties().get("spec"), "spec");
        Optional<String> account = spec.text("serviceAccount");
        Optional<String> pod = spec.text("pod");
        String reason = spec.required("reason");
        var duration = spec.duration("duration");
        spec.finish();
        if (account.isPresent() == pod.isPresent()) {
            throw new SpecRefused(
                    "CONFLICT",
                    "spec",
                    account.isPresent() ? "serviceAccount and pod" : "neither",
                    "serviceAccount or pod");
        }
        String name = account.orElseGet(pod::get);
        if (!ServiceAccountName.isName(name)) {
            throw new SpecRefused(
                    "INVALID_VALUE",
                    account.isPresent() ? "spec.serviceAccount" : "spec.pod",
                    name,
                    "a name of this namespace");
        }
        // Of its own namespace, whatever is written: the name has no place for another.
        RevocationOrder.Subject subject =
                account.isPresent()
                        ? new RevocationOrder.Identity(
                                SpiffeId.of(trustDomain, new ServiceAccountName(namespace, name)))
                        : new RevocationOrder.Pod(namespace + "/" + name);
        return new RevocationOrder(subject, reason, by(object), duration);
    }

    private void takeBack(Revocation one) {
        RevocationOrder.Subject subject =
                switch (one.target()) {
                    case DenyEntry.Identity identity -> new RevocationOrder.Identity(identity.id());
                    case DenyEntry.Pod pod -> new RevocationOrder.Pod(pod.uid());
                    case DenyEntry.Certificate certificate ->
                            new RevocationOrder.Serial(
                                    certificate.issuerKeyId() + "/" + certificate.serial());
                    case DenyEntry.Issuer issuer -> new RevocationOrder.Issuer(issuer.keyId());
                };
        try {
            revocations.takeBack(subject, "its object was deleted", one.by());
        } catch (RevocationRefused | AuditUnavailable | RecordsUnavailable failed) {
            LOG.atWarn()
                    .addKeyValue("revocation", one.id())
                    .addKeyValue("reason", failed.getMessage())
                    .log("not taken back, trying again");
        }
    }

    private Optional<Standing> standing(String by) {
        return revocations.standings().stream()
                .filter(one -> one.revocation().by().equals(by))
                .findFirst();
    }

    /** Empty where it was never ordered. */
    private String knownId(GenericKubernetesResource object) {
        if (object.getAdditionalProperties().get("status") instanceof Map<?, ?> status
                && status.get("id") instanceof String id) {
            return id;
        }
        return ordered.getOrDefault(object.getMetadata().getUid(), "");
    }

    private static StatusReport inForce(Standing standing, long generation) {
        Revocation one = standing.revocation();
        Map<String, Object> fields = new HashMap<>();
        fields.put("id", one.id());
        fields.put("target", Subjects.text(one.target()));
        fields.put("entries", standing.entries());
        fields.put("until", one.until().map(Object::toString).orElse("this object is deleted"));
        return new StatusReport(
                generation,
                List.of(
                        Condition.yes(
                                Condition.ACCEPTED,
                                "Revoked",
                                Subjects.text(one.target()) + " is denied, " + one.id())),
                fields);
    }

    private static StatusReport over(String id, long generation) {
        return new StatusReport(
                generation,
                List.of(
                        Condition.no(
                                Condition.ACCEPTED,
                                "Over",
                                id
                                        + " is over, or was taken back by an operator; make another"
                                        + " Revocation to deny again")),
                Map.of("id", id, "entries", 0));
    }

    private static StatusReport refused(long generation, String code, String message) {
        return new StatusReport(
                generation, List.of(Condition.no(Condition.ACCEPTED, code, message)), Map.of());
    }

    private static String id(Standing standing) {
        return standing.revocation().id();
    }

    /** A deleted object's successor of the same name is another. */
    private static String by(GenericKubernetesResource object) {
        ObjectMeta metadata = object.getMetadata();
        return BY + metadata.getNamespace() + "/" + metadata.getName() + " " + metadata.getUid();
    }

    private static long generation(ObjectMeta metadata) {
        return metadata.getGeneration() == null ? 0 : metadata.getGeneration();
    }
}
