package dev.countersign.server.admission.injection;

/** Names in a pod: what people write, and what is put there. */
public final class Names {
    /** On a pod (annotation, then label) and on a namespace (label): {@code true} or {@code false}. */
    public static final String INJECT = "countersign.dev/inject";

    /** On a pod that has been injected: by which version. */
    public static final String INJECTED = "countersign.dev/injected";

    /** On a pod that has been injected: what was put there, in JSON. */
    public static final String STATUS = "countersign.dev/status";

    /** On a pod that has been injected: the agent's configuration. */
    public static final String AGENT_CONFIG = "countersign.dev/agent-config";

    static final String MODE = "countersign.dev/mode";
    static final String NATIVE = "countersign.dev/native-sidecar";
    static final String PORTS = "countersign.dev/ports";
    static final String PROTOCOL = "countersign.dev/protocol";
    static final String INBOUND = "countersign.dev/inbound";
    static final String OUTBOUND = "countersign.dev/outbound";
    static final String REWRITE_PROBES = "countersign.dev/rewrite-probes";
    static final String EXCLUDE_INBOUND = "countersign.dev/exclude-inbound-ports";
    static final String EXCLUDE_OUTBOUND = "countersign.dev/exclude-outbound-ports";
    static final String EXCLUDE_NETWORKS = "countersign.dev/exclude-networks";
    static final String UNLISTED = "countersign.dev/egress-unlisted";
    static final String LOG_LEVEL = "countersign.dev/log-level";
    static final String CPU_REQUEST = "countersign.dev/cpu-request";
    static final String CPU_LIMIT = "countersign.dev/cpu-limit";
    static final String MEMORY_REQUEST = "countersign.dev/memory-request";
    static final String MEMORY_LIMIT = "countersign.dev/memory-limit";

    /** The agent's container, and the one that lays the redirect rules. */
    public static final String AGENT = "countersign-agent";

    public static final String REDIRECT = "countersign-redirect";

    static final String CONFIG_VOLUME = "countersign-config";
    static final String TRUST_VOLUME = "countersign-trust";
    static final String TOKEN_VOLUME = "countersign-token";
    static final String STATE_VOLUME = "countersign-state";
    static final String TMP_VOLUME = "countersign-tmp";

    static final String CONFIG_MOUNT = "/etc/countersign/config";
    static final String CONFIG_FILE = "agent.yaml";
    static final String TRUST_MOUNT = "/etc/countersign/trust";
    static final String TOKEN_MOUNT = "/var/run/secrets/countersign";
    static final String TOKEN_FILE = "token";
    static final String STATE_MOUNT = "/run/countersign";
    static final String TMP_MOUNT = "/tmp";

    static final int OPS_PORT = 15_020;
    static final int PROBE_PORT = 15_021;

    private Names() {}
}
