package dev.countersign.server.kubernetes.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.server.kubernetes.ApiFailure;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes status as field manager {@code countersign}, at most {@link #PER_SECOND} objects a second, and
 * none that says already what is to be said. Used by one thread.
 */
public final class StatusWriter {
    public static final String FIELD_MANAGER = "countersign";
    static final int PER_SECOND = 20;

    /** A watch shows what was written by then; until it does, the write is remembered. */
    private static final Duration LAG = Duration.ofSeconds(10);

    private static final int MAX_REMEMBERED = 100_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);

    private final KubernetesClient client;
    private final ObjectEvents events;
    private final InstantSource clock;
    private final Map<String, Written> remembered = new HashMap<>();
    private Instant second = Instant.EPOCH;
    private int inThisSecond;
    private long writes;

    private record Written(JsonNode status, Instant at) {}

    public StatusWriter(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.events = new ObjectEvents(client, clock);
        this.clock = clock;
    }

    /**
     * Says it, where it is news and there is room in this second; else call again.
     *
     * @param object as the watch shows it
     * @return whether the object says so now
     */
    public boolean write(ResourceType type, GenericKubernetesResource object, StatusReport report) {
        Map<String, Object> before = status(object);
        Map<String, Object> wanted = wanted(report, before);
        JsonNode tree = JSON.valueToTree(wanted);
        String uid = object.getMetadata().getUid();
        Instant now = clock.instant();
        Written last = remembered.get(uid);
        boolean said =
                tree.equals(JSON.valueToTree(before))
                        || (last != null
                                && sameButTimes(last.status(), tree)
                                && now.isBefore(last.at().plus(LAG)));
        if (said) {
            return true;
        }
        return mayWrite(now) && patch(type, object, report, wanted, tree, before);
    }

    /** How often the API server was asked. */
    public long writes() {
        return writes;
    }

    private boolean patch(
            ResourceType type,
            GenericKubernetesResource object,
            StatusReport report,
            Map<String, Object> wanted,
            JsonNode tree,
            Map<String, Object> before) {
        ObjectMeta metadata = object.getMetadata();
        GenericKubernetesResource body = new GenericKubernetesResource();
        body.setApiVersion(type.apiVersion());
        body.setKind(type.kind());
        body.setMetadata(new ObjectMeta());
        body.getMetadata().setName(metadata.getName());
        body.getMetadata().setNamespace(metadata.getNamespace());
        body.setAdditionalProperty("status", wanted);
        PatchContext how =
                new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager(FIELD_MANAGER)
                        .withForce(true)
                        .build();
        writes++;
        try {
            var objects = client.genericKubernetesResources(type.context());
            var one =
                    type.namespaced()
                            ? objects.inNamespace(metadata.getNamespace())
                                    .withName(metadata.getName())
                            : objects.withName(metadata.getName());
            one.subresource("status").patch(how, body);
        } catch (KubernetesClientException failure) {
            LOG.atDebug()
                    .addKeyValue("object", type.kind() + " " + metadata.getName())
                    .addKeyValue("reason", ApiFailure.describe(failure))
                    .log("status not written, trying again");
            return false;
        }
        remember(metadata.getUid(), tree);
        turned(report, before).forEach(condition -> events.tell(object, condition));
        return true;
    }

    private void remember(String uid, JsonNode tree) {
        if (remembered.size() >= MAX_REMEMBERED) {
            remembered.clear();
        }
        remembered.put(uid, new Written(tree, clock.instant()));
    }

    private boolean mayWrite(Instant now) {
        Instant this1 = now.truncatedTo(ChronoUnit.SECONDS);
        if (!this1.equals(second)) {
            second = this1;
            inThisSecond = 0;
        }
        return inThisSecond++ < PER_SECOND;
    }

    private Map<String, Object> wanted(StatusReport report, Map<String, Object> before) {
        Map<String, Object> wanted = new LinkedHashMap<>(report.fields());
        wanted.put("observedGeneration", report.generation());
        List<Object> conditions = new ArrayList<>();
        for (Condition condition : report.conditions()) {
            conditions.add(condition(condition, report.generation(), before));
        }
        wanted.put("conditions", conditions);
        return wanted;
    }

    private Map<String, Object> condition(
            Condition condition, long generation, Map<String, Object> before) {
        Map<String, Object> written = new LinkedHashMap<>();
        written.put("type", condition.type());
        written.put("status", condition.status().text());
        written.put("reason", condition.reason());
        written.put("message", condition.message());
        Map<?, ?> last = find(before, condition.type());
        boolean same = condition.status().text().equals(last.get("status"));
        Object since = last.get("lastTransitionTime");
        written.put(
                "lastTransitionTime",
                same && since != null
                        ? since
                        : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        written.put("observedGeneration", generation);
        return written;
    }

    private static List<Condition> turned(StatusReport report, Map<String, Object> before) {
        return report.conditions().stream()
                .filter(condition -> !condition.isAs(find(before, condition.type())))
                .toList();
    }

    private static Map<?, ?> find(Map<String, Object> status, String type) {
        if (status.get("conditions") instanceof List<?> conditions) {
            for (Object one : conditions) {
                if (one instanceof Map<?, ?> condition && type.equals(condition.get("type"))) {
                    return condition;
                }
            }
        }
        return Map.of();
    }

    private static boolean sameButTimes(JsonNode a, JsonNode b) {
        return withoutTimes(a).equals(withoutTimes(b));
    }

    private static JsonNode withoutTimes(JsonNode status) {
        JsonNode copy = status.deepCopy();
        copy.path("conditions")
                .forEach(condition -> ((ObjectNode) condition).remove("lastTransitionTime"));
        return copy;
    }

    private static Map<String, Object> status(GenericKubernetesResource object) {
        Map<String, Object> status = new LinkedHashMap<>();
        if (object.getAdditionalProperties().get("status") instanceof Map<?, ?> known) {
            known.forEach((key, value) -> status.put(String.valueOf(key), value));
        }
        return status;
    }
}
