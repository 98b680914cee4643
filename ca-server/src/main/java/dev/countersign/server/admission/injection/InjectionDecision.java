package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.server.admission.injection.InjectionRefused.Reason;
import dev.countersign.server.admission.review.Shown;
import java.util.Map;
import java.util.Optional;

/** Whether a pod gets an agent. */
public sealed interface InjectionDecision {
    /** It gets one. */
    record Inject() implements InjectionDecision {}

    /**
     * It stays as it is.
     *
     * @param why for the log and the metric
     */
    record Leave(Why why) implements InjectionDecision {}

    /** Why a pod stays as it is. */
    enum Why {
        POD_OPTED_OUT,
        NAMESPACE_OPTED_OUT,
        NOBODY_ASKED,
        INJECTED_ALREADY,
        /** The kubelet's own copy of a file on a node; it cannot be changed. */
        MIRROR_POD
    }

    /** Containers by which other meshes are known, and their annotations. */
    Map<String, String> OTHERS =
            Map.of(
                    "istio-proxy", "sidecar.istio.io/status",
                    "linkerd-proxy", "linkerd.io/proxy-version",
                    "kuma-sidecar", "kuma.io/sidecar-injected",
                    "consul-dataplane", "consul.hashicorp.com/connect-inject-status");

    /**
     * Decides.
     *
     * @throws InjectionRefused when the pod is to have one and cannot, or says something unreadable
     */
    static InjectionDecision of(PodView pod, NamespaceFacts namespace, InjectionSettings settings)
            throws InjectionRefused {
        if (pod.annotation("kubernetes.io/config.mirror").isPresent()) {
            return new Leave(Why.MIRROR_POD);
        }
        // Before the opt-in: what is injected stays so, whatever labels say meanwhile.
        if (pod.isInjected()) {
            return new Leave(Why.INJECTED_ALREADY);
        }
        Optional<Boolean> own = wish(pod);
        boolean wanted = own.or(namespace::wanted).orElse(settings.byDefault());
        if (wanted) {
            refuseWhatCannotBe(pod);
            return new Inject();
        }
        return new Leave(
                own.isPresent()
                        ? Why.POD_OPTED_OUT
                        : namespace.wanted().isPresent()
                                ? Why.NAMESPACE_OPTED_OUT
                                : Why.NOBODY_ASKED);
    }

    private static Optional<Boolean> wish(PodView pod) throws InjectionRefused {
        Optional<String> annotation = pod.annotation(Names.INJECT);
        return annotation.isPresent()
                ? Optional.of(bool("annotation", annotation.get()))
                : pod.label(Names.INJECT).isPresent()
                        ? Optional.of(bool("label", pod.label(Names.INJECT).get()))
                        : Optional.empty();
    }

    private static boolean bool(String where, String text) throws InjectionRefused {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new InjectionRefused(
                            Reason.ANNOTATION_WRONG,
                            where
                                    + " "
                                    + Names.INJECT
                                    + ": "
                                    + Shown.of(text)
                                    + " (expected: \"true\" or \"false\")");
        };
    }

    private static void refuseWhatCannotBe(PodView pod) throws InjectionRefused {
        JsonNode spec = pod.spec();
        if (spec.path("hostNetwork").asBoolean(false)) {
            throw InjectionRefused.hard(
                    Reason.HOST_NETWORK,
                    "spec.hostNetwork: true (expected: false, for an agent there would be the whole"
                            + " node's)");
        }
        String system = spec.path("os").path("name").asText("linux");
        if (!system.equals("linux")) {
            throw InjectionRefused.hard(
                    Reason.NOT_LINUX, "spec.os.name: " + Shown.of(system) + " (expected: linux)");
        }
        for (Map.Entry<String, String> other : OTHERS.entrySet()) {
            if (pod.hasContainer(other.getKey()) || pod.annotation(other.getValue()).isPresent()) {
                throw InjectionRefused.hard(
                        Reason.ANOTHER_INJECTOR,
                        "container "
                                + other.getKey()
                                + ": another mesh's sidecar (expected: one mesh in a pod)");
            }
        }
    }
}
