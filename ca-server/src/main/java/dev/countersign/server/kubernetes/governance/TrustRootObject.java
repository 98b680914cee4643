package dev.countersign.server.kubernetes.governance;

import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.authority.AuthorityRefused;
import dev.countersign.server.authority.Leadership;
import dev.countersign.server.authority.RootRotation;
import dev.countersign.server.authority.RotationRefused;
import dev.countersign.server.authority.RotationView;
import dev.countersign.server.authority.approval.ApprovalDesk;
import dev.countersign.server.authority.rotation.CanarySelector;
import dev.countersign.server.authority.rotation.Change;
import dev.countersign.server.authority.rotation.Phase;
import dev.countersign.server.authority.rotation.Rotation;
import dev.countersign.server.authority.rotation.RotationPlan;
import dev.countersign.server.kubernetes.resources.ResourceType;
import dev.countersign.server.kubernetes.resources.ResourceWatch;
import dev.countersign.server.kubernetes.resources.StatusWriter;
import dev.countersign.server.kubernetes.schema.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The mesh's roots as one object. It states what is wanted; the rotation that operators know does it,
 * waits for the approvals it always waits for, and shows in the object's status. Taking a statement
 * back undoes nothing: that is {@code countersign root rotate --undo}.
 */
public final class TrustRootObject implements AutoCloseable {
    private static final ResourceType TYPE = ResourceType.of(ResourceKind.TRUST_ROOT);
    private static final String BY = "TrustRoot mesh, request ";

    private final RootRotation rotation;
    private final RotationPlan standard;
    private final Supplier<List<ApprovalDesk.Waiting>> approvals;
    private final Leadership leadership;
    private final StatusWriter writer;
    private final ResourceWatch watch;
    private String lastBegun = "";

    /** What is wanted, as it was written. */
    private record Wanted(
            Optional<String> request,
            Change.Subject subject,
            RotationPlan plan,
            Optional<String> standby,
            List<Distrusted> distrust) {}

    private record Distrusted(String keyId, String reason) {}

    /**
     * @param standard what a rotation begins with where nothing else is asked for
     * @param approvals steps that wait for operators
     */
    public TrustRootObject(
            KubernetesClient client,
            RootRotation rotation,
            RotationPlan standard,
            Supplier<List<ApprovalDesk.Waiting>> approvals,
            Leadership leadership,
            StatusWriter writer) {
        this.rotation = rotation;
        this.standard = standard;
        this.approvals = approvals;
        this.leadership = leadership;
        this.writer = writer;
        this.watch = new ResourceWatch(client, TYPE, ResourceWatch.Listener.NONE);
    }

    public void start() {
        watch.start();
    }

    /** Begins what is wanted and shows where it stands, where this process leads. */
    public void tick() {
        if (!watch.hasSynced() || !leadership.lead()) {
            return;
        }
        watch.find("", ResourceKind.MESH).ifPresent(this::tick);
    }

    @Override
    public void close() {
        watch.close();
    }

    private void tick(GenericKubernetesResource object) {
        String handled = handled(object);
        Optional<TrustRootStatus.Refusal> refusal = Optional.empty();
        try {
            Wanted wanted = read(object);
            handled = follow(wanted, handled);
        } catch (SpecRefused refused) {
            refusal = refusal(refused.code(), refused);
        } catch (RotationRefused refused) {
            refusal = refusal(refused.reason().name(), refused);
        } catch (AuthorityRefused | RecordsUnavailable unavailable) {
            refusal = refusal("UNAVAILABLE", unavailable);
        }
        writer.write(
                TYPE,
                object,
                TrustRootStatus.of(object, rotation.view(), approvals.get(), handled, refusal));
    }

    /** One thing after another: the next is taken up when the one before is done. */
    private String follow(Wanted wanted, String handled) throws RotationRefused {
        RotationView view = rotation.view();
        for (Distrusted one : wanted.distrust()) {
            boolean trusted =
                    view.state().trusted().stream()
                            .anyMatch(root -> root.keyId().equals(one.keyId()));
            if (trusted) {
                rotation.distrust(one.keyId(), standard, one.reason(), "TrustRoot mesh");
                return handled;
            }
        }
        String done = begin(wanted, handled, view);
        if (done.equals(handled) && view.state().phase() == Phase.STABLE) {
            standBy(wanted, view);
        }
        return done;
    }

    private String begin(Wanted wanted, String handled, RotationView view) throws RotationRefused {
        if (wanted.request().isEmpty() || wanted.request().get().equals(handled)) {
            return handled;
        }
        String request = wanted.request().get();
        boolean running =
                view.state()
                        .rotation()
                        .map(Rotation::by)
                        .filter(by -> by.equals(BY + request))
                        .isPresent();
        // A write of the status that failed must not begin the same rotation again.
        if (!running && !request.equals(lastBegun)) {
            rotation.begin(wanted.subject(), wanted.plan(), BY + request);
            lastBegun = request;
        }
        return request;
    }

    private void standBy(Wanted wanted, RotationView view) throws RotationRefused {
        boolean there = TrustRootStatus.standby(view.state()).isPresent();
        if (wanted.standby().equals(Optional.of("Present")) && !there) {
            rotation.addStandby();
        } else if (wanted.standby().equals(Optional.of("Absent")) && there) {
            rotation.removeStandby();
        }
    }

    private Wanted read(GenericKubernetesResource object) throws SpecRefused {
        SpecReader spec = SpecReader.of(object.getAdditionalProperties().get("spec"), "spec");
        Optional<SpecReader> asked = spec.object("rotation");
        Optional<String> standby = spec.word("standby", "Present", "Absent");
        List<SpecReader> distrusted = spec.objects("distrust");
        spec.finish();
        List<Distrusted> distrust = new ArrayList<>();
        for (SpecReader one : distrusted) {
            distrust.add(new Distrusted(one.required("keyId"), one.required("reason")));
            one.finish();
        }
        if (asked.isEmpty()) {
            return new Wanted(Optional.empty(), Change.Subject.ROOT, standard, standby, distrust);
        }
        SpecReader fields = asked.get();
        String request = fields.required("request");
        boolean bundleKey =
                fields.word("subject", "Root", "BundleKey").equals(Optional.of("BundleKey"));
        RotationPlan plan = plan(fields);
        fields.finish();
        return new Wanted(
                Optional.of(request),
                bundleKey ? Change.Subject.BUNDLE_KEY : Change.Subject.ROOT,
                plan,
                standby,
                distrust);
    }

    private RotationPlan plan(SpecReader fields) throws SpecRefused {
        Optional<String> canary = fields.text("canary");
        var deadline = fields.duration("connectionDeadline");
        try {
            RotationPlan plan =
                    canary.isEmpty()
                            ? standard
                            : standard.withCanary(CanarySelector.parse(canary.get()));
            return deadline.isEmpty() ? plan : plan.withConnectionDeadline(deadline.get());
        } catch (IllegalArgumentException wrong) {
            throw new SpecRefused(
                    "ROTATION_PLAN",
                    "spec.rotation",
                    String.valueOf(wrong.getMessage()),
                    "a plan that can be carried out");
        }
    }

    private static Optional<TrustRootStatus.Refusal> refusal(String code, Exception why) {
        return Optional.of(new TrustRootStatus.Refusal(code, String.valueOf(why.getMessage())));
    }

    private static String handled(GenericKubernetesResource object) {
        return object.getAdditionalProperties().get("status") instanceof Map<?, ?> status
                        && status.get("handledRequest") instanceof String handled
                ? handled
                : "";
    }
}
