package dev.countersign.server.kubernetes.resources;

import dev.countersign.server.kubernetes.ApiFailure;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Events as {@code kubectl describe} shows them. One that cannot be written is let go. */
public final class ObjectEvents {
    private static final String COMPONENT = "countersign";

    /** Where those of cluster-scoped objects are looked for. */
    private static final String CLUSTER = "default";

    private static final Logger LOG = LoggerFactory.getLogger(ObjectEvents.class);

    private final KubernetesClient client;
    private final InstantSource clock;

    ObjectEvents(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /** That a condition is now as it is. The same event again is counted. */
    void tell(GenericKubernetesResource object, Condition condition) {
        ObjectMeta metadata = object.getMetadata();
        String namespace = metadata.getNamespace() == null ? CLUSTER : metadata.getNamespace();
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        int what = (condition.type() + condition.reason() + condition.message()).hashCode();
        String name =
                shortened(metadata.getName())
                        + "."
                        + Integer.toHexString(String.valueOf(metadata.getUid()).hashCode())
                        + Integer.toHexString(what);
        try {
            var place = client.v1().events().inNamespace(namespace);
            @Nullable Event known = place.withName(name).get();
            if (known == null) {
                place.resource(event(object, condition, namespace, name, now)).create();
            } else {
                int count = known.getCount() == null ? 1 : known.getCount();
                place.resource(
                                new EventBuilder(known)
                                        .withCount(count + 1)
                                        .withLastTimestamp(now)
                                        .build())
                        .update();
            }
        } catch (KubernetesClientException failure) {
            LOG.atDebug()
                    .addKeyValue("reason", ApiFailure.describe(failure))
                    .log("event not written");
        }
    }

    private static Event event(
            GenericKubernetesResource object,
            Condition condition,
            String namespace,
            String name,
            String now) {
        ObjectMeta metadata = object.getMetadata();
        ObjectReference about =
                new ObjectReferenceBuilder()
                        .withApiVersion(object.getApiVersion())
                        .withKind(object.getKind())
                        .withName(metadata.getName())
                        .withNamespace(metadata.getNamespace())
                        .withUid(metadata.getUid())
                        .build();
        return new EventBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withInvolvedObject(about)
                .withType(condition.status() == Condition.Truth.TRUE ? "Normal" : "Warning")
                .withReason(reason(condition))
                .withMessage(condition.message())
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .withNewSource()
                .withComponent(COMPONENT)
                .endSource()
                .withReportingComponent(COMPONENT)
                .withReportingInstance(COMPONENT)
                .build();
    }

    /** {@code Enforced}, {@code NotEnforced}: what a reader looks for first. */
    private static String reason(Condition condition) {
        return switch (condition.status()) {
            case TRUE -> condition.type();
            case FALSE -> "Not" + condition.type();
            case UNKNOWN -> condition.type() + "Unknown";
        };
    }

    private static String shortened(String name) {
        return name.length() > 200 ? name.substring(0, 200) : name;
    }
}
