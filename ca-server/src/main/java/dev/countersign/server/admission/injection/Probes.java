package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.server.admission.injection.InjectionSettings.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The kubelet has no certificate: what it asks of the application's ports it asks the agent, which asks
 * the application from inside the pod. Probes that run a command stay as they are, and so do those that
 * name a host.
 */
final class Probes {
    /** By field, in order; the last part of the path that is asked. */
    private static final Map<String, String> KINDS =
            Map.of(
                    "livenessProbe", "liveness",
                    "readinessProbe", "readiness",
                    "startupProbe", "startup");

    private static final List<String> FIELDS =
            List.of("livenessProbe", "readinessProbe", "startupProbe");
    private static final List<String> HOOKS = List.of("postStart", "preStop");
    private static final long STANDARD_TIMEOUT = 1;

    private final PodView pod;
    private final PodOptions options;
    private final List<Rewritten> rewritten = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /**
     * One probe.
     *
     * @param container a pointer to it
     * @param field of the container
     * @param probe what the kubelet is to do instead
     * @param check what the agent is to do
     */
    record Rewritten(String container, String field, ObjectNode probe, ObjectNode check) {}

    private Probes(PodView pod, PodOptions options) {
        this.pod = pod;
        this.options = options;
    }

    static Probes of(PodView pod, PodOptions options) {
        Probes probes = new Probes(pod, options);
        probes.read();
        return probes;
    }

    List<Rewritten> rewritten() {
        return rewritten;
    }

    List<String> warnings() {
        return warnings;
    }

    private void read() {
        for (String list : PodView.CONTAINER_LISTS) {
            JsonNode containers = pod.spec().path(list);
            for (int index = 0; index < containers.size(); index++) {
                read("/spec/" + list + "/" + index, containers.path(index));
            }
        }
    }

    private void read(String pointer, JsonNode container) {
        for (String field : FIELDS) {
            if (container.path(field) instanceof ObjectNode probe) {
                read(pointer, container, field, probe);
            }
        }
        for (String hook : HOOKS) {
            if (options.mode() == Mode.REDIRECT
                    && container.path("lifecycle").path(hook).has("httpGet")) {
                warn(
                        container,
                        "lifecycle." + hook + ".httpGet",
                        "is asked without a certificate and"
                                + " refused where only mutual TLS is taken; use exec");
            }
        }
    }

    private void read(String pointer, JsonNode container, String field, ObjectNode probe) {
        Optional<ObjectNode> asked = check(container, field, probe);
        if (asked.isEmpty()) {
            return;
        }
        if (!options.rewriteProbes()) {
            warn(container, field, "is asked without a certificate: rewriting is off");
            return;
        }
        ObjectNode check = asked.get();
        String path = "/app-health/" + container.path("name").asText("") + "/" + KINDS.get(field);
        check.put("path", path);
        check.put("timeout", probe.path("timeoutSeconds").asLong(STANDARD_TIMEOUT) + "s");
        ObjectNode instead = probe.deepCopy();
        instead.remove(List.of("httpGet", "tcpSocket", "grpc"));
        instead.putObject("httpGet").put("path", path).put("port", Names.PROBE_PORT);
        rewritten.add(new Rewritten(pointer, field, instead, check));
    }

    /** What the agent has to do in its place; empty where the kubelet may go on doing it. */
    private Optional<ObjectNode> check(JsonNode container, String field, ObjectNode probe) {
        ObjectNode check = JsonNodeFactory.instance.objectNode();
        for (String type : List.of("httpGet", "tcpSocket", "grpc")) {
            if (!(probe.path(type) instanceof ObjectNode asked)) {
                continue;
            }
            if (asked.hasNonNull("host") && !asked.path("host").asText("").isEmpty()) {
                return Optional.empty();
            }
            OptionalInt port = port(container, asked.path("port"));
            if (port.isEmpty()) {
                warn(
                        container,
                        field,
                        "port "
                                + asked.path("port").asText("")
                                + " is none of the container's: left as it is");
                return Optional.empty();
            }
            return isOurs(port.getAsInt())
                    ? Optional.of(details(check, type, port.getAsInt(), asked))
                    : Optional.empty();
        }
        return Optional.empty();
    }

    private static ObjectNode details(ObjectNode check, String type, int port, ObjectNode asked) {
        check.put("type", type.equals("httpGet") ? "http" : type.equals("grpc") ? "grpc" : "tcp");
        check.put("port", port);
        if (type.equals("grpc") && asked.hasNonNull("service")) {
            check.put("service", asked.path("service").asText());
        }
        if (type.equals("httpGet")) {
            check.put("target", asked.path("path").asText("/"));
            if (asked.path("scheme").asText("HTTP").equals("HTTPS")) {
                check.put("scheme", "https");
            }
            for (JsonNode header : asked.path("httpHeaders")) {
                check.withArray("/headers")
                        .add(header.path("name").asText() + ": " + header.path("value").asText());
            }
        }
        return check;
    }

    /** Which ports only take mutual TLS: all of them, or those that a listener leads to. */
    private boolean isOurs(int port) {
        return switch (options.mode()) {
            case REDIRECT -> true;
            case EXPLICIT -> options.inbound().stream().anyMatch(one -> one.target() == port);
        };
    }

    private static OptionalInt port(JsonNode container, JsonNode written) {
        if (written.isInt()) {
            return OptionalInt.of(written.asInt());
        }
        for (JsonNode port : container.path("ports")) {
            if (port.path("name").asText("").equals(written.asText()) && written.isTextual()) {
                return OptionalInt.of(port.path("containerPort").asInt());
            }
        }
        return OptionalInt.empty();
    }

    private void warn(JsonNode container, String field, String what) {
        warnings.add("container " + container.path("name").asText("") + ", " + field + ": " + what);
    }
}
