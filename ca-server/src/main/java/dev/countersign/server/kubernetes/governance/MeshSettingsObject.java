package dev.countersign.server.kubernetes.governance;

import dev.countersign.feed.AgentSettings;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PathNormalizer;
import dev.countersign.server.authority.Leadership;
import dev.countersign.server.kubernetes.resources.Condition;
import dev.countersign.server.kubernetes.resources.ResourceType;
import dev.countersign.server.kubernetes.resources.ResourceWatch;
import dev.countersign.server.kubernetes.resources.StatusReport;
import dev.countersign.server.kubernetes.resources.StatusWriter;
import dev.countersign.server.kubernetes.schema.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How policies are read, as one object: what it says takes the place of the server's configuration,
 * field by field, at every replica. Without it, or without a field, the configuration holds. One that is
 * refused leaves what was in force.
 */
public final class MeshSettingsObject implements AutoCloseable {
    private static final ResourceType TYPE = ResourceType.of(ResourceKind.MESH_SETTINGS);
    private static final Duration LONGEST_STALE = Duration.ofDays(30);

    private final AgentSettings configured;
    private final Consumer<AgentSettings> use;
    private final Leadership leadership;
    private final StatusWriter writer;
    private final ResourceWatch watch;

    /**
     * @param configured what holds where the object says nothing
     * @param use told what holds, again and again
     */
    public MeshSettingsObject(
            KubernetesClient client,
            AgentSettings configured,
            Consumer<AgentSettings> use,
            Leadership leadership,
            StatusWriter writer) {
        this.configured = configured;
        this.use = use;
        this.leadership = leadership;
        this.writer = writer;
        this.watch = new ResourceWatch(client, TYPE, ResourceWatch.Listener.NONE);
    }

    public void start() {
        watch.start();
    }

    /** Puts what is written into force; the leader says so. */
    public void tick() {
        if (!watch.hasSynced()) {
            return;
        }
        Optional<GenericKubernetesResource> object = watch.find("", ResourceKind.MESH);
        if (object.isEmpty()) {
            use.accept(configured);
            return;
        }
        Condition condition;
        try {
            use.accept(read(object.get()));
            condition = Condition.yes(Condition.ACCEPTED, "Accepted", "in force");
        } catch (SpecRefused refused) {
            condition =
                    Condition.no(
                            Condition.ACCEPTED,
                            refused.code(),
                            refused.getMessage() + "; what was in force stays");
        }
        if (leadership.lead()) {
            writer.write(TYPE, object.get(), report(object.get(), condition));
        }
    }

    @Override
    public void close() {
        watch.close();
    }

    private AgentSettings read(GenericKubernetesResource object) throws SpecRefused {
        SpecReader spec = SpecReader.of(object.getAdditionalProperties().get("spec"), "spec");
        MeshSettings mesh = configured.mesh();
        AgentSettings read =
                new AgentSettings(
                        new MeshSettings(
                                mesh.rootNamespace(),
                                mesh.istioRootNamespace(),
                                mesh.trustDomain(),
                                aliases(spec, mesh.trustDomainAliases()),
                                mesh.compatibility(),
                                spec.word("defaultAction", "ALLOW", "DENY")
                                        .map(DefaultAction::valueOf)
                                        .orElse(mesh.defaultAction()),
                                spec.word("pathNormalization", names())
                                        .map(PathNormalizer.Mode::valueOf)
                                        .orElse(mesh.pathNormalization()),
                                mesh.spaceDelimitedClaims(),
                                spec.bool("multipleCustomProviders")
                                        .orElse(mesh.multipleCustomProviders()),
                                mesh.externalAuthorizers()),
                        spec.word("onPeerCertificateExpiry", "KEEP", "DRAIN", "CLOSE")
                                .map(OnPeerCertificateExpiry::valueOf)
                                .orElse(configured.onPeerCertificateExpiry()),
                        stale(spec));
        spec.finish();
        return read;
    }

    private Optional<Duration> stale(SpecReader spec) throws SpecRefused {
        Optional<Duration> stale = spec.duration("maxStale");
        boolean good =
                stale.isEmpty()
                        || (stale.get().compareTo(Duration.ofSeconds(1)) >= 0
                                && stale.get().compareTo(LONGEST_STALE) <= 0);
        if (!good) {
            throw new SpecRefused(
                    "INVALID_VALUE", "spec.maxStale", stale.get().toString(), "1s to 30d");
        }
        return stale.isEmpty() ? configured.maxStale() : stale;
    }

    private static List<String> aliases(SpecReader spec, List<String> otherwise)
            throws SpecRefused {
        Optional<List<String>> written = spec.texts("trustDomainAliases");
        if (written.isEmpty()) {
            return otherwise;
        }
        List<String> aliases = new ArrayList<>();
        for (String one : written.get()) {
            try {
                aliases.add(TrustDomain.parse(one).name());
            } catch (IllegalArgumentException wrong) {
                throw new SpecRefused(
                        "INVALID_VALUE", "spec.trustDomainAliases", one, "a trust domain");
            }
        }
        return aliases;
    }

    private static String[] names() {
        PathNormalizer.Mode[] modes = PathNormalizer.Mode.values();
        String[] names = new String[modes.length];
        for (int i = 0; i < modes.length; i++) {
            names[i] = modes[i].name();
        }
        return names;
    }

    private static StatusReport report(GenericKubernetesResource object, Condition condition) {
        Long generation = object.getMetadata().getGeneration();
        return new StatusReport(generation == null ? 0 : generation, List.of(condition), Map.of());
    }
}
