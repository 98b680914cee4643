package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What the agent's container mounts; every kind is allowed by the restricted Pod Security Standard. */
final class SidecarVolumes {
    private SidecarVolumes() {}

    static List<ObjectNode> of(InjectionSettings settings) {
        ObjectNode config = volume(Names.CONFIG_VOLUME);
        config.putObject("downwardAPI")
                .putArray("items")
                .addObject()
                .put("path", Names.CONFIG_FILE)
                .putObject("fieldRef")
                .put("fieldPath", "metadata.annotations['" + Names.AGENT_CONFIG + "']");
        ObjectNode trust = volume(Names.TRUST_VOLUME);
        trust.putObject("configMap").put("name", settings.trustConfigMap());
        ObjectNode token = volume(Names.TOKEN_VOLUME);
        token.putObject("projected")
                .putArray("sources")
                .addObject()
                .putObject("serviceAccountToken")
                .put("audience", settings.audience())
                .put("expirationSeconds", settings.tokenLife().toSeconds())
                .put("path", Names.TOKEN_FILE);
        // Keys are kept in memory: never on the node's disk.
        ObjectNode state = volume(Names.STATE_VOLUME);
        state.putObject("emptyDir").put("medium", "Memory").put("sizeLimit", "64Mi");
        ObjectNode temporary = volume(Names.TMP_VOLUME);
        temporary.putObject("emptyDir").put("sizeLimit", "64Mi");
        return List.of(config, trust, token, state, temporary);
    }

    private static ObjectNode volume(String name) {
        return JsonNodeFactory.instance.objectNode().put("name", name);
    }
}
