package dev.countersign.server.kubernetes.webhooks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.server.admission.TrustedRoots;
import dev.countersign.server.kubernetes.ApiFailure;
import dev.countersign.server.kubernetes.KubernetesConnection;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.WebhookClientConfig;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills in the {@code caBundle} of our own webhooks' configurations. One thread at a time. */
public final class WebhookConfigurations implements TrustedRoots {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookConfigurations.class);
    private static final String MANAGER = "countersign-webhook-roots";

    private final KubernetesConnection connection;
    private final Optional<String> mutating;
    private final Optional<String> validating;
    private String problem = "not told yet";

    /**
     * @param mutating name of the one that injects; empty = there is none
     * @param validating name of the one for policies; empty = there is none
     */
    public WebhookConfigurations(
            KubernetesConnection connection,
            Optional<String> mutating,
            Optional<String> validating) {
        this.connection = connection;
        this.mutating = mutating;
        this.validating = validating;
    }

    @Override
    public boolean publish(String pem) {
        String bundle = Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
        List<String> problems = new ArrayList<>();
        mutating.ifPresent(name -> told(mutating(name), name, bundle).ifPresent(problems::add));
        validating.ifPresent(name -> told(validating(name), name, bundle).ifPresent(problems::add));
        problem = String.join("; ", problems);
        return problems.isEmpty();
    }

    @Override
    public String problem() {
        return problem;
    }

    private Resource<MutatingWebhookConfiguration> mutating(String name) {
        return connection
                .client()
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(name);
    }

    private Resource<ValidatingWebhookConfiguration> validating(String name) {
        return connection
                .client()
                .admissionRegistration()
                .v1()
                .validatingWebhookConfigurations()
                .withName(name);
    }

    /** What is wrong; empty when the configuration has these roots now. */
    private static <T extends HasMetadata> Optional<String> told(
            Resource<T> resource, String name, String bundle) {
        try {
            @Nullable T found = resource.get();
            if (found == null) {
                return Optional.of("webhook configuration " + name + ": not there");
            }
            List<String> others = withOthers(found, bundle);
            if (!others.isEmpty()) {
                resource.patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.STRATEGIC_MERGE)
                                .withFieldManager(MANAGER)
                                .build(),
                        patch(found, others, bundle).toString());
                LOG.atInfo()
                        .addKeyValue("configuration", name)
                        .addKeyValue("webhooks", others)
                        .log("told the API server whom to believe");
            }
            return Optional.empty();
        } catch (KubernetesClientException failed) {
            return Optional.of(
                    "webhook configuration " + name + ": " + ApiFailure.describe(failed));
        }
    }

    private static ObjectNode patch(HasMetadata found, List<String> names, String bundle) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata")
                .put("resourceVersion", found.getMetadata().getResourceVersion());
        ArrayNode webhooks = patch.putArray("webhooks");
        names.forEach(name ->
                webhooks.addObject()
                        .put("name", name)
                        .putObject("clientConfig")
                        .put("caBundle", bundle));
        return patch;
    }

    /** Names of the webhooks that have other roots. */
    private static List<String> withOthers(HasMetadata found, String bundle) {
        Map<String, WebhookClientConfig> configs = new LinkedHashMap<>();
        if (found instanceof MutatingWebhookConfiguration one) {
            one.getWebhooks().forEach(hook -> configs.put(hook.getName(), hook.getClientConfig()));
        } else if (found instanceof ValidatingWebhookConfiguration one) {
            one.getWebhooks().forEach(hook -> configs.put(hook.getName(), hook.getClientConfig()));
        }
        return configs.entrySet().stream()
                .filter(entry -> !bundle.equals(entry.getValue().getCaBundle()))
                .map(Map.Entry::getKey)
                .toList();
    }
}
