package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.countersign.server.admission.injection.InjectionRefused.Reason;
import dev.countersign.server.admission.injection.InjectionSettings.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Injects pods. Asks nobody and remembers nothing: the same question has the same answer. */
public final class Injector {
    private static final String ANNOTATIONS = "/metadata/annotations";
    private static final String CONTAINERS = "/spec/containers";
    private static final String INIT_CONTAINERS = "/spec/initContainers";

    private final InjectionSettings settings;

    public Injector(InjectionSettings settings) {
        this.settings = settings;
    }

    /**
     * Injects a pod, or a pod's template.
     *
     * @param tree with {@code metadata} and {@code spec}; is not changed
     * @throws InjectionRefused when it is to have an agent and cannot
     */
    public Injection inject(ObjectNode tree, NamespaceFacts namespace) throws InjectionRefused {
        PodView pod = PodView.of(tree);
        return switch (InjectionDecision.of(pod, namespace, settings)) {
            case InjectionDecision.Leave leave ->
                    new Injection.Unchanged(leave.why(), notices(pod, leave.why()));
            case InjectionDecision.Inject inject -> injected(pod);
        };
    }

    /** Something to be told of one that was injected before, perhaps by another version. */
    private List<String> notices(PodView pod, InjectionDecision.Why why) {
        String by = pod.annotation(Names.INJECTED).orElse("");
        return why != InjectionDecision.Why.INJECTED_ALREADY || by.equals(settings.version())
                ? List.of()
                : List.of(
                        "injected by version "
                                + by
                                + ", this is "
                                + settings.version()
                                + ": left as it is; start from the manifest without an agent");
    }

    private Injection injected(PodView pod) throws InjectionRefused {
        PodOptions options = PodOptionsReader.read(pod, settings);
        List<ObjectNode> volumes = SidecarVolumes.of(settings);
        refuseCollisions(pod, options, volumes);
        Probes probes = Probes.of(pod, options);
        AgentFile file = new AgentFile(pod, options, settings, probes);
        List<String> warnings = new ArrayList<>(probes.warnings());
        JsonEdits edits = new JsonEdits(pod.tree());

        // In this order, so that pointers to what the pod brought are still right.
        for (Probes.Rewritten probe : probes.rewritten()) {
            edits.put(probe.container(), probe.field(), probe.probe());
        }
        addContainers(edits, pod, options);
        volumes.forEach(volume -> edits.append("/spec/volumes", volume));
        if (file.endsWithOthers()) {
            shareProcesses(edits, pod, warnings);
        }
        edits.put(ANNOTATIONS, Names.AGENT_CONFIG, TextNode.valueOf(file.text()));
        edits.put(ANNOTATIONS, Names.INJECTED, TextNode.valueOf(settings.version()));
        edits.put(ANNOTATIONS, Names.STATUS, TextNode.valueOf(status(options, volumes, probes)));
        warnings.addAll(doubts(options));
        return new Injection.Injected(edits.patch(), edits.tree(), warnings);
    }

    /**
     * A native sidecar starts before the pod's own init containers, which thus reach the mesh; an
     * ordinary one starts after them, and so do the rules that lead connections to it.
     */
    private void addContainers(JsonEdits edits, PodView pod, PodOptions options) {
        SidecarContainers containers = new SidecarContainers(options, settings);
        boolean redirected = options.mode() == Mode.REDIRECT;
        if (options.nativeSidecar()) {
            if (redirected) {
                edits.insert(INIT_CONTAINERS, 0, containers.redirect());
            }
            edits.insert(INIT_CONTAINERS, redirected ? 1 : 0, containers.agent());
        } else {
            if (redirected) {
                edits.insert(
                        INIT_CONTAINERS,
                        pod.spec().path("initContainers").size(),
                        containers.redirect());
            }
            edits.append(CONTAINERS, containers.agent());
        }
    }

    private static void shareProcesses(JsonEdits edits, PodView pod, List<String> warnings) {
        JsonNode shared = pod.spec().path("shareProcessNamespace");
        boolean refused = shared.isBoolean() && !shared.asBoolean();
        if (refused || pod.spec().path("hostPID").asBoolean()) {
            warnings.add(
                    "spec.shareProcessNamespace: false or hostPID: true (expected: shared"
                            + " processes): the agent cannot see the work end; have it told by quit");
            return;
        }
        edits.put("/spec", "shareProcessNamespace", JsonNodeFactory.instance.booleanNode(true));
    }

    private void refuseCollisions(PodView pod, PodOptions options, List<ObjectNode> volumes)
            throws InjectionRefused {
        for (String name : List.of(Names.AGENT, Names.REDIRECT)) {
            if (pod.hasContainer(name)) {
                throw InjectionRefused.hard(
                        Reason.NAME_TAKEN,
                        "container " + name + ": there already (expected: the name is left to us)");
            }
        }
        for (ObjectNode volume : volumes) {
            String name = volume.path("name").asText();
            if (pod.hasVolume(name)) {
                throw InjectionRefused.hard(
                        Reason.NAME_TAKEN,
                        "volume " + name + ": there already (expected: the name is left to us)");
            }
        }
        Set<Integer> ports = new TreeSet<>(Set.of(Names.OPS_PORT, Names.PROBE_PORT, 15_000));
        switch (options.mode()) {
            case REDIRECT -> ports.addAll(Set.of(15_001, 15_006));
            case EXPLICIT -> options.inbound().forEach(one -> ports.add(one.listen()));
        }
        for (String list : PodView.CONTAINER_LISTS) {
            for (JsonNode container : pod.spec().path(list)) {
                refuse(pod, container, options, ports);
            }
        }
    }

    private void refuse(
            PodView pod, JsonNode container, PodOptions options, Set<Integer> agentPorts)
            throws InjectionRefused {
        String name = container.path("name").asText("");
        for (JsonNode port : container.path("ports")) {
            int number = port.path("containerPort").asInt();
            if (agentPorts.contains(number)) {
                throw InjectionRefused.hard(
                        Reason.PORT_TAKEN,
                        "container "
                                + name
                                + ", containerPort: "
                                + number
                                + " (expected: none of the agent's, "
                                + agentPorts
                                + ")");
            }
        }
        JsonNode own = container.path("securityContext").path("runAsUser");
        JsonNode user =
                own.isMissingNode() ? pod.spec().path("securityContext").path("runAsUser") : own;
        if (options.mode() == Mode.REDIRECT && user.asLong(-1) == settings.agentUid()) {
            throw InjectionRefused.hard(
                    Reason.AGENT_UID_TAKEN,
                    "container "
                            + name
                            + ", runAsUser: "
                            + settings.agentUid()
                            + " (expected: another, for connections of the agent's user are not"
                            + " redirected)");
        }
    }

    private static List<String> doubts(PodOptions options) {
        boolean idle = options.inbound().isEmpty() && options.outbound().isEmpty();
        return options.mode() == Mode.EXPLICIT && idle
                ? List.of(
                        "annotations "
                                + Names.INBOUND
                                + " and "
                                + Names.OUTBOUND
                                + ": none (expected one in explicit mode): nothing goes through the"
                                + " agent")
                : List.of();
    }

    private String status(PodOptions options, List<ObjectNode> volumes, Probes probes) {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("version", settings.version());
        status.put("image", settings.image());
        status.put("mode", options.mode().name().toLowerCase(Locale.ROOT));
        status.put("sidecar", options.nativeSidecar() ? "native" : "ordinary");
        ArrayNode containers = status.putArray("containers").add(Names.AGENT);
        if (options.mode() == Mode.REDIRECT) {
            containers.add(Names.REDIRECT);
        }
        ArrayNode mounted = status.putArray("volumes");
        volumes.forEach(volume -> mounted.add(volume.path("name").asText()));
        ArrayNode rewritten = status.putArray("probes");
        probes.rewritten().forEach(one -> rewritten.add(one.container() + "/" + one.field()));
        return status.toString();
    }
}
