package dev.countersign.server.cli.policy;

import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.authentication.MtlsMode;
import picocli.CommandLine.Option;

/** Mix-in: the mesh that policy files are read for. */
final class MeshOptions {

    @Option(
            names = "--trust-domain",
            paramLabel = "NAME",
            description =
                    "Of policy files: the mesh's trust domain (default: that of recorded traffic"
                            + " where it is given, else cluster.local).")
    private String trustDomain = "";

    @Option(
            names = "--root-namespace",
            paramLabel = "NAME",
            description =
                    "Of policy files: whose policies apply everywhere (default:"
                            + " countersign-system; istio-system with --istio).")
    private String rootNamespace = "";

    @Option(
            names = "--istio",
            description =
                    "Of policy files: read policies of security.istio.io as Istio does, and allow"
                            + " where no policy applies.")
    private boolean istio;

    /** What a port takes of which no PeerAuthentication speaks: our sidecars insist on mTLS. */
    MtlsMode unnamedPorts() {
        return istio ? MtlsMode.PERMISSIVE : MtlsMode.STRICT;
    }

    MeshSettings settings() {
        return settings(EdgesFile.NONE);
    }

    /** As the traffic has it, where nobody says otherwise. */
    MeshSettings settings(EdgesFile traffic) {
        String domain =
                !trustDomain.isEmpty()
                        ? trustDomain
                        : traffic.trustDomain().isEmpty() ? "cluster.local" : traffic.trustDomain();
        String root =
                !rootNamespace.isEmpty()
                        ? rootNamespace
                        : istio ? "istio-system" : "countersign-system";
        return istio ? MeshSettings.istio(root, domain) : MeshSettings.countersign(root, domain);
    }
}
