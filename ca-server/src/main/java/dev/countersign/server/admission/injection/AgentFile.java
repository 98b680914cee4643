package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.TreeMap;

/** The agent's own configuration, {@code agent.yaml}: what its manual says, for this pod. */
final class AgentFile {
    /** Kubernetes' default of terminationGracePeriodSeconds, and what is left of it to end in. */
    private static final long GRACE_SECONDS = 30;

    private static final long LEFT_SECONDS = 5;
    private static final long MAX_DRAIN_SECONDS = 3_600;
    private static final YAMLMapper YAML =
            YAMLMapper.builder()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .disable(YAMLGenerator.Feature.SPLIT_LINES)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .build();

    private final PodView pod;
    private final PodOptions options;
    private final InjectionSettings settings;
    private final Probes probes;

    AgentFile(PodView pod, PodOptions options, InjectionSettings settings, Probes probes) {
        this.pod = pod;
        this.options = options;
        this.settings = settings;
        this.probes = probes;
    }

    /** YAML; the same pod gives the same text. */
    String text() {
        ObjectNode file = JsonNodeFactory.instance.objectNode();
        file.put("trustDomain", settings.trustDomain().name());
        file.putObject("ca").put("address", settings.caAddress());
        file.putObject("bootstrap")
                .put("file", Names.TRUST_MOUNT + "/" + settings.trustKey())
                .put("tokenFile", Names.TOKEN_MOUNT + "/" + Names.TOKEN_FILE);
        file.putObject("state").put("directory", Names.STATE_MOUNT + "/state");
        switch (options.mode()) {
            case REDIRECT -> redirect(file);
            case EXPLICIT -> listeners(file);
        }
        file.putObject("ops").put("listen", "0.0.0.0:" + Names.OPS_PORT);
        file.putObject("proxy").put("drain", drainSeconds() + "s");
        if (endsWithOthers()) {
            file.putObject("lifecycle").put("exitWith", "others");
        }
        probes(file);
        file.putObject("log").put("level", options.logLevel());
        return yaml(file);
    }

    /** A pod that ends by itself waits for every ordinary container: so the agent looks at the others. */
    boolean endsWithOthers() {
        return !options.nativeSidecar()
                && !pod.spec().path("restartPolicy").asText("Always").equals("Always");
    }

    private void redirect(ObjectNode file) {
        file.put("mode", "redirect");
        ObjectNode redirect = JsonNodeFactory.instance.objectNode();
        if (!options.protocol().isEmpty()) {
            redirect.put("protocol", options.protocol());
        }
        if (!options.ports().isEmpty()) {
            ArrayNode ports = redirect.putArray("ports");
            new TreeMap<>(options.ports())
                    .forEach((port, protocol) ->
                            ports.addObject().put("port", port).put("protocol", protocol));
        }
        if (!options.unlisted().isEmpty()) {
            redirect.putObject("egress").put("unlisted", options.unlisted());
        }
        if (!redirect.isEmpty()) {
            file.set("redirect", redirect);
        }
    }

    private void listeners(ObjectNode file) {
        if (options.inbound().isEmpty() && options.outbound().isEmpty()) {
            return;
        }
        ObjectNode listeners = file.putObject("listeners");
        if (!options.inbound().isEmpty()) {
            ArrayNode inbound = listeners.putArray("inbound");
            options.inbound()
                    .forEach(one ->
                            inbound.addObject()
                                    .put("listen", "0.0.0.0:" + one.listen())
                                    .put("target", "127.0.0.1:" + one.target())
                                    .put("protocol", one.protocol()));
        }
        if (!options.outbound().isEmpty()) {
            ArrayNode outbound = listeners.putArray("outbound");
            options.outbound()
                    .forEach(one ->
                            outbound.addObject()
                                    .put("listen", "127.0.0.1:" + one.listen())
                                    .put("target", one.target())
                                    .put("protocol", one.protocol())
                                    .put("peer", one.peer()));
        }
    }

    private void probes(ObjectNode file) {
        if (probes.rewritten().isEmpty()) {
            return;
        }
        ObjectNode section = file.putObject("probes").put("listen", "0.0.0.0:" + Names.PROBE_PORT);
        ArrayNode checks = section.putArray("checks");
        probes.rewritten().forEach(one -> checks.add(one.check()));
    }

    private long drainSeconds() {
        long grace = pod.spec().path("terminationGracePeriodSeconds").asLong(GRACE_SECONDS);
        return Math.clamp(grace - LEFT_SECONDS, 1, MAX_DRAIN_SECONDS);
    }

    private static String yaml(ObjectNode file) {
        try {
            return YAML.writeValueAsString(file);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible); // a tree prints
        }
    }
}
