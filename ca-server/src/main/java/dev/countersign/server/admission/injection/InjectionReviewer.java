package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.server.admission.review.ReviewAnswer;
import dev.countersign.server.admission.review.ReviewRequest;
import dev.countersign.server.admission.review.ReviewRequest.Operation;
import dev.countersign.server.admission.review.Reviewer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Injects pods as they are created. What the namespace says is known from the path that was called:
 * the webhook's selector has looked at its labels, so nobody need be asked.
 */
public final class InjectionReviewer implements Reviewer {
    private static final Logger LOG = LoggerFactory.getLogger(InjectionReviewer.class);

    private final Injector injector;
    private final Optional<Boolean> namespaceWants;

    /**
     * @param namespaceWants what the label says of every namespace that is asked for by this path
     */
    public InjectionReviewer(Injector injector, Optional<Boolean> namespaceWants) {
        this.injector = injector;
        this.namespaceWants = namespaceWants;
    }

    @Override
    public ReviewAnswer review(ReviewRequest request) {
        boolean pod = request.kind().group().isEmpty() && request.kind().kind().equals("Pod");
        if (!pod || request.operation() != Operation.CREATE || request.object().isEmpty()) {
            return ReviewAnswer.allowed();
        }
        ObjectNode object = request.object().get();
        try {
            Injection injection =
                    injector.inject(
                            object, new NamespaceFacts(request.namespace(), namespaceWants));
            return switch (injection) {
                case Injection.Unchanged same -> new ReviewAnswer.Allowed(same.warnings());
                case Injection.Injected injected -> {
                    tell(request, object, injected);
                    yield new ReviewAnswer.Patched(injected.patch(), injected.warnings());
                }
            };
        } catch (InjectionRefused refused) {
            return ReviewAnswer.refused(
                    refused.reason().name(), String.valueOf(refused.getMessage()));
        }
    }

    private static void tell(
            ReviewRequest request, ObjectNode object, Injection.Injected injected) {
        LOG.atInfo()
                .addKeyValue("namespace", request.namespace())
                .addKeyValue("pod", name(object))
                .addKeyValue("dryRun", request.dryRun())
                .addKeyValue("operations", injected.patch().size())
                .log("injected a pod");
    }

    /** Pods of a controller have no name yet. */
    private static String name(ObjectNode object) {
        String name = object.at("/metadata/name").asText("");
        return name.isEmpty() ? object.at("/metadata/generateName").asText("") + "*" : name;
    }
}
