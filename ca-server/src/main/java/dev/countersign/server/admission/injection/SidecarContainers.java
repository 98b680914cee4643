package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.server.admission.injection.InjectionSettings.Mode;
import java.util.List;

/** The agent's container, and the one that lays the redirect rules before it. */
final class SidecarContainers {
    /** The CA may be away for long: the kubelet gives up after this many seconds and starts over. */
    private static final int STARTUP_SECONDS = 600;

    private final PodOptions options;
    private final InjectionSettings settings;

    SidecarContainers(PodOptions options, InjectionSettings settings) {
        this.options = options;
        this.settings = settings;
    }

    ObjectNode agent() {
        ObjectNode container = container(Names.AGENT);
        container
                .putArray("args")
                .add("run")
                .add("--config")
                .add(Names.CONFIG_MOUNT + "/" + Names.CONFIG_FILE);
        if (options.nativeSidecar()) {
            container.put("restartPolicy", "Always");
        }
        if (options.mode() == Mode.REDIRECT) {
            // What the kubelet would have asked: the pod's own address, not loopback.
            container
                    .putArray("env")
                    .addObject()
                    .put("name", "COUNTERSIGN_PROBES_HOST")
                    .putObject("valueFrom")
                    .putObject("fieldRef")
                    .put("fieldPath", "status.podIP");
        }
        container
                .putArray("ports")
                .addObject()
                .put("name", "cs-health")
                .put("containerPort", Names.OPS_PORT)
                .put("protocol", "TCP");
        probe(container, "startupProbe", "/healthz/started", 1, STARTUP_SECONDS);
        probe(container, "readinessProbe", "/healthz/ready", 5, 3);
        probe(container, "livenessProbe", "/healthz/live", 10, 6);
        container.set("resources", resources());
        container.set("securityContext", unprivileged());
        ArrayNode mounts = container.putArray("volumeMounts");
        mount(mounts, Names.CONFIG_VOLUME, Names.CONFIG_MOUNT, true);
        mount(mounts, Names.TRUST_VOLUME, Names.TRUST_MOUNT, true);
        mount(mounts, Names.TOKEN_VOLUME, Names.TOKEN_MOUNT, true);
        mount(mounts, Names.STATE_VOLUME, Names.STATE_MOUNT, false);
        mount(mounts, Names.TMP_VOLUME, Names.TMP_MOUNT, false);
        return container;
    }

    /** The one container with a capability; it ends before the application starts. */
    ObjectNode redirect() {
        ObjectNode container = container(Names.REDIRECT);
        ArrayNode arguments = container.putArray("args");
        arguments
                .add("redirect")
                .add("install")
                .add("--agent-uid")
                .add(Long.toString(settings.agentUid()));
        option(
                arguments,
                "--exclude-inbound-ports",
                join(Integer.toString(Names.PROBE_PORT), options.excludedInbound()));
        option(arguments, "--exclude-outbound-ports", options.excludedOutbound());
        option(arguments, "--exclude-networks", options.excludedNetworks());
        // The root file system is read-only, and older iptables take a lock in /run.
        container
                .putArray("env")
                .addObject()
                .put("name", "XTABLES_LOCKFILE")
                .put("value", Names.TMP_MOUNT + "/xtables.lock");
        container.set("resources", resources());
        ObjectNode security = container.putObject("securityContext");
        security.put("runAsUser", 0).put("runAsGroup", 0).put("runAsNonRoot", false);
        common(security).putArray("add").add("NET_ADMIN");
        mount(container.putArray("volumeMounts"), Names.TMP_VOLUME, Names.TMP_MOUNT, false);
        return container;
    }

    private ObjectNode container(String name) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("name", name)
                .put("image", settings.image())
                .put("imagePullPolicy", settings.pullPolicy());
    }

    private ObjectNode unprivileged() {
        ObjectNode security = JsonNodeFactory.instance.objectNode();
        security.put("runAsUser", settings.agentUid())
                .put("runAsGroup", settings.agentUid())
                .put("runAsNonRoot", true);
        common(security);
        return security;
    }

    /** As the restricted Pod Security Standard asks, and a root file system that stays as it is. */
    private static ObjectNode common(ObjectNode security) {
        security.put("allowPrivilegeEscalation", false)
                .put("privileged", false)
                .put("readOnlyRootFilesystem", true);
        security.putObject("seccompProfile").put("type", "RuntimeDefault");
        ObjectNode capabilities = security.putObject("capabilities");
        capabilities.putArray("drop").add("ALL");
        return capabilities;
    }

    private ObjectNode resources() {
        InjectionSettings.Resources wanted = options.resources();
        ObjectNode resources = JsonNodeFactory.instance.objectNode();
        quantities(resources, "requests", wanted.cpuRequest(), wanted.memoryRequest());
        quantities(resources, "limits", wanted.cpuLimit(), wanted.memoryLimit());
        return resources;
    }

    private static void quantities(ObjectNode resources, String name, String cpu, String memory) {
        ObjectNode quantities = JsonNodeFactory.instance.objectNode();
        if (!cpu.isEmpty()) {
            quantities.put("cpu", cpu);
        }
        if (!memory.isEmpty()) {
            quantities.put("memory", memory);
        }
        if (!quantities.isEmpty()) {
            resources.set(name, quantities);
        }
    }

    private static void probe(
            ObjectNode container, String field, String path, int period, int failures) {
        ObjectNode probe = container.putObject(field);
        probe.putObject("httpGet").put("path", path).put("port", Names.OPS_PORT);
        probe.put("periodSeconds", period)
                .put("timeoutSeconds", 3)
                .put("failureThreshold", failures);
    }

    private static void mount(ArrayNode mounts, String volume, String path, boolean readOnly) {
        ObjectNode mount = mounts.addObject().put("name", volume).put("mountPath", path);
        if (readOnly) {
            mount.put("readOnly", true);
        }
    }

    private static void option(ArrayNode arguments, String name, String value) {
        if (!value.isEmpty()) {
            arguments.add(name).add(value);
        }
    }

    private static String join(String first, String rest) {
        return rest.isEmpty() ? first : String.join(",", List.of(first, rest));
    }
}
