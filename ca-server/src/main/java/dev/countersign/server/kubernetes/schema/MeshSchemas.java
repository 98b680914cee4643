package dev.countersign.server.kubernetes.schema;

/** What holds for the mesh. */
final class MeshSchemas {
    private MeshSchemas() {}

    static Schema settings() {
        Schema spec =
                Schema.object("A field that is missing is as the server's configuration has it.")
                        .field(
                                "trustDomainAliases",
                                Schema.list(
                                                "Further names under which workloads are known.",
                                                Schema.text("A trust domain.")
                                                        .longest(255)
                                                        .pattern("^[-a-z0-9._]+$"))
                                        .mostItems(16))
                        .field(
                                "defaultAction",
                                Schema.text("Where no ALLOW policy applies.")
                                        .values("ALLOW", "DENY"))
                        .field(
                                "pathNormalization",
                                Schema.text("Before paths are matched and forwarded.")
                                        .values(
                                                "NONE",
                                                "BASE",
                                                "MERGE_SLASHES",
                                                "DECODE_AND_MERGE_SLASHES"))
                        .field(
                                "multipleCustomProviders",
                                Schema.bool("Whether one workload may ask several."))
                        .field(
                                "onPeerCertificateExpiry",
                                Schema.text("Of a connection that outlives its peer's certificate.")
                                        .values("KEEP", "DRAIN", "CLOSE"))
                        .field(
                                "maxStale",
                                Parts.duration("Policies that are older deny: 1s to 30d."));
        return Parts.document("How every policy of the mesh is read.", spec, Parts.status())
                .rule(
                        "self.metadata.name == '" + ResourceKind.MESH + "'",
                        "the one MeshSettings is called " + ResourceKind.MESH);
    }
}
