package dev.countersign.server.cli.policy;

import dev.countersign.edges.EdgeExport;
import dev.countersign.policy.MeshSettings;
import dev.countersign.server.cli.AdminConnection;
import dev.countersign.server.cli.CommandFailed;
import dev.countersign.wire.MalformedMessage;
import dev.countersign.wire.PolicyCodec;
import dev.countersign.wire.v1.ExportPoliciesRequest;
import picocli.CommandLine.Option;

/** Mix-in: what policies are read against: the server's settings, or as given. */
final class MeshInput {
    @Option(
            names = "--trust-domain",
            paramLabel = "NAME",
            description =
                    "With --edges: the mesh's trust domain (default: that of the destinations).")
    private String trustDomain = "";

    @Option(
            names = "--root-namespace",
            paramLabel = "NAME",
            description =
                    "With --edges: whose policies apply everywhere (default: countersign-system;"
                            + " istio-system with --istio).")
    private String rootNamespace = "";

    @Option(
            names = "--istio",
            description =
                    "With --edges: read policies of security.istio.io as Istio does, and allow where"
                            + " no policy applies.")
    private boolean istio;

    MeshSettings read(EdgeInput edges, EdgeExport export, AdminConnection admin) {
        return edges.fromFile() ? given(export) : ask(admin);
    }

    private MeshSettings given(EdgeExport export) {
        String domain = trustDomain.isEmpty() ? ofDestinations(export) : trustDomain;
        String root =
                !rootNamespace.isEmpty()
                        ? rootNamespace
                        : istio ? "istio-system" : "countersign-system";
        return istio ? MeshSettings.istio(root, domain) : MeshSettings.countersign(root, domain);
    }

    private static String ofDestinations(EdgeExport export) {
        String found = EdgesFile.trustDomain(export);
        return found.isEmpty() ? "cluster.local" : found;
    }

    private static MeshSettings ask(AdminConnection admin) {
        try {
            return PolicyCodec.decode(
                    admin.call(stub ->
                                    stub.exportPolicies(ExportPoliciesRequest.getDefaultInstance())
                                            .next())
                            .getMesh());
        } catch (MalformedMessage e) {
            throw new CommandFailed(
                    "the server's settings cannot be read by this version: " + e.getMessage(), e);
        }
    }
}
