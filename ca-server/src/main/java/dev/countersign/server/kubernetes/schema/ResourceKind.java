package dev.countersign.server.kubernetes.schema;

import java.util.List;

/** The custom resources there are. */
public enum ResourceKind {
    AUTHORIZATION_POLICY("AuthorizationPolicy", "authorizationpolicies", "csap", true),
    PEER_AUTHENTICATION("PeerAuthentication", "peerauthentications", "cspa", true),
    REQUEST_AUTHENTICATION("RequestAuthentication", "requestauthentications", "csra", true),
    MESH_SETTINGS("MeshSettings", "meshsettings", "csms", false),
    TRUST_ROOT("TrustRoot", "trustroots", "cstr", false),
    REVOCATION("Revocation", "revocations", "csrev", true);

    public static final String GROUP = "countersign.dev";
    public static final String VERSION = "v1";

    /** The name of those of which there is one: the mesh's. */
    public static final String MESH = "mesh";

    private final String kind;
    private final String plural;
    private final String shortName;
    private final boolean namespaced;

    ResourceKind(String kind, String plural, String shortName, boolean namespaced) {
        this.kind = kind;
        this.plural = plural;
        this.shortName = shortName;
        this.namespaced = namespaced;
    }

    /** As it stands in {@code kind}. */
    public String kind() {
        return kind;
    }

    public String plural() {
        return plural;
    }

    public String shortName() {
        return shortName;
    }

    public boolean isNamespaced() {
        return namespaced;
    }

    /** The definition's name, {@code plural.group}. */
    public String definition() {
        return plural + "." + GROUP;
    }

    Schema schema() {
        return switch (this) {
            case AUTHORIZATION_POLICY -> AuthorizationPolicySchema.root();
            case PEER_AUTHENTICATION -> AuthenticationSchemas.peers();
            case REQUEST_AUTHENTICATION -> AuthenticationSchemas.requests();
            case MESH_SETTINGS -> MeshSchemas.settings();
            case TRUST_ROOT -> TrustSchemas.root();
            case REVOCATION -> TrustSchemas.revocation();
        };
    }

    List<Column> columns() {
        Column accepted = Column.condition("Accepted", "Accepted", "status");
        Column reason =
                Column.wideText("Reason", ".status.conditions[?(@.type==\"Accepted\")].reason");
        Column enforced = Column.text("Enforced", ".status.enforced");
        return switch (this) {
            case AUTHORIZATION_POLICY ->
                    List.of(
                            Column.text("Action", ".spec.action"),
                            Column.text("Mode", ".spec.mode"),
                            accepted,
                            enforced,
                            reason,
                            Column.age());
            case PEER_AUTHENTICATION ->
                    List.of(
                            Column.text("Mode", ".spec.mtls.mode"),
                            accepted,
                            enforced,
                            reason,
                            Column.age());
            case REQUEST_AUTHENTICATION -> List.of(accepted, enforced, reason, Column.age());
            case MESH_SETTINGS ->
                    List.of(
                            Column.text("Default", ".spec.defaultAction"),
                            accepted,
                            reason,
                            Column.age());
            case TRUST_ROOT ->
                    List.of(
                            Column.text("Phase", ".status.phase"),
                            Column.number("Epoch", ".status.epoch"),
                            Column.text("Waiting", ".status.waitingFor"),
                            accepted,
                            Column.wideText("Signing", ".status.signingRoot"),
                            reason,
                            Column.age());
            case REVOCATION ->
                    List.of(
                            Column.text("Target", ".status.target"),
                            Column.number("Entries", ".status.entries"),
                            Column.text("Until", ".status.until"),
                            accepted,
                            reason,
                            Column.age());
        };
    }
}
